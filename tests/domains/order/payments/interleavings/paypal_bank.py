"""The fake PayPal as the provider of interleavings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Self

import orjson

from domains.kernel.clock import FixedClock
from domains.payment.models import Payment
from domains.payment.providers.provider import ProviderAdapter
from domains.payment.providers.requests import HostedCheckout, PaymentInstrument
from gateway.providers.paypal.provider import PayPalAdapter
from tests.domains.order.payments.interleavings.bank import Held, connect
from tests.domains.order.storefront import Storefront
from tests.gateway.providers.paypal.conftest import CREDENTIALS, PayPalTerminal
from tests.gateway.providers.paypal.fake_orders import Json, Refused, payments_of, value_of
from tests.gateway.providers.paypal.fake_paypal import CERTIFICATE, FakePayPal

START: Final = datetime(2030, 1, 1, 12, tzinfo=UTC)
INSTRUMENTS: Final[Mapping[str, PaymentInstrument]] = {
    "approving": PayPalTerminal.approving,
    "declined": PayPalTerminal.declining,
    "authenticating": PayPalTerminal.authenticating,
    "hosted": HostedCheckout(),
}


class PayPalBank:
    """PayPal, with one app that all shops have."""

    name = "PAYPAL"
    instruments = INSTRUMENTS

    def __init__(self, paypal: FakePayPal, clock: FixedClock) -> None:
        self._paypal = paypal
        self._clock = clock
        self.adapter = PayPalAdapter(clock, paypal.url)
        self.adapters: Sequence[ProviderAdapter] = (self.adapter,)

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Self]:
        clock = FixedClock(START)
        async with FakePayPal.started(clock) as paypal:
            bank = cls(paypal, clock)
            yield bank
            await bank.adapter.close()

    def clock(self) -> FixedClock:
        return self._clock

    async def open(self, shop: Storefront) -> None:
        self._paypal.reset(self._clock)
        await connect(shop, self.name, CREDENTIALS)

    async def held(self, payment: Payment) -> Held:
        captures = [each for order in self._orders(payment) for each in payments_of(order, "captures")]
        refunds = [each for order in self._orders(payment) for each in payments_of(order, "refunds")]
        captured = sum((value_of(each["amount"]) for each in captures), Decimal(0))
        refunded = sum((value_of(each["amount"]) for each in refunds), Decimal(0))
        is_disputed = any("status_details" in each for each in captures)
        return Held(len(captures), captured, refunded, captured - refunded if is_disputed else Decimal(0))

    async def answer(self, payment: Payment, *, succeeds: bool) -> None:
        for order in self._orders(payment):
            self._paypal.orders.approve(order["id"], succeeds=succeeds)

    async def refund(self, payment: Payment, amount: Decimal) -> None:
        for order in self._orders(payment):
            for capture in payments_of(order, "captures"):
                given = {
                    "amount": {"currency_code": payment.currency, "value": f"{amount:f}"},
                    "custom_id": "by-hand",
                }
                try:
                    self._paypal.orders.refund(capture["id"], given)
                except Refused:
                    return

    async def dispute(self, payment: Payment) -> None:
        for order in self._orders(payment):
            if payments_of(order, "captures"):
                self._paypal.orders.dispute(order["id"])

    async def end_dispute(self, payment: Payment, *, is_won: bool) -> None:
        """The fake tells of disputes that are lost."""

    async def webhook(self, payment: Payment, pick: int) -> tuple[bytes, dict[str, str]] | None:
        events = self._paypal.events
        if not events:
            return None
        body = orjson.dumps(events[-1 - pick % len(events)])
        url = f"{self._paypal.url}{CERTIFICATE}"
        return body, dict(self._paypal.signer.headers(body, url, self._clock.now()))

    def complaints(self) -> list[str]:
        return self._paypal.violations

    def lose_answers(self, count: int) -> None:
        self._paypal.lost = [502] * count

    def _orders(self, payment: Payment) -> list[Json]:
        found = self._paypal.orders.orders.values()
        return [each for each in found if each["purchase_units"][0]["custom_id"].startswith(str(payment.id))]
