"""Random interleavings of calls, lost answers, buyers and forgotten keys: Stripe has what the provider says."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from domains.kernel.ids import new_id
from domains.payment.models import CaptureMethod, RefundStatus
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    PaymentInstrument,
    PaymentReference,
    RefundRequest,
)
from domains.payment.providers.results import ProviderPayment, ProviderRefund, ProviderStatus
from tests.domains.payment.provider_contract import PRICE, request
from tests.gateway.providers.stripe.stripe_server import Fault
from tests.gateway.providers.stripe.terminal import StripeTerminal
from tests.gateway.providers.stripe.test_payments import forget_keys, part

S = ProviderStatus


@dataclass
class Shopper:
    """A payment, the requests about it in random order, and their answers."""

    terminal: StripeTerminal
    random: random.Random
    payments: list[ProviderPayment] = field(default_factory=list)
    refunded: dict[RefundRequest, ProviderRefund] = field(default_factory=dict)
    was_cancelled: bool = False

    def __post_init__(self) -> None:
        terminal = self.terminal
        instruments: list[PaymentInstrument] = [
            terminal.approving,
            terminal.authenticating,
            terminal.declining,
            HostedCheckout(),
        ]
        self.asked: AuthorizationRequest = request(
            self.random.choice(instruments), self.random.choice(list(CaptureMethod))
        )
        self.payment = PaymentReference(self.asked.reference, amount=PRICE)
        self.refunds = [RefundRequest(new_id(), self.payment, part(each)) for each in ("5", "8", "11.90")]

    async def step(self) -> None:
        """Up to four requests at once, of which some get no answer."""
        provider, server = self.terminal.provider, self.terminal.server
        actions: list[Callable[[], Awaitable[Any]]] = [
            lambda: self._paid(provider.authorize(self.asked)),
            lambda: self._paid(provider.authorize(self.asked)),
            lambda: self._paid(provider.confirm(self.payment)),
            lambda: self._paid(provider.capture(self.payment, part(self.random.choice(["19.90", "12"])))),
            lambda: self._refund(self.random.choice(self.refunds)),
            lambda: self._refund(self.random.choice(self.refunds)),
            lambda: self._cancel() if self.random.random() < 0.3 else self._buyer(),
            self._buyer,
        ]
        for path in ("payment_intents", "refunds", *[f"payment_intents/{each}/cancel" for each in await self._ids()]):
            if self.random.random() < 0.2:
                is_after = self.random.random() < 0.7
                server.faults.append(Fault("POST", f"/v1/{path}", 502, is_after=is_after))
        chosen = self.random.sample(actions, self.random.randint(1, 4))
        await asyncio.gather(*(each() for each in chosen))
        server.faults.clear()
        if self.random.random() < 0.1:
            forget_keys(self.terminal)

    async def differences(self) -> list[str]:
        """What Stripe has and the provider does not say, or the other way round."""
        intents = [await self.terminal.server.intent(each) for each in await self._ids()]
        captured = sum(each["amount_received"] for each in intents)
        refunds = [each for intent in intents for each in self._real_refunds(intent)]
        returned = sum(each["amount"] for each in refunds)
        references = [each["metadata"].get("reference", "cancellation") for each in refunds]
        answered = {str(each.reference) for each, result in self.refunded.items() if result.status == "SUCCEEDED"}
        found = await self.terminal.provider.find(self.payment)
        paid = found.amount.amount if found and found.status is S.SUCCEEDED and found.amount else None
        late = await self.terminal.provider.authorize(self.asked) if self.was_cancelled else None
        rules = {
            "one payment": len(intents) <= 1,
            "no more than the price": captured <= PRICE.amount * 100,
            "no more refunded than captured": returned <= captured,
            "each refund once": len(set(references)) == len(references),
            "each refund that was answered": answered <= set(references),
            "the captured amount": paid is None or paid * 100 == captured,
            "nothing of a cancelled payment": not self.was_cancelled or captured == returned,
            "cancelled for good": late is None or (late.status, found and found.status) == (S.CANCELLED, S.CANCELLED),
        }
        return [rule for rule, holds in rules.items() if not holds]

    async def _ids(self) -> list[str]:
        listed = await self.terminal.server.call("GET", "/v1/payment_intents", {"limit": "100"})
        ours = str(self.asked.reference)
        return [each["id"] for each in listed["data"] if each["metadata"].get("reference") == ours]

    @staticmethod
    def _real_refunds(intent: dict[str, Any]) -> list[dict[str, Any]]:
        charge = intent["latest_charge"]
        return [each for each in charge["refunds"]["data"] if each["metadata"]] if charge else []

    async def _paid(self, call: Awaitable[ProviderPayment]) -> None:
        with suppress(OSError):
            self.payments.append(await call)

    async def _refund(self, refund: RefundRequest) -> None:
        with suppress(OSError):
            result = await self.terminal.provider.refund(refund)
            if self.refunded.get(refund, result).status is not RefundStatus.SUCCEEDED:
                self.refunded[refund] = result

    async def _cancel(self) -> None:
        with suppress(OSError):
            result = await self.terminal.provider.cancel(self.payment)
            self.was_cancelled |= result.status is S.CANCELLED

    async def _buyer(self) -> None:
        if await self._ids():
            with suppress(Exception):
                await self.terminal.complete_action(self.asked.reference, succeeds=self.random.random() < 0.8)


@pytest.mark.parametrize("seed", range(5))
async def test_the_money_at_stripe_is_what_the_provider_says(terminal: StripeTerminal, seed: int) -> None:
    shopper = Shopper(terminal, random.Random(seed))  # noqa: S311 - chooses an order, no secret
    for _ in range(12):
        await shopper.step()
        assert await shopper.differences() == []
