"""The payments of a company's account at Stripe, behind the port of payment providers."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from stripe import StripeClient

from domains.kernel.clock import Clock
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.declines import (
    NOT_CAPTURABLE,
    NOT_REFUNDABLE,
    REFUND_TOO_LARGE,
    decline,
)
from domains.payment.providers.requests import (
    AuthorizationRequest,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import (
    Decline,
    MethodSetup,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    WebhookEvent,
)
from gateway.providers.stripe.amounts import PLACES, AmountNotTaken, to_units
from gateway.providers.stripe.authorizations import customer_of, intent_params
from gateway.providers.stripe.client import answered
from gateway.providers.stripe.declines import decline_of_refusal
from gateway.providers.stripe.errors import KeyReused, Refused
from gateway.providers.stripe.intents import PAGE, Intents, created_at
from gateway.providers.stripe.methods import Methods
from gateway.providers.stripe.provider import NAME
from gateway.providers.stripe.records import ABANDONED, CANCELLATION, REFERENCE, REQUESTED, IntentRecord
from gateway.providers.stripe.snapshots import payment_of, refund_of
from gateway.providers.stripe.webhooks import HEADER, TYPES, event_of, read_event
from gateway.providers.webhook_signature import header_of, verify

# Stripe forgets an idempotency key after a day at the earliest. A request under an older id is looked up first.
KEYS_LAST: Final = timedelta(hours=12)
MAX_EVENTS: Final = 1_000
AMOUNT_CODES: Final = frozenset({"amount_too_large", "amount_too_small", "invalid_charge_amount"})
CLOSING_AMOUNT: Final = Money(Decimal(1), "USD")  # of a payment that is closed without an amount; it is never paid
UNKNOWN: Final = decline(DeclineReason.PROVIDER_ERROR, "resource_missing")
CARDS: Final = decline(DeclineReason.METHOD_NOT_SUPPORTED, "card_details", "Enter the card in the form of Stripe.")


class StripePayments:
    """A company's account at Stripe. Payments carry our id in their metadata, and it is their idempotency key."""

    name = NAME
    accepts_cards = False

    def __init__(self, client: StripeClient, webhook_secret: Secret, clock: Clock) -> None:
        self._api = client.v1
        self._intents = Intents(client, clock)
        self._methods = Methods(client)
        self._webhook_secret = webhook_secret
        self._clock = clock

    def takes(self, amount: Money) -> bool:
        """Whether Stripe has a whole number of units for this amount."""
        try:
            to_units(amount)
        except AmountNotTaken:
            return False
        return True

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Create a payment intent, and confirm it where the request has a method. A card number is never sent."""
        if isinstance(request.instrument, CardDetails):
            return _failed(CARDS)
        try:
            to_units(request.amount)
        except AmountNotTaken as refused:
            return _failed(_not_taken(refused))
        record = await self._earlier(request.reference)
        if record is None:
            try:
                record = await self._created(request)
            except Refused as refused:
                record = await self._intents.find_by_id(refused.intent_id) if refused.intent_id else None
                if record is None:
                    return _failed(decline_of_refusal(refused))
        return await self._settled(record)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """Look the payment up: Stripe carries it out as soon as its buyer has approved it."""
        return await self.find(payment) or _failed(UNKNOWN)

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """Look the payment up. One that has failed is cancelled at Stripe, so that nobody can pay it afterwards."""
        record = await self._intents.find(payment)
        return None if record is None else await self._settled(record)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture at most the authorized amount; Stripe releases the rest."""
        record = await self._intents.find(payment)
        if record is None:
            return _failed(UNKNOWN)
        present = await self._settled(record)
        if present.status in (ProviderStatus.SUCCEEDED, ProviderStatus.CANCELLED, ProviderStatus.FAILED):
            return present
        held = present.amount
        if held is None or held.currency != amount.currency or not 0 < amount.amount <= held.amount:
            return _failed(NOT_CAPTURABLE, record)
        try:
            return payment_of(await self._intents.capture(record, to_units(amount)))
        except AmountNotTaken as refused:
            return _failed(_not_taken(refused), record)
        except (Refused, KeyReused):
            captured = payment_of(await self._intents.again(record))
            is_settled = captured.status in (ProviderStatus.SUCCEEDED, ProviderStatus.CANCELLED)
            return captured if is_settled else _failed(NOT_CAPTURABLE, record)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Cancel the intent, or refund what is left of it; a cancelled intent closes an unknown reference."""
        record = await self._intents.find(payment) or await self._closed(payment)
        if record is None:
            return ProviderPayment(ProviderStatus.CANCELLED)
        if record.is_open:
            record = await self._intents.cancel(record, REQUESTED)
        if record.intent.status != "succeeded" or record.is_cancelled:
            return payment_of(record)
        left = payment_of(record).left
        if not left:
            return _returned(record)
        try:
            await self._intents.refund(
                {
                    "payment_intent": record.intent.id,
                    "amount": to_units(Money(left, record.currency)),
                    "metadata": {CANCELLATION: str(payment.reference)},
                },
                f"{payment.reference}-cancellation-{len(record.refunds)}",
            )
        except (Refused, KeyReused):
            record = await self._intents.again(record)
            if payment_of(record).left:
                raise ConnectionError("Stripe does not return the payment now.") from None
            return _returned(record)
        return payment_of(await self._intents.again(record))

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund a part of what is left of the captured amount, once."""
        record = await self._intents.find(request.payment)
        if record is None:
            return ProviderRefund(RefundStatus.FAILED, decline=UNKNOWN)
        known = record.refund_of(request.reference)
        if known is not None:
            return refund_of(known)
        refusal = _refusal(record, request.amount)
        if refusal is not None:
            return ProviderRefund(RefundStatus.FAILED, decline=refusal)
        try:
            refund = await self._intents.refund(
                {
                    "payment_intent": record.intent.id,
                    "amount": to_units(request.amount),
                    "metadata": {REFERENCE: str(request.reference)},
                },
                str(request.reference),
            )
        except AmountNotTaken as refused:
            return ProviderRefund(RefundStatus.FAILED, decline=_not_taken(refused))
        except Refused as refused:
            return ProviderRefund(RefundStatus.FAILED, decline=decline_of_refusal(refused))
        except KeyReused:
            raise ConnectionError("Stripe has another refund under this id that it does not show yet.") from None
        return refund_of(refund)

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:  # noqa: ARG002 - Stripe.js has it
        """Begin to save a card with a setup intent, which Stripe.js confirms in the browser."""
        return await self._methods.begin(reference, customer)

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """Look the setup up: Stripe keeps the card as soon as its customer has confirmed it."""
        return await self._methods.finish(provider_id)

    async def forget_method(self, token: Secret) -> None:
        """Detach the payment method from its customer."""
        await self._methods.forget(token)

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """The oldest 1,000 events about payments from this time on; Stripe keeps them for 30 days."""
        oldest: deque[WebhookEvent] = deque(maxlen=MAX_EVENTS)  # Stripe lists the newest first
        with answered():
            listed = await self._api.events.list_async(
                {"created": {"gte": int(moment.timestamp())}, "types": list(TYPES), "limit": PAGE}
            )
            async for event in listed.auto_paging_iter():
                oldest.appendleft(event_of(event.to_dict()))
        return sorted(oldest, key=lambda event: event.occurred_at)

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify the header Stripe-Signature over the raw body, and read the event."""
        verify(header_of(headers, HEADER), body, self._webhook_secret, self._clock.now())
        return read_event(body)

    # ---- steps

    async def _earlier(self, reference: UUID) -> IntentRecord | None:
        """The intent of an earlier request, where Stripe may have forgotten the idempotency key."""
        if self._clock.now() - created_at(reference) < KEYS_LAST:
            return None
        return await self._intents.find_by_reference(reference)

    async def _created(self, request: AuthorizationRequest) -> IntentRecord:
        customer = customer_of(request)
        customer_id = await self._methods.customer_id(customer) if customer else None
        try:
            return await self._intents.create(intent_params(request, customer_id), request.reference)
        except KeyReused:
            return await self._shown(request.reference)

    async def _closed(self, payment: PaymentReference) -> IntentRecord | None:
        """A new intent under an unknown id, to be cancelled: an authorization that arrives later meets its key.

        None for an amount that Stripe refuses, then as well as now: nothing can arrive.
        """
        amount = payment.amount if payment.amount and payment.amount.currency in PLACES else CLOSING_AMOUNT
        try:
            return await self._intents.create(
                {
                    "amount": to_units(amount),
                    "currency": amount.currency.lower(),
                    "metadata": {REFERENCE: str(payment.reference)},
                },
                payment.reference,
            )
        except KeyReused:
            return await self._shown(payment.reference)
        except AmountNotTaken:
            return None
        except Refused as refused:
            if refused.code in AMOUNT_CODES:
                return None
            raise ConnectionError(f"Stripe cannot close a payment now: {refused.code}.") from None

    async def _shown(self, reference: UUID) -> IntentRecord:
        """The intent of another request with the same key."""
        record = await self._intents.find_by_reference(reference)
        if record is None:
            raise ConnectionError("Stripe has a payment under this id that it does not show yet.")
        return record

    async def _settled(self, record: IntentRecord) -> ProviderPayment:
        """The payment; one that failed is closed before that is said.

        Stripe gives the client secret to the buyer's browser, which could try another card with it.
        """
        if not record.is_stranded:
            return payment_of(record)
        closed = await self._intents.cancel(record, ABANDONED)
        return payment_of(record if closed.intent.status == "canceled" else closed)


def _failed(refusal: Decline, record: IntentRecord | None = None) -> ProviderPayment:
    return ProviderPayment(
        ProviderStatus.FAILED,
        record.intent.id if record else None,
        decline=refusal,
        transactions=payment_of(record).transactions if record else (),
    )


def _returned(record: IntentRecord) -> ProviderPayment:
    """The cancelled payment, of which nothing is left; refunds from the dashboard and disputes do not say so."""
    return replace(payment_of(record), status=ProviderStatus.CANCELLED, amount=None)


def _not_taken(refused: AmountNotTaken) -> Decline:
    return decline(DeclineReason.METHOD_NOT_SUPPORTED, "currency_not_supported", str(refused))


def _refusal(record: IntentRecord, amount: Money) -> Decline | None:
    """Why a refund is refused without asking Stripe."""
    left = record.refundable
    if record.is_cancelled or amount.currency != left.currency or not record.captured.amount:
        return NOT_REFUNDABLE
    return REFUND_TOO_LARGE if not 0 < amount.amount <= left.amount else None
