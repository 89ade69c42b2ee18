"""Calls, buyers and lost answers in any order: nothing is taken twice, and what PayPal has is what we are told."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.payment.models import CaptureMethod, RefundStatus, TransactionStatus, TransactionType
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    PaymentInstrument,
    PaymentReference,
    RefundRequest,
)
from domains.payment.providers.results import ProviderStatus
from tests.domains.payment.provider_contract import PRICE, request
from tests.gateway.providers.paypal.conftest import PayPalTerminal
from tests.gateway.providers.paypal.fake_orders import Json, payments_of, value_of
from tests.gateway.providers.paypal.fake_paypal import FakePayPal

S = ProviderStatus
CALLS = ("authorize", "authorize", "confirm", "confirm", "capture", "cancel", "find", "refund", "approve", "reject")
TAKEN = {TransactionType.CHARGE: 1, TransactionType.CAPTURE: 1, TransactionType.REFUND: -1}


class Run:
    """One payment, and calls about it in a random order, some of them at once."""

    def __init__(self, terminal: PayPalTerminal, paypal: FakePayPal, seed: int) -> None:
        self.terminal, self.paypal = terminal, paypal
        self.random = random.Random(seed)  # noqa: S311
        instruments: list[PaymentInstrument] = [
            HostedCheckout(),
            terminal.approving,
            terminal.declining,
            terminal.authenticating,
        ]
        method = self.random.choice(list(CaptureMethod))
        self.asked: AuthorizationRequest = request(self.random.choice(instruments), method)
        self.provider_id: str | None = None
        self.refunds: dict[RefundRequest, RefundStatus] = {}
        self.is_cancelled = False

    @property
    def payment(self) -> PaymentReference:
        return PaymentReference(self.asked.reference, self.provider_id, PRICE)

    async def go(self) -> None:
        for _ in range(6):
            calls = self.random.choices(CALLS, k=self.random.choice((1, 1, 2, 3)))
            self.paypal.lost = [502] if self.random.random() < 0.15 else []
            await asyncio.gather(*(self.call(each) for each in calls))
        self.paypal.lost = []

    async def call(self, name: str) -> None:
        try:
            await self.carry_out(name)
        except OSError:
            return

    async def carry_out(self, name: str) -> None:
        provider = self.terminal.provider
        if name in {"approve", "reject"}:
            if self.orders():
                self.paypal.orders.approve(self.orders()[0]["id"], succeeds=name == "approve")
        elif name == "refund":
            await self.refund()
        elif name == "authorize":
            result = await provider.authorize(self.asked)
            self.provider_id = result.provider_id or self.provider_id
        elif name == "confirm":
            await provider.confirm(self.payment)
        elif name == "capture":
            await provider.capture(self.payment, PRICE)
        elif name == "find":
            await provider.find(self.payment)
        else:
            self.is_cancelled |= (await provider.cancel(self.payment)).status is S.CANCELLED

    async def refund(self) -> None:
        again = self.random.choice([*self.refunds, None])
        amount = Money(Decimal(self.random.choice(("4.90", "15.00"))), "EUR")
        asked = again or RefundRequest(new_id(), self.payment, amount)
        asked = replace(asked, payment=self.payment)
        self.refunds[asked] = (await self.terminal.provider.refund(asked)).status

    def orders(self) -> list[Json]:
        """The orders of the payment at PayPal."""
        orders = self.paypal.orders.orders.values()
        return [
            each for each in orders if each["purchase_units"][0]["custom_id"].startswith(str(self.asked.reference))
        ]

    async def check(self) -> str:
        """Compare what PayPal has with what we are told; the final status."""
        assert len(self.orders()) <= 1
        found = await self.terminal.provider.find(self.payment)
        captures = [capture for order in self.orders() for capture in payments_of(order, "captures")]
        refunds = [refund for order in self.orders() for refund in payments_of(order, "refunds")]
        assert len(captures) <= 1
        if found is None:
            assert not captures
            return "none"
        taken = sum((value_of(each["amount"]) for each in captures), Decimal(0))
        returned = sum((value_of(each["amount"]) for each in refunds), Decimal(0))
        done = [each for each in found.transactions if each.status is TransactionStatus.SUCCEEDED]
        assert sum(TAKEN.get(each.type, 0) * each.amount.amount for each in done) == taken - returned >= 0
        if self.is_cancelled:
            # Of a refusal and a cancellation at once, either may be noted last.
            assert found.status in {S.CANCELLED, S.FAILED}
            assert taken == returned
        succeeded = {each.reference for each, status in self.refunds.items() if status is RefundStatus.SUCCEEDED}
        assert succeeded <= {each.reference for each in done}
        assert (found.status is S.SUCCEEDED) == bool(captures and not self.was_returned())
        return found.status

    def was_returned(self) -> bool:
        """Whether the whole capture was returned by a cancellation."""
        refunds = [refund for order in self.orders() for refund in payments_of(order, "refunds")]
        return any(each["custom_id"].endswith(".CANCELLED") for each in refunds)


@pytest.mark.parametrize("first", range(0, 20, 10))
async def test_money_at_paypal_is_what_we_are_told(terminal: PayPalTerminal, paypal: FakePayPal, first: int) -> None:
    statuses: Counter[str] = Counter()
    for seed in range(first, first + 10):
        paypal.reset(terminal.clock)
        run = Run(terminal, paypal, seed)
        await run.go()
        statuses[await run.check()] += 1
    assert statuses.total() == 10
    assert paypal.violations == []
