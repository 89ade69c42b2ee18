"""Orders that are paid at PayPal, from the connection of the company to a refund made at PayPal."""

import pytest

from tests.gateway.graphql.payment.purchases.checkout import BACK, Checkout, StripeJs
from tests.gateway.graphql.payment.purchases.operations import CAPTURE, REFUND, SETTINGS, of_order, of_payment
from tests.gateway.providers.paypal.fake_orders import payments_of


@pytest.fixture(autouse=True)
async def connected(checkout: Checkout) -> None:
    await checkout.connect("PAYPAL")


async def test_an_approved_payment_is_captured_and_refunds_made_at_paypal_arrive(checkout: Checkout) -> None:
    order_id = await checkout.order(("A", 2))
    payment_id = await checkout.approved_at_paypal(order_id)
    assert await checkout.statuses(order_id) == ("PAYMENT_PENDING", "PENDING")
    confirmed = await checkout.confirm(payment_id)
    assert (confirmed["payment"]["status"], confirmed["order"]["status"]) == ("SUCCEEDED", "PAID")
    assert set(await checkout.deliver_paypal()) == {200}
    (capture,) = payments_of(checkout.paypal.orders.of(payment_id), "captures")
    refund = {"amount": {"currency_code": "EUR", "value": "5.00"}, "custom_id": capture["custom_id"]}
    checkout.paypal.orders.refund(capture["id"], refund)
    assert await checkout.deliver_paypal() == [200]
    assert await checkout.statuses(order_id) == ("PAID", "PARTIALLY_REFUNDED")
    rest = await checkout.site.do(REFUND, checkout.staff, **of_order(order_id))
    assert rest["refunds"] == [{"status": "SUCCEEDED", "amount": {"amount": "15.00"}}]
    assert await checkout.deliver_paypal() == [200]
    assert await checkout.statuses(order_id) == ("REFUNDED", "REFUNDED")
    assert await checkout.timeline(order_id) == [
        ("ATTEMPT", "SUCCEEDED", 20),
        ("CHARGE", "SUCCEEDED", 20),
        ("REFUND", "SUCCEEDED", 5),
        ("REFUND", "SUCCEEDED", 15),
    ]


async def test_an_authorized_payment_is_captured_in_part(checkout: Checkout) -> None:
    await checkout.site.do(SETTINGS, checkout.staff, captureMode="MANUAL")
    order_id = await checkout.order()
    payment_id = await checkout.approved_at_paypal(order_id)
    assert (await checkout.confirm(payment_id))["payment"]["status"] == "AUTHORIZED"
    captured = await checkout.site.do(CAPTURE, checkout.staff, **of_payment(payment_id, amount="4"))
    assert captured["payment"]["capturedAmount"] == {"amount": "4.00"}
    assert set(await checkout.deliver_paypal()) == {200}
    assert await checkout.statuses(order_id) == ("CONFIRMED", "PARTIALLY_PAID")
    (capture,) = payments_of(checkout.paypal.orders.of(payment_id), "captures")
    assert capture["amount"] == {"currency_code": "EUR", "value": "4.00"}


async def test_the_webhook_of_an_approval_pays_an_order_whose_buyer_does_not_come_back(checkout: Checkout) -> None:
    order_id = await checkout.order()
    await checkout.approved_at_paypal(order_id)
    assert set(await checkout.deliver_paypal()) == {200}
    assert await checkout.statuses(order_id) == ("PAID", "PAID")


async def test_a_payment_that_the_buyer_has_left_takes_no_money_later(checkout: Checkout) -> None:
    order_id = await checkout.order()
    left = await checkout.begin(order_id, returnUrl=BACK)
    at_paypal = checkout.paypal.orders.of(left["payment"]["id"])["id"]
    await checkout.connect("STRIPE")
    begun = await checkout.begin(order_id)
    assert await StripeJs(checkout.stripe, begun["clientSecret"]).confirm() == "succeeded"
    checkout.paypal.orders.approve(at_paypal, succeeds=True)
    assert set(await checkout.deliver_paypal()) == {200}
    assert set(await checkout.deliver_stripe()) == {200}
    assert (await checkout.confirm(left["payment"]["id"]))["payment"]["status"] == "CANCELLED"
    assert await checkout.statuses(order_id) == ("PAID", "PAID")
    assert payments_of(checkout.paypal.orders.order(at_paypal), "captures") == []
