"""MOCK as the provider of interleavings."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.models import Payment
from domains.payment.providers.provider import ProviderAdapter
from domains.payment.providers.requests import (
    HostedCheckout,
    MethodToken,
    PaymentInstrument,
    PaymentReference,
    RefundRequest,
)
from gateway.providers.mock import declines
from tests.domains.order.payments.interleavings.bank import Held
from tests.domains.order.storefront import Storefront, card

INSTRUMENTS: Final[Mapping[str, PaymentInstrument]] = {
    "approving": card(),
    "declined": card(declines.DECLINES),
    "silent and charged": card(declines.TIMES_OUT_CHARGED),
    "silent": card(declines.TIMES_OUT_UNCHARGED),
    "authenticating": card(declines.AUTHENTICATES),
    "token": MethodToken(Secret("mock_pm_approves")),
    "hosted": HostedCheckout(),
}
BOOKS: Final = """
select m.status, m.captured_amount, m.disputed_at is not null as is_disputed,
  (select coalesce(sum(r.amount), 0) from mock_refunds r
    where r.transaction_id = m.transaction_id and r.status = 'APPROVED') as refunded
from mock_charges m where m.reference = $1
"""


@dataclass(slots=True)
class TickingClock(FixedClock):
    """A clock that is never asked twice at the same time: MOCK's events of one payment differ by their times."""

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


class MockBank:
    """MOCK keeps its books in the database."""

    name = "MOCK"
    adapters: Sequence[ProviderAdapter] = ()
    instruments = INSTRUMENTS

    def __init__(self, clock: FixedClock) -> None:
        self._clock = FixedClock(clock.at)

    def clock(self) -> FixedClock:
        self._clock.at += timedelta(days=20)  # after all that happened in the shops before
        return TickingClock(self._clock.at)

    async def open(self, shop: Storefront) -> None:
        self._shop = shop

    async def held(self, payment: Payment) -> Held:
        row: Any = await self._shop.owner.fetchrow(BOOKS, payment.id)
        if row is None or row["captured_amount"] is None:
            return Held()
        captured = row["captured_amount"]
        is_returned = row["status"] == "VOIDED" and not row["is_disputed"]
        returned = captured if is_returned else row["refunded"]
        return Held(1, captured, returned, captured - returned if row["is_disputed"] else Decimal(0))

    async def answer(self, payment: Payment, *, succeeds: bool) -> None:
        await self._shop.provider.complete_action(payment.id, succeeds=succeeds)

    async def refund(self, payment: Payment, amount: Decimal) -> None:
        reference = PaymentReference(payment.id, payment.provider_transaction_id)
        request = RefundRequest(new_id(), reference, Money(amount, payment.currency))
        await self._shop.provider.refund(request)

    async def dispute(self, payment: Payment) -> None:
        await self._shop.provider.dispute(payment.id)

    async def end_dispute(self, payment: Payment, *, is_won: bool) -> None:
        """MOCK has no end of a dispute."""

    async def webhook(self, payment: Payment, pick: int) -> tuple[bytes, dict[str, str]] | None:
        with suppress(LookupError):
            return await self._shop.provider.webhook(payment.id)
        return None

    def complaints(self) -> list[str]:
        return []

    def lose_answers(self, count: int) -> None:
        """Some of its cards do."""
