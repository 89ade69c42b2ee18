"""Payment intents at Stripe: found by its id or by ours, created, captured, cancelled, refunded."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from stripe import Charge, Dispute, PaymentIntent, Refund, StripeClient

from domains.kernel.clock import Clock
from domains.payment.providers.requests import PaymentReference
from gateway.providers.stripe.client import answered, is_replayed
from gateway.providers.stripe.errors import KeyReused, Refused
from gateway.providers.stripe.records import IntentRecord, reference_of, time_of

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PaymentIntentListParamsCreated, RefundCreateParams

EXPANDED: Final = ["latest_charge.balance_transaction", "latest_charge.refunds", "payment_method"]
PAGE: Final = 100  # the most that Stripe lists at once
# An intent is created when our id is, give or take the difference of clocks, or later when a request was resumed, or
# when the id was closed.
SKEW: Final = timedelta(minutes=10)
SOON: Final = timedelta(hours=1)
MAX_LISTED: Final = 3_000
MISSING: Final = "resource_missing"


class Intents:
    """The payment intents of an account."""

    def __init__(self, client: StripeClient, clock: Clock) -> None:
        self._api = client.v1
        self._clock = clock

    async def find(self, payment: PaymentReference) -> IntentRecord | None:
        """The intent by Stripe's id where it is known, else by ours. An intent of another payment is none."""
        if payment.provider_id is None:
            return await self.find_by_reference(payment.reference)
        record = await self.find_by_id(payment.provider_id)
        return record if record and reference_of(record.intent) == payment.reference else None

    async def find_by_id(self, intent_id: str) -> IntentRecord | None:
        """The intent with Stripe's id."""
        try:
            with answered():
                intent = await self._api.payment_intents.retrieve_async(intent_id, {"expand": EXPANDED})
        except Refused as refused:
            if refused.code == MISSING:
                return None
            raise
        return await self._record(intent)

    async def find_by_reference(self, reference: UUID) -> IntentRecord | None:
        """The intent with our id in its metadata: first among those of the hour of our id, then among later ones.

        Stripe's search would be one request, but finds an intent only a minute after it was created.
        """
        began = created_at(reference)
        intent_id = await self._find_between(reference, began - SKEW, began + SOON)
        if intent_id is None and self._clock.now() > began + SOON:
            intent_id = await self._find_between(reference, began + SOON, None)
        return None if intent_id is None else await self.find_by_id(intent_id)

    async def create(self, params: "PaymentIntentCreateParams", reference: UUID) -> IntentRecord:
        """Create an intent under our id, once. Raises Refused, and KeyReused when the id has another one."""
        with answered():
            intent = await self._api.payment_intents.create_async(
                {**params, "expand": EXPANDED}, {"idempotency_key": str(reference)}
            )
        return await self._present(intent)

    async def capture(self, record: IntentRecord, units: int) -> IntentRecord:
        """Capture an intent once, whatever the amount. Raises Refused and KeyReused."""
        with answered():
            intent = await self._api.payment_intents.capture_async(
                record.intent.id,
                {"amount_to_capture": units, "expand": EXPANDED},
                {"idempotency_key": f"{record.intent.id}-capture"},
            )
        return await self._present(intent)

    async def cancel(
        self, record: IntentRecord, reason: Literal["abandoned", "requested_by_customer"]
    ) -> IntentRecord:
        """Cancel an intent. One that changed in the meantime is only looked up."""
        try:
            with answered():
                intent = await self._api.payment_intents.cancel_async(
                    record.intent.id,
                    {"cancellation_reason": reason, "expand": EXPANDED},
                )
        except (Refused, KeyReused):
            return await self.again(record)
        return await self._present(intent)

    async def refund(self, params: "RefundCreateParams", key: str) -> Refund:
        """Refund an intent, once for each key. Raises Refused and KeyReused."""
        with answered():
            refund = await self._api.refunds.create_async(params, {"idempotency_key": key})
            return await self._api.refunds.retrieve_async(refund.id) if is_replayed(refund) else refund

    async def again(self, record: IntentRecord) -> IntentRecord:
        """The intent as it is now."""
        found = await self.find_by_id(record.intent.id)
        if found is None:
            raise ConnectionError("Stripe does not show a payment that it had.")
        return found

    async def _present(self, intent: PaymentIntent) -> IntentRecord:
        """The record of an answer. A stored answer shows the intent as it was: it is looked up."""
        if is_replayed(intent):
            with answered():
                intent = await self._api.payment_intents.retrieve_async(intent.id, {"expand": EXPANDED})
        return await self._record(intent)

    async def _record(self, intent: PaymentIntent) -> IntentRecord:
        charge = intent.latest_charge
        if not isinstance(charge, Charge):
            return IntentRecord.of(intent, None, (), ())
        return IntentRecord.of(intent, charge, await self._refunds(charge), await self._disputes(intent, charge))

    async def _refunds(self, charge: Charge) -> Sequence[Refund]:
        """The refunds of a charge, latest first: it shows ten of them."""
        shown = charge.refunds
        if shown is not None and not shown.has_more:
            return shown.data
        with answered():
            listed = await self._api.refunds.list_async({"charge": charge.id, "limit": PAGE})
            return [refund async for refund in listed.auto_paging_iter()]

    async def _disputes(self, intent: PaymentIntent, charge: Charge) -> Sequence[Dispute]:
        if not charge.disputed:
            return ()
        with answered():
            listed = await self._api.disputes.list_async({"payment_intent": intent.id, "limit": PAGE})
            return [dispute async for dispute in listed.auto_paging_iter()]

    async def _find_between(self, reference: UUID, since: datetime, until: datetime | None) -> str | None:
        created: PaymentIntentListParamsCreated = {"gte": int(since.timestamp())}
        if until is not None:
            created["lte"] = int(until.timestamp()) + 1
        with answered():
            listed = await self._api.payment_intents.list_async({"created": created, "limit": PAGE})
            seen = 0
            async for intent in listed.auto_paging_iter():
                if reference_of(intent) == reference:
                    return intent.id
                seen += 1
                if seen >= MAX_LISTED:
                    raise ConnectionError(f"Stripe has too many payments since {since} to find one by our id.")
        return None


def created_at(reference: UUID) -> datetime:
    """The time of an id of ours, a UUIDv7."""
    return time_of((reference.int >> 80) // 1_000)
