"""A shop whose orders are made and paid through the API, at servers in place of Stripe and PayPal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from domains.kernel.actor import Actor
from domains.kernel.values.secret import Secret
from gateway.providers.webhook_signature import sign
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import CREATE as CREATE_ORDER
from tests.gateway.graphql.order.operations import ordering
from tests.gateway.graphql.payment.accounts.operations import CHOOSE, CONNECT, listed
from tests.gateway.graphql.payment.attempts.operations import CONFIRM, CREATE, confirming, creating
from tests.gateway.graphql.payment.purchases.operations import ORDER
from tests.gateway.providers.paypal.fake_paypal import CERTIFICATE, CLIENT_ID, CLIENT_SECRET, FakePayPal
from tests.gateway.providers.paypal.fake_webhooks import WEBHOOK_ID
from tests.gateway.providers.stripe.stripe_server import KEY, StripeServer
from tests.gateway.providers.stripe.terminal import CARD
from tests.gateway.site import Site

SIGNING_SECRET = "whsec_of_this_shop"
BACK = "https://shop.example/back"
PUBLISHABLE_KEY = "pk_test_of_this_shop"
KEYS = {
    "STRIPE": {"secret_key": KEY, "webhook_secret": SIGNING_SECRET, "publishable_key": PUBLISHABLE_KEY},
    "PAYPAL": {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "webhook_id": WEBHOOK_ID,
        "environment": "SANDBOX",
    },
}
Json = dict[str, Any]


@dataclass
class Checkout:
    """A shop, its staff, and one buyer."""

    site: Site
    shop: Storefront
    staff: Actor
    buyer: Actor
    stripe: StripeServer
    paypal: FakePayPal

    def __post_init__(self) -> None:
        self.from_stripe = self.from_paypal = 0  # events that have arrived

    async def connect(self, provider: str) -> None:
        """Connect to a provider, and choose it."""
        await self.site.do(CONNECT, self.staff, provider=provider, credentials=listed(**KEYS[provider]))
        await self.site.do(CHOOSE, self.staff, paymentProvider=provider)

    async def order(self, *wanted: tuple[str, int]) -> str:
        """The id of a new order of the buyer."""
        await self.shop.fill(self.buyer, *wanted or [("A", 1)])
        placed = await self.site.do(CREATE_ORDER, self.buyer, **ordering()["input"])
        return str(placed["order"]["id"])

    async def begin(self, order_id: str, **given: Any) -> Json:
        """The answer to a payment that the buyer begins."""
        begun: Json = await self.site.do(CREATE, self.buyer, **creating(order_id, **given)["input"])
        return begun

    async def confirm(self, payment_id: str) -> Json:
        """The answer after the buyer is back."""
        confirmed: Json = await self.site.do(CONFIRM, self.buyer, **confirming(payment_id)["input"])
        return confirmed

    async def paid_by_stripe(self, *wanted: tuple[str, int]) -> tuple[str, Json]:
        """The ids of an order that was paid at Stripe in the browser, and of its payment; the webhook has arrived."""
        order_id = await self.order(*wanted)
        begun = await self.begin(order_id)
        await StripeJs(self.stripe, begun["clientSecret"]).confirm()
        await self.deliver_stripe()
        return order_id, begun["payment"]

    async def approved_at_paypal(self, order_id: str) -> str:
        """The id of a payment that its buyer has approved on PayPal's page; no one here knows it yet."""
        begun = await self.begin(order_id, returnUrl=BACK)
        payment, of_paypal = begun["payment"], self.paypal.orders.of(begun["payment"]["id"])
        page = f"{self.paypal.url}/checkoutnow?token={of_paypal['id']}"
        assert payment["nextAction"] == {"type": "REDIRECT", "url": page}
        assert (payment["status"], begun["clientSecret"]) == ("REQUIRES_ACTION", None)
        self.paypal.orders.approve(of_paypal["id"], succeeds=True)
        return str(payment["id"])

    async def now(self, order_id: str) -> Json:
        """The order as staff see it."""
        found: Json = await self.site.value(ORDER, self.staff, id=order_id)
        return found

    async def statuses(self, order_id: str) -> tuple[str, str]:
        """The status of the order, and of its payment."""
        order = await self.now(order_id)
        return order["status"], order["paymentStatus"]

    async def timeline(self, order_id: str) -> list[tuple[str, str, float]]:
        """The money timeline, sorted, since several entries may have one time."""
        entries = (await self.now(order_id))["moneyTimeline"]
        return sorted((each["kind"], each["status"], float(each["amount"]["amount"])) for each in entries)

    async def intent(self, payment_id: str) -> Json:
        """The payment intent at Stripe."""
        intents = (await self.stripe.call("GET", "/v1/payment_intents", {"limit": "100"}))["data"]
        (found,) = [each["id"] for each in intents if each["metadata"].get("reference") == payment_id]
        return await self.stripe.intent(found)

    # ---- webhooks

    async def deliver_stripe(self) -> list[int]:
        """The statuses of the answers to Stripe's new events, which are processed afterwards."""
        events, self.from_stripe = self.stripe.events[self.from_stripe :], len(self.stripe.events)
        statuses = [await self.site.webhook("stripe", *self.signed_by_stripe(event)) for event in events]
        await self.site.webhooks.drain()
        return statuses

    async def deliver_paypal(self) -> list[int]:
        """The same of PayPal."""
        events, self.from_paypal = self.paypal.events[self.from_paypal :], len(self.paypal.events)
        statuses = [await self.site.webhook("paypal", *self.signed_by_paypal(event)) for event in events]
        await self.site.webhooks.drain()
        return statuses

    def signed_by_stripe(self, event: Json, secret: str = SIGNING_SECRET) -> tuple[bytes, Mapping[str, str]]:
        """The body and the headers of a webhook that is sent now."""
        body = orjson.dumps(event)
        return body, {"Stripe-Signature": sign(body, Secret(secret), self.site.clock.now())}

    def signed_by_paypal(self, event: Json) -> tuple[bytes, Mapping[str, str]]:
        """The same of PayPal."""
        body = orjson.dumps(event)
        return body, self.paypal.signer.headers(body, f"{self.paypal.url}{CERTIFICATE}", self.site.clock.now())


@dataclass
class StripeJs:
    """What Stripe's library does in the buyer's browser, which has the client secret alone."""

    server: StripeServer
    client_secret: str

    @property
    def intent_id(self) -> str:
        return self.client_secret.partition("_secret_")[0]

    async def confirm(self, number: str | None = None) -> str:
        """The status after the buyer has entered a card, a good one by default."""
        path = f"/v1/payment_intents/{self.intent_id}"
        assert (await self.server.call("GET", path, {}))["client_secret"] == self.client_secret
        method_id = "pm_card_visa"
        if number is not None:
            card = CARD | {"card[number]": number}
            method_id = (await self.server.call("POST", "/v1/payment_methods", card))["id"]
        await self.server.call("POST", path, {"payment_method": method_id})
        await self.server.call("POST", f"{path}/confirm", {})
        return str((await self.server.changed(self.intent_id))["status"])

    async def authenticate(self, *, succeeds: bool) -> str:
        """The status after the bank has asked the buyer."""
        answer = {"client_secret": self.client_secret, "success": str(succeeds).lower()}
        await self.server.call("POST", f"/v1/payment_intents/{self.intent_id}/_authenticate", answer)
        return str((await self.server.changed(self.intent_id))["status"])
