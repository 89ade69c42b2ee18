"""The MOCK payment provider: its answer depends on the test card, and its records are stored in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod, NextActionType, RefundStatus
from domains.payment.providers.declines import NOT_CAPTURABLE, NOT_REFUNDABLE, REFUND_TOO_LARGE
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    PaymentInstrument,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import (
    KeptMethod,
    MethodSetup,
    NextAction,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    WebhookEvent,
)
from gateway.providers.mock import declines, sql
from gateway.providers.mock.records import AUTHORIZATION_TIME, PAGE, STATUSES, method_of, payment_of
from gateway.providers.mock.webhooks import HEADER, event_of, read_event
from gateway.providers.webhook_signature import header_of, sign, verify

MAX_EVENTS: Final = 1_000
SETUP_PREFIX: Final = "mock_seti_"


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored result of an authorization: a status, with the code of a decline or a next action."""

    status: str
    code: str | None = None


class MockPayments:
    """A provider without a bank. It uses connections of its own, never the caller's transaction.

    It stores nothing of a card. `TIMES_OUT_CHARGED` charges and does not answer, `TIMES_OUT_UNCHARGED` does
    neither; `find` distinguishes them. `AUTHENTICATES` and a hosted checkout wait for `complete_action`. An
    authorization that is not captured within AUTHORIZATION_TIME is void.
    """

    name = "MOCK"
    accepts_cards = True

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, webhook_secret: Secret) -> None:
        self._pool = pool
        self._clock = clock
        self._webhook_secret = webhook_secret

    def takes(self, amount: Money) -> bool:  # noqa: ARG002 - any amount
        """True: any amount."""
        return True

    async def authorize(self, request: AuthorizationRequest) -> ProviderPayment:
        """Approve, decline, require an action or time out, by the card; idempotent by the reference."""
        card = await self._card_of(request.instrument)
        if card == declines.TIMES_OUT_UNCHARGED:
            raise TimeoutError
        answer = _answer(card, request)
        (row,) = await self._pool.fetch(
            sql.AUTHORIZE,
            request.reference,
            _transaction_id(),
            answer.status,
            request.amount.amount,
            request.amount.currency,
            answer.code,
            request.capture_method.value,
            request.keep_method_for.reference if request.keep_method_for else None,
            self._clock.now(),
        )
        if card == declines.TIMES_OUT_CHARGED:
            raise TimeoutError
        return await self._payment(row)

    async def confirm(self, payment: PaymentReference) -> ProviderPayment:
        """The stored payment: the MOCK provider carries a payment out when its buyer approves it."""
        return await self.find(payment) or ProviderPayment(ProviderStatus.FAILED, decline=declines.UNKNOWN)

    async def capture(self, payment: PaymentReference, amount: Money) -> ProviderPayment:
        """Capture at most what is authorized, in its currency; the rest is released. CANCELLED after its time."""
        requested = (payment.reference, amount.amount, amount.currency)
        row = await self._pool.fetchrow(sql.CAPTURE, *requested, self._clock.now(), AUTHORIZATION_TIME)
        if row is None:
            return ProviderPayment(ProviderStatus.FAILED, decline=NOT_CAPTURABLE)
        present = await self._payment(row)
        if present.status in {ProviderStatus.SUCCEEDED, ProviderStatus.CANCELLED}:
            return present
        return ProviderPayment(ProviderStatus.FAILED, present.provider_id, decline=NOT_CAPTURABLE)

    async def cancel(self, payment: PaymentReference) -> ProviderPayment:
        """Cancel a payment and return what is left of it, or ensure that it never takes money."""
        provider_id = payment.provider_id or _transaction_id()
        (row,) = await self._pool.fetch(sql.CANCEL, payment.reference, provider_id, self._clock.now())
        return await self._payment(row)

    async def find(self, payment: PaymentReference) -> ProviderPayment | None:
        """The stored payment."""
        row = await self._pool.fetchrow(sql.FIND, payment.reference)
        return await self._payment(row) if row else None

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refund at most what was captured, all refunds together; nothing after a dispute."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            charge = await connection.fetchrow(sql.LOCK, request.payment.reference)
            if charge is None or charge["status"] != "APPROVED" or charge["currency"] != request.amount.currency:
                return ProviderRefund(RefundStatus.FAILED, decline=NOT_REFUNDABLE)
            given = (charge["transaction_id"], request.amount.amount, charge["refundable"], now)
            status = await connection.fetchval(sql.REFUND, request.reference, *given)
            await connection.execute(sql.TOUCH, request.payment.reference, now)
        if status == "DECLINED":
            return ProviderRefund(RefundStatus.FAILED, decline=REFUND_TOO_LARGE)
        return ProviderRefund(RefundStatus.SUCCEEDED, f"mock_re_{request.reference.hex}")

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        """Begin to save the approving test card; the customer approves it on the provider's page."""
        del return_url  # the page shows the outcome itself
        await self._pool.fetchrow(sql.KEEP_METHOD, reference, _token(), customer.reference, False)
        return await self.finish_setup(setup_id(reference))

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        """The saved method, or the page where the customer approves it."""
        reference = _reference(provider_id)
        row = await self._pool.fetchrow(sql.FIND_METHOD, reference) if reference else None
        if row is None:
            return MethodSetup(ProviderStatus.FAILED, provider_id, decline=declines.UNKNOWN)
        if row["is_saved"]:
            return MethodSetup(ProviderStatus.SUCCEEDED, provider_id, method_of(row))
        action = NextAction(NextActionType.REDIRECT, f"{PAGE}/methods/{row['reference']}")
        return MethodSetup(ProviderStatus.REQUIRES_ACTION, provider_id, next_action=action)

    async def forget_method(self, token: Secret) -> None:
        """Refuse payments with the token from now on."""
        await self._pool.execute(sql.FORGET_METHOD, token.reveal())

    async def events_since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """The payments that changed since, each by the event of its present status."""
        rows = await self._pool.fetch(sql.CHANGED_SINCE, moment, MAX_EVENTS)
        return [read_event(_event(row)) for row in rows]

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """Verify the header Mock-Signature over the raw body, and read the event."""
        verify(header_of(headers, HEADER), body, self._webhook_secret, self._clock.now())
        return read_event(body)

    # ---- actions of the buyer and the provider

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> ProviderPayment | None:
        """Complete a payment's next action as its buyer; the payment after it, None when there is none.

        A payment without a pending action does not change.
        """
        row = await self._pool.fetchrow(sql.COMPLETE_ACTION, reference, succeeds, self._clock.now())
        return await self._payment(row) if row else None

    async def complete_setup(self, reference: UUID) -> None:
        """Approve the saving of a payment method, as its customer."""
        await self._pool.execute(sql.SAVE_METHOD, reference)

    async def dispute(self, reference: UUID) -> None:
        """Take back what is left of the captured amount of a payment, as the buyer's bank does after a dispute."""
        await self._pool.execute(sql.DISPUTE, reference, self._clock.now())

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the signed webhook about a payment as it is now. Raises LookupError."""
        row = await self._pool.fetchrow(sql.FIND, reference)
        if row is None:
            raise LookupError(f"There is no payment {reference} at the MOCK provider.")
        body = _event(row)
        return body, {HEADER: sign(body, self._webhook_secret, self._clock.now())}

    async def _payment(self, row: asyncpg.Record) -> ProviderPayment:
        """The payment of a charge; one that was made just now has no refunds. An authorization ends in time."""
        refunds, method = [], None
        if row["status"] == "AUTHORIZED" and row["authorized_at"] + AUTHORIZATION_TIME <= self._clock.now():
            await self._pool.execute(sql.EXPIRE, row["reference"], self._clock.now(), AUTHORIZATION_TIME)
            (row,) = await self._pool.fetch(sql.FIND, row["reference"])
        if row["captured_amount"] is not None:
            refunds = [] if row["is_new"] else await self._pool.fetch(sql.REFUNDS, row["transaction_id"])
            method = await self._kept(row) if row["kept_for"] and row["status"] == "APPROVED" else None
        return payment_of(row, refunds, method)

    async def _kept(self, row: asyncpg.Record) -> KeptMethod | None:
        kept = await self._pool.fetchrow(sql.KEEP_METHOD, row["reference"], _token(), row["kept_for"], True)
        return method_of(kept) if kept else None

    async def _card_of(self, instrument: PaymentInstrument) -> str | None:
        """The test card behind an instrument; None for one that is chosen on the provider's page."""
        if isinstance(instrument, CardDetails):
            return instrument.number.reveal()
        if isinstance(instrument, HostedCheckout):
            return None
        token = instrument.token.reveal()
        if token in declines.TOKENS:
            return declines.TOKENS[token]
        is_kept = instrument.customer is not None and await self._pool.fetchval(sql.IS_KEPT, token)
        return declines.APPROVES if is_kept else ""


def _answer(card: str | None, request: AuthorizationRequest) -> Answer:
    if card is None:
        return Answer("REQUIRES_ACTION", NextActionType.REDIRECT.value)
    if card == declines.AUTHENTICATES:
        return Answer("REQUIRES_ACTION", NextActionType.THREE_D_SECURE.value)
    if card == declines.TIMES_OUT_CHARGED or card.startswith(declines.APPROVES_ALL):
        return Answer("AUTHORIZED" if request.capture_method is CaptureMethod.MANUAL else "APPROVED")
    return Answer("DECLINED", declines.CODES.get(card, "TEST_CARD_REQUIRED"))


def _event(row: asyncpg.Record) -> bytes:
    return event_of(row["reference"], row["transaction_id"], STATUSES[row["status"]], row["updated_at"])


def _transaction_id() -> str:
    return f"mock_ch_{new_id().hex}"


def _token() -> str:
    return f"mock_pm_{new_id().hex}"


def setup_id(reference: UUID) -> str:
    """The provider's id of the setup that was begun with this reference."""
    return f"{SETUP_PREFIX}{reference.hex}"


def _reference(provider_id: str) -> UUID | None:
    try:
        return UUID(provider_id.removeprefix(SETUP_PREFIX))
    except ValueError:
        return None
