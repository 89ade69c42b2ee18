"""The stand-in of Stripe as the provider of interleavings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import orjson

from domains.kernel.clock import FixedClock
from domains.payment.models import Payment
from domains.payment.providers.provider import ProviderAdapter
from domains.payment.providers.requests import HostedCheckout, PaymentInstrument
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.order.payments.interleavings.bank import Held, connect
from tests.domains.order.storefront import Storefront
from tests.gateway.providers.stripe.stripe_server import Fault, Refusal, StripeServer
from tests.gateway.providers.stripe.terminal import CREDENTIALS, StripeTerminal

CENT = Decimal("0.01")
TAKEN_BACK = {"needs_response", "lost"}
PATHS = ("payment_intents", "refunds")


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class StripeBank:
    """Stripe, with one account that all shops have."""

    name = "STRIPE"
    instruments: Mapping[str, PaymentInstrument]

    def __init__(self, server: StripeServer, adapter: StripeAdapter, clock: FixedClock) -> None:
        self._server = server
        self._adapter = adapter
        self._clock = clock
        self.adapters: Sequence[ProviderAdapter] = (adapter,)

    @classmethod
    @asynccontextmanager
    async def started(cls) -> AsyncIterator[Self]:
        async with StripeServer.started() as server:
            clock = FixedClock(now())
            adapter = StripeAdapter(clock, server.url)
            yield cls(server, adapter, clock)
            await adapter.close()

    def clock(self) -> FixedClock:
        self._clock.at = now()  # ids of payments and the stand-in have the present time
        return self._clock

    async def open(self, shop: Storefront) -> None:
        await self._server.reset()
        self._terminal = await StripeTerminal.made(self._server, self._adapter, self._clock)
        self.instruments = {
            "approving": self._terminal.approving,
            "declined": self._terminal.declining,
            "authenticating": self._terminal.authenticating,
            "hosted": HostedCheckout(),
        }
        await connect(shop, self.name, CREDENTIALS)

    async def held(self, payment: Payment) -> Held:
        intents = [each for each in await self._intents(payment) if each["amount_received"]]
        refunds = [each for intent in intents for each in real_refunds(intent)]
        disputes = [each for intent in intents for each in self._disputes(intent["id"])]
        return Held(
            len(intents),
            CENT * sum(each["amount_received"] for each in intents),
            CENT * sum(each["amount"] for each in refunds),
            CENT * sum(each["amount"] for each in disputes if each["status"] in TAKEN_BACK),
        )

    async def answer(self, payment: Payment, *, succeeds: bool) -> None:
        if await self._intents(payment):
            try:
                await self._terminal.complete_action(payment.id, succeeds=succeeds)
            except Refusal:
                return  # it was cancelled meanwhile

    async def refund(self, payment: Payment, amount: Decimal) -> None:
        for intent in await self._captured(payment):
            given = {"payment_intent": intent["id"], "amount": str(int(amount / CENT)), "metadata[by]": "dashboard"}
            await self._server.refund(given)

    async def dispute(self, payment: Payment) -> None:
        for intent in await self._captured(payment):
            async with self._server.changing:  # what is left stays while the dispute begins
                if (await self.held(payment)).left and not self._disputes(intent["id"]):
                    await self._server.dispute(intent["id"], "needs_response")

    async def end_dispute(self, payment: Payment, *, is_won: bool) -> None:
        for intent in await self._captured(payment):
            for dispute in self._disputes(intent["id"]):
                dispute["status"] = "won" if is_won else "lost"
                self._server.emit("charge.dispute.closed", dispute)

    async def webhook(self, payment: Payment, pick: int) -> tuple[bytes, dict[str, str]] | None:
        if not self._server.events:
            return None
        body = orjson.dumps(self._server.events[-1 - pick % len(self._server.events)])
        return body, dict(self._terminal.signed(body))

    def complaints(self) -> list[str]:
        return []

    def lose_answers(self, count: int) -> None:
        self._server.faults[:] = [Fault("POST", f"/v1/{path}", 502, is_after=True) for path in PATHS[:count]]

    async def _intents(self, payment: Payment) -> list[dict[str, Any]]:
        listed = await self._server.call("GET", "/v1/payment_intents", {"limit": "1000"})
        ids = [each["id"] for each in listed["data"] if each["metadata"].get("reference") == str(payment.id)]
        return [await self._server.intent(each) for each in ids]

    async def _captured(self, payment: Payment) -> list[dict[str, Any]]:
        return [each for each in await self._intents(payment) if each["amount_received"]]

    def _disputes(self, intent_id: str) -> list[dict[str, Any]]:
        return [each for each in self._server.disputes if each["payment_intent"] == intent_id]


def real_refunds(intent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The refunds of a charge without the one that releases what was not captured."""
    return [each for each in intent["latest_charge"]["refunds"]["data"] if each["metadata"]]
