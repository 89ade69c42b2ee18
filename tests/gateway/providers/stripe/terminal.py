"""The adapter under test, with what a buyer, a bank and Stripe itself do beside it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from domains.kernel.clock import FixedClock
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import Credentials
from domains.payment.providers.requests import MethodToken
from domains.payment.providers.results import MethodSetup
from gateway.providers.stripe.provider import StripeAdapter
from gateway.providers.webhook_signature import sign
from tests.gateway.providers.stripe.stripe_server import KEY, StripeServer

WEBHOOK_SECRET = Secret("whsec_of_the_stand_in")
CREDENTIALS = Credentials(
    {"publishable_key": "pk_test_stand_in"}, {"secret_key": Secret(KEY), "webhook_secret": WEBHOOK_SECRET}
)
AUTHENTICATES = "4000002760003184"
CARD = {"type": "card", "card[exp_month]": "12", "card[exp_year]": "2030", "card[cvc]": "123"}


class StripeTerminal:
    """The STRIPE provider with test tokens of Stripe."""

    approving = MethodToken(Secret("pm_card_visa"))
    declining = MethodToken(Secret("pm_card_chargeCustomerFail"))

    def __init__(self, server: StripeServer, adapter: StripeAdapter, clock: FixedClock, authenticating: str) -> None:
        self.server = server
        self.clock = clock
        self.provider = adapter.connect(CREDENTIALS)
        self.authenticating = MethodToken(Secret(authenticating))

    @classmethod
    async def made(cls, server: StripeServer, adapter: StripeAdapter, clock: FixedClock) -> "StripeTerminal":
        """A terminal with a card that must be authenticated, for which localstripe has no token."""
        method = await server.call("POST", "/v1/payment_methods", CARD | {"card[number]": AUTHENTICATES})
        return cls(server, adapter, clock, method["id"])

    async def intent(self, reference: UUID) -> dict[str, Any]:
        """The payment intent with our id."""
        listed = await self.server.call("GET", "/v1/payment_intents", {"limit": "1000"})
        return next(each for each in listed["data"] if each["metadata"].get("reference") == str(reference))

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> None:
        intent = await self.intent(reference)
        path = f"/v1/payment_intents/{intent['id']}"
        if intent["status"] == "requires_action":
            secret = {"client_secret": intent["client_secret"], "success": str(succeeds).lower()}
            await self.server.call("POST", f"{path}/_authenticate", secret)
        elif intent["status"] == "requires_payment_method" and succeeds:
            method_id = await self._kept_card(intent["customer"])
            await self.server.call("POST", path, {"payment_method": method_id})
            await self.server.call("POST", f"{path}/confirm", {})
        else:
            return
        await self.server.changed(intent["id"])

    async def complete_setup(self, setup: MethodSetup) -> None:
        path = f"/v1/setup_intents/{setup.provider_id}"
        intent = await self.server.call("GET", path, {})
        method_id = await self._kept_card(intent["customer"])
        await self.server.call("POST", f"{path}/confirm", {"payment_method": method_id})

    async def dispute(self, reference: UUID) -> None:
        await self.server.dispute((await self.intent(reference))["id"])

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        events = [each for each in self.server.events if _reference(each) == str(reference)]
        body = orjson.dumps(events[-1])
        return body, dict(self.signed(body))

    def signed(self, body: bytes) -> Mapping[str, str]:
        return {"Stripe-Signature": sign(body, WEBHOOK_SECRET, self.clock.now())}

    def forged(self, headers: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        (signature,) = headers.values()
        return [
            {"Stripe-Signature": signature.replace("v1=", "v1=0")},
            {"Stripe-Signature": signature.replace("t=", "t=1")},
            {"Stripe-Signature": signature.replace("v1=", "v0=")},
        ]

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    async def _kept_card(self, customer: str | None) -> str:
        method = await self.server.call("GET", "/v1/payment_methods/pm_card_visa", {})
        if customer:
            await self.server.call("POST", f"/v1/payment_methods/{method['id']}/attach", {"customer": customer})
        return str(method["id"])


def _reference(event: dict[str, Any]) -> str | None:
    reference: str | None = event["data"]["object"]["metadata"].get("reference")
    return reference
