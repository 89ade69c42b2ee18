"""Orders that are paid at Stripe, from the connection of the company to a dispute."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.gateway.graphql.payment.purchases.checkout import PUBLISHABLE_KEY, SIGNING_SECRET, Checkout, StripeJs
from tests.gateway.graphql.payment.purchases.operations import CAPTURE, REFUND, SETTINGS, VOID, of_order, of_payment
from tests.gateway.graphql.payment.stored_rows import stored
from tests.gateway.providers.stripe.stripe_server import KEY
from tests.gateway.providers.stripe.terminal import AUTHENTICATES


@pytest.fixture(autouse=True)
async def connected(checkout: Checkout) -> None:
    await checkout.connect("STRIPE")


async def test_a_webhook_alone_pays_the_order_and_no_secret_is_kept(
    checkout: Checkout, owner: Any, capfd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    order_id = await checkout.order(("A", 2))
    with capture_logs() as logs:
        begun = await checkout.begin(order_id)
        assert begun["payment"]["nextAction"] == {"type": "CONFIRMATION", "url": None}
        assert (begun["payment"]["status"], begun["publishableKey"]) == ("REQUIRES_ACTION", PUBLISHABLE_KEY)
        assert await checkout.statuses(order_id) == ("PAYMENT_PENDING", "PENDING")
        assert await StripeJs(checkout.stripe, begun["clientSecret"]).confirm() == "succeeded"
        assert await checkout.statuses(order_id) == ("PAYMENT_PENDING", "PENDING")
        assert set(await checkout.deliver_stripe()) == {200}
    assert await checkout.statuses(order_id) == ("PAID", "PAID")
    assert await checkout.timeline(order_id) == [("ATTEMPT", "SUCCEEDED", 20), ("CHARGE", "SUCCEEDED", 20)]
    told = f"{json.dumps(logs, default=repr)}{caplog.text}{''.join(capfd.readouterr())}{await stored(owner)}"
    for secret in (begun["clientSecret"], KEY, SIGNING_SECRET):
        assert secret not in told


async def test_three_d_secure_may_fail_first(checkout: Checkout) -> None:
    order_id = await checkout.order()
    begun = await checkout.begin(order_id)
    browser, payment_id = StripeJs(checkout.stripe, begun["clientSecret"]), begun["payment"]["id"]
    assert await browser.confirm(AUTHENTICATES) == "requires_action"
    assert (await checkout.confirm(payment_id))["payment"]["status"] == "REQUIRES_ACTION"
    assert await browser.authenticate(succeeds=False) == "requires_payment_method"
    await checkout.deliver_stripe()
    assert (await checkout.confirm(payment_id))["clientSecret"] == browser.client_secret
    assert await browser.confirm(AUTHENTICATES) == "requires_action"
    assert await browser.authenticate(succeeds=True) == "succeeded"
    confirmed = await checkout.confirm(payment_id)
    assert (confirmed["payment"]["status"], confirmed["order"]["status"]) == ("SUCCEEDED", "PAID")
    assert set(await checkout.deliver_stripe()) == {200}
    assert await checkout.timeline(order_id) == [("ATTEMPT", "SUCCEEDED", 10), ("CHARGE", "SUCCEEDED", 10)]


async def test_staff_capture_a_part_and_void_another_payment(checkout: Checkout) -> None:
    await checkout.site.do(SETTINGS, checkout.staff, captureMode="MANUAL")
    order_id, payment = await checkout.paid_by_stripe(("A", 2))
    assert await checkout.statuses(order_id) == ("CONFIRMED", "AUTHORIZED")
    captured = await checkout.site.do(CAPTURE, checkout.staff, **of_payment(payment["id"], amount="12.50"))
    assert captured["payment"] == {"status": "SUCCEEDED", "capturedAmount": {"amount": "12.50"}}
    assert await checkout.statuses(order_id) == ("CONFIRMED", "PARTIALLY_PAID")
    assert set(await checkout.deliver_stripe()) == {200}
    assert (await checkout.intent(payment["id"]))["amount_received"] == 1250
    assert await checkout.timeline(order_id) == [
        ("ATTEMPT", "SUCCEEDED", 20),
        ("AUTHORIZATION", "SUCCEEDED", 20),
        ("CAPTURE", "SUCCEEDED", 12.5),
    ]
    other, held = await checkout.paid_by_stripe()
    voided = await checkout.site.do(VOID, checkout.staff, **of_payment(held["id"]))
    assert (voided["payment"]["status"], voided["order"]["paymentStatus"]) == ("CANCELLED", "PENDING")
    assert set(await checkout.deliver_stripe()) == {200}
    assert (await checkout.intent(held["id"]))["status"] == "canceled"
    assert ("VOID", "SUCCEEDED", 10) in await checkout.timeline(other)


async def test_refunds_by_line_and_refunds_made_at_stripe(checkout: Checkout) -> None:
    order_id, payment = await checkout.paid_by_stripe(("A", 1), ("B", 3))
    items = {each["sku"]: each["id"] for each in (await checkout.now(order_id))["items"]}
    lines = [{"orderItemId": items["B"], "quantity": 2}]
    refunded = await checkout.site.do(REFUND, checkout.staff, **of_order(order_id, lines=lines))
    assert refunded["refunds"] == [{"status": "SUCCEEDED", "amount": {"amount": "6.66"}}]
    assert refunded["order"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    intent = await checkout.intent(payment["id"])
    assert intent["latest_charge"]["amount_refunded"] == 666
    await checkout.stripe._refund({"payment_intent": intent["id"], "amount": "1333"})
    assert set(await checkout.deliver_stripe()) == {200}
    assert await checkout.statuses(order_id) == ("REFUNDED", "REFUNDED")
    assert await checkout.timeline(order_id) == [
        ("ATTEMPT", "SUCCEEDED", 19.99),
        ("CHARGE", "SUCCEEDED", 19.99),
        ("REFUND", "SUCCEEDED", 6.66),
        ("REFUND", "SUCCEEDED", 13.33),
    ]


@pytest.mark.parametrize(("ends", "payment_status"), [("lost", "CHARGED_BACK"), ("won", "PAID")])
async def test_a_dispute_is_opened_and_ends(checkout: Checkout, ends: str, payment_status: str) -> None:
    order_id, payment = await checkout.paid_by_stripe()
    dispute = await checkout.stripe.dispute((await checkout.intent(payment["id"]))["id"], "needs_response")
    assert await checkout.deliver_stripe() == [200]
    assert await checkout.statuses(order_id) == ("PAID", "CHARGED_BACK")
    assert ("CHARGEBACK", "PENDING", 10) in await checkout.timeline(order_id)
    dispute["status"] = ends
    checkout.stripe.emit("charge.dispute.closed", dispute)
    assert await checkout.deliver_stripe() == [200]
    assert await checkout.statuses(order_id) == ("PAID", payment_status)
    status = {"lost": "SUCCEEDED", "won": "FAILED"}[ends]
    assert ("CHARGEBACK", status, 10) in await checkout.timeline(order_id)
