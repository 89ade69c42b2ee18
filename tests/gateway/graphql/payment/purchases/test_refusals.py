"""What buyers, staff, strangers and providers' senders are refused, and that no money moves at a provider then."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from domains.kernel.actor import Actor
from tests.domains.actors import administrator
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.payment.accounts.operations import CONNECT, listed
from tests.gateway.graphql.payment.attempts.operations import CONFIRM, CREATE, confirming, creating
from tests.gateway.graphql.payment.purchases.checkout import BACK, KEYS, Checkout, StripeJs
from tests.gateway.graphql.payment.purchases.conftest import Adapters
from tests.gateway.graphql.payment.purchases.operations import CAPTURE, REFUND, SETTINGS, VOID, of_order, of_payment
from tests.gateway.site import Site
from tests.gateway.webhooks.conftest import stored

BOTH = pytest.mark.parametrize("provider", ["STRIPE", "PAYPAL"])
FINE, TOO_MUCH = "TOO_MANY_DECIMALS", "20.01"


async def paid(checkout: Checkout, provider: str) -> tuple[str, str]:
    """The ids of an order, paid or with an authorized amount as the settings say, and of its payment."""
    await checkout.connect(provider)
    if provider == "STRIPE":
        order_id, payment = await checkout.paid_by_stripe(("A", 2))
        return order_id, payment["id"]
    order_id = await checkout.order(("A", 2))
    payment_id = await checkout.approved_at_paypal(order_id)
    await checkout.confirm(payment_id)
    return order_id, payment_id


def writes(checkout: Checkout) -> int:
    """How many requests have asked a provider for more than to look something up."""
    asked = [*checkout.stripe.requests, *[each[:2] for each in checkout.paypal.requests]]
    return sum(method != "GET" for method, _ in asked)


@BOTH
async def test_amounts_that_are_too_fine_or_too_large_are_refused(checkout: Checkout, provider: str) -> None:
    site, staff = checkout.site, checkout.staff
    await site.do(SETTINGS, staff, captureMode="MANUAL")
    order_id, payment_id = await paid(checkout, provider)
    before = writes(checkout)
    for amount, code in (("1.001", FINE), (TOO_MUCH, "CAPTURE_TOO_LARGE"), ("0", "OUT_OF_RANGE")):
        error = await site.refused(CAPTURE, staff, **of_payment(payment_id, amount=amount))
        assert (error["code"], error["path"]) == (code, ["input", "amount"])
    assert (await site.refused(REFUND, staff, **of_order(order_id)))["code"] == "ORDER_NOT_REFUNDABLE"
    assert writes(checkout) == before
    await site.do(CAPTURE, staff, **of_payment(payment_id))
    before = writes(checkout)
    for amount, code in (("1.001", FINE), (TOO_MUCH, "REFUND_TOO_LARGE"), ("-1", "OUT_OF_RANGE")):
        error = await site.refused(REFUND, staff, **of_order(order_id, amount=amount))
        assert (error["code"], error["path"]) == (code, ["input", "amount"])
    again = await site.refused(CAPTURE, staff, **of_payment(payment_id, amount="5"))
    assert again["code"] == "PAYMENT_NOT_CAPTURABLE"
    assert writes(checkout) == before
    assert await checkout.statuses(order_id) == ("PAID", "PAID")


@BOTH
async def test_payments_of_others_are_not_reached(checkout: Checkout, other_company: UUID, provider: str) -> None:
    site, shop = checkout.site, checkout.shop
    await site.do(SETTINGS, checkout.staff, captureMode="MANUAL")
    order_id, payment_id = await paid(checkout, provider)
    other_order = await checkout.order()
    before = writes(checkout)
    buyer = await shop.customer()
    for who in (buyer, Actor.anonymous(shop.company_id)):
        assert (await site.refused(CONFIRM, who, **confirming(payment_id)["input"]))["code"] == "NOT_FOUND"
        assert (await site.refused(CREATE, who, **creating(other_order)["input"]))["code"] == "NOT_FOUND"
        for operation, given in ((CAPTURE, of_payment(payment_id)), (REFUND, of_order(order_id))):
            assert await site.denied(operation, who, input=given) in {"FORBIDDEN", "UNAUTHENTICATED"}
    foreign = administrator(other_company)
    for operation, given in (
        (CONFIRM, confirming(payment_id)["input"]),
        (CAPTURE, of_payment(payment_id)),
        (VOID, of_payment(payment_id)),
        (REFUND, of_order(order_id)),
    ):
        assert (await site.refused(operation, foreign, **given))["code"] == "NOT_FOUND"
    error = await site.refused(REFUND, checkout.staff, **of_order(other_order, paymentId=payment_id))
    assert error["code"] == "NOT_FOUND"
    assert writes(checkout) == before
    assert (await checkout.statuses(order_id))[1] == "AUTHORIZED"


@BOTH
async def test_replayed_stale_and_forged_webhooks_change_nothing(checkout: Checkout, provider: str) -> None:
    order_id, _ = await paid(checkout, provider)
    await (checkout.deliver_stripe if provider == "STRIPE" else checkout.deliver_paypal)()
    known = len(await stored(checkout.shop))
    event = (checkout.stripe if provider == "STRIPE" else checkout.paypal).events[-1]
    signed = checkout.signed_by_stripe if provider == "STRIPE" else checkout.signed_by_paypal
    body, headers = signed(event)
    assert [await checkout.site.webhook(provider, body, headers) for _ in range(2)] == [200, 200]
    before = writes(checkout)
    altered = body.replace(event["id"].encode(), b"evt_new")
    assert await checkout.site.webhook(provider, altered, headers) == 400
    checkout.site.clock.advance(timedelta(seconds=301))
    assert await checkout.site.webhook(provider, body, headers) == 400
    await checkout.site.webhooks.drain()
    assert (len(await stored(checkout.shop)), writes(checkout)) == (known, before)
    assert await checkout.statuses(order_id) == ("PAID", "PAID")


async def test_another_company_changes_no_payment_by_webhook(
    checkout: Checkout, make_site: Callable[..., Site], adapters: Adapters, other_company: UUID
) -> None:
    await checkout.connect("STRIPE")
    order_id = await checkout.order()
    await StripeJs(checkout.stripe, (await checkout.begin(order_id))["clientSecret"]).confirm()
    stranger = make_site(other_company, adapters=adapters)
    theirs = listed(**KEYS["STRIPE"] | {"webhook_secret": "whsec_of_theirs"})
    await stranger.do(CONNECT, administrator(other_company), provider="STRIPE", credentials=theirs)
    event = checkout.stripe.events[-1]
    their_slug = await stranger._slug(other_company)
    ours, forged = checkout.signed_by_stripe(event), checkout.signed_by_stripe(event, "whsec_of_theirs")
    assert await checkout.site.webhook("stripe", *ours, their_slug) == 400
    assert await checkout.site.webhook("stripe", *forged) == 400
    assert await stranger.webhook("stripe", *forged) == 200  # they may say what they like of their own payments
    await stranger.webhooks.drain()
    await checkout.site.webhooks.drain()
    assert (await checkout.statuses(order_id))[0] == "PAYMENT_PENDING"
    assert set(await checkout.deliver_stripe()) == {200}
    assert await checkout.statuses(order_id) == ("PAID", "PAID")


@pytest.mark.parametrize(
    ("provider", "currency", "price", "told"),
    [
        ("PAYPAL", "KWD", "10", "PayPal does not take payments in KWD"),
        ("PAYPAL", "HUF", "10.50", "PayPal takes at most 0 decimal places in HUF"),
        ("STRIPE", "SYP", "10", "Payments in SYP are not possible"),
        ("STRIPE", "KWD", "10.005", "An amount in KWD must be a multiple of 0.01"),
    ],
)
async def test_a_currency_that_the_provider_does_not_take_is_refused(
    make_checkout: Callable[[], Awaitable[Checkout]],
    owner: Any,
    company: UUID,
    provider: str,
    currency: str,
    price: str,
    told: str,
) -> None:
    await owner.execute("update companies set currency = $2 where id = $1", company, currency)
    checkout = await make_checkout()
    await checkout.shop.stock("C", 5, price)
    await checkout.connect(provider)
    order_id = await checkout.order(("C", 1))
    given = creating(order_id, returnUrl=BACK)["input"]
    with capture_logs() as logs:
        error = await checkout.site.refused(CREATE, checkout.buyer, **given)
    assert (error["code"], error["reason"]) == ("PAYMENT_DECLINED", "METHOD_NOT_SUPPORTED")
    assert told in error["message"]
    assert writes(checkout) == 0
    assert await checkout.statuses(order_id) == ("PENDING", "FAILED")
    assert not any(secret in str(logs) for secret in KEYS[provider].values() if secret != "SANDBOX")


@pytest.mark.parametrize(("provider", "currency", "amount"), [("STRIPE", "KWD", "1.005"), ("PAYPAL", "HUF", "1.50")])
async def test_an_amount_that_is_too_fine_for_the_provider_moves_nothing(
    make_checkout: Callable[[], Awaitable[Checkout]],
    owner: Any,
    company: UUID,
    provider: str,
    currency: str,
    amount: str,
) -> None:
    await owner.execute("update companies set currency = $2 where id = $1", company, currency)
    checkout = await make_checkout()
    site, staff = checkout.site, checkout.staff
    await checkout.shop.stock("A", 5, "10")
    await site.do(SETTINGS, staff, captureMode="MANUAL")
    order_id, payment_id = await paid(checkout, provider)
    for operation, given, taken in ((CAPTURE, of_payment(payment_id), "3"), (REFUND, of_order(order_id), "1")):
        before = writes(checkout)
        error = await site.refused(operation, staff, **given, amount=amount)
        assert (error["code"], error["path"]) == ("AMOUNT_NOT_TAKEN", ["input", "amount"])
        assert writes(checkout) == before
        await site.do(operation, staff, **given | {"idempotencyKey": key()}, amount=taken)
    assert (await checkout.statuses(order_id))[1] == "PARTIALLY_REFUNDED"
