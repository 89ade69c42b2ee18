"""Payments at PayPal beyond the contract: what is sent, and what becomes of orders whose answers are lost."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod, DeclineReason, RefundStatus, TransactionStatus, TransactionType
from domains.payment.providers.requests import (
    HostedCheckout,
    MethodToken,
    PaymentInstrument,
    PaymentReference,
    RefundRequest,
)
from domains.payment.providers.results import ProviderStatus
from gateway.providers.paypal.errors import PayPalOutcomeUnknown, PayPalUnavailable
from tests.domains.payment.payer import card
from tests.domains.payment.provider_contract import PRICE, known, moved, request
from tests.gateway.providers.paypal.conftest import BUYER, PayPalTerminal
from tests.gateway.providers.paypal.fake_paypal import FakePayPal

S = ProviderStatus
T = TransactionType
X = TransactionStatus
ORDERS = "/v2/checkout/orders"
PAID = "https://shop.example/paid"


# ---- what is sent


async def test_an_order_is_created_before_money_moves_and_names_the_payment(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = replace(request(HostedCheckout()), description="Order 1001")
    waiting = await terminal.provider.authorize(asked)
    assert waiting.next_action is not None
    assert waiting.next_action.url == f"{paypal.url}/checkoutnow?token={waiting.provider_id}"
    ((method, path, body),) = paypal.requests
    assert (method, path, body["intent"]) == ("POST", ORDERS, "CAPTURE")
    reference = str(asked.reference)
    unit = {"reference_id": "default", "custom_id": reference, "invoice_id": reference, "description": "Order 1001"}
    assert body["purchase_units"] == [{**unit, "amount": {"currency_code": "EUR", "value": "19.90"}}]
    urls = {"return_url": PAID, "cancel_url": PAID}
    context = {"shipping_preference": "NO_SHIPPING", "user_action": "PAY_NOW", **urls}
    assert body["payment_source"] == {"paypal": {"experience_context": context}}


async def test_a_page_that_is_not_paypals_is_refused(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    paypal.orders.url = "https://paypal.example"
    with pytest.raises(PayPalUnavailable, match="no page of PayPal"):
        await terminal.provider.authorize(request(HostedCheckout()))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": Money(Decimal(10), "KWD")}, DeclineReason.METHOD_NOT_SUPPORTED),
        ({"amount": Money(Decimal("10.50"), "HUF")}, DeclineReason.METHOD_NOT_SUPPORTED),
        ({"instrument": card("4242424242424242")}, DeclineReason.METHOD_NOT_SUPPORTED),
        ({"instrument": MethodToken(Secret("../orders"), BUYER)}, DeclineReason.METHOD_NOT_SUPPORTED),
        ({"instrument": MethodToken(Secret("paypal:approves"))}, DeclineReason.METHOD_NOT_SUPPORTED),
    ],
)
async def test_what_paypal_does_not_take_is_never_sent(
    terminal: PayPalTerminal, paypal: FakePayPal, change: dict[str, Any], reason: DeclineReason
) -> None:
    assert not terminal.provider.accepts_cards
    asked = replace(request(HostedCheckout()), **change)
    result = await terminal.provider.authorize(asked)
    assert result.decline is not None
    assert (result.status, result.decline.reason) == (S.FAILED, reason)
    assert paypal.requests == []
    if not isinstance(asked.instrument, CardDetails | MethodToken):
        payment = PaymentReference(asked.reference, amount=asked.amount)
        assert await terminal.provider.find(payment) is None
        assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
        assert paypal.requests == []


async def test_yen_are_sent_without_decimals(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = replace(request(terminal.approving, CaptureMethod.MANUAL), amount=Money(Decimal(1990), "JPY"))
    payment = known(asked, await terminal.provider.authorize(asked))
    captured = await terminal.provider.capture(payment, Money(Decimal(990), "JPY"))
    assert captured.amount == Money(Decimal(990), "JPY")
    ((body),) = paypal.calls("POST", "/v2/payments/authorizations/.*/capture")
    assert body["amount"] == {"currency_code": "JPY", "value": "990"}
    fine = await terminal.provider.refund(RefundRequest(new_id(), payment, Money(Decimal("0.5"), "JPY")))
    assert fine.status is RefundStatus.FAILED


async def test_an_order_that_paypal_refuses_is_a_decline(terminal: PayPalTerminal) -> None:
    asked = replace(request(terminal.approving), amount=Money(Decimal(0), "EUR"))
    result = await terminal.provider.authorize(asked)
    assert result.decline is not None
    assert (result.status, result.decline.code) == (S.FAILED, "CANNOT_BE_ZERO_OR_NEGATIVE")


async def test_a_capture_above_the_authorized_amount_is_not_asked_for(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    tolerated = replace(PRICE, amount=Decimal("19.91"))  # PayPal would capture up to 115 %
    assert (await terminal.provider.capture(payment, tolerated)).status is S.FAILED
    assert paypal.calls("POST", ".*/capture") == []


# ---- what is lost


@pytest.mark.parametrize("capture_method", CaptureMethod)
@pytest.mark.parametrize("lost", [1, 2])
async def test_a_payment_whose_answer_is_lost_is_found_and_repeated_once(
    terminal: PayPalTerminal, paypal: FakePayPal, capture_method: CaptureMethod, lost: int
) -> None:
    asked = request(terminal.approving, capture_method)
    paypal.lost = [502] if lost == 1 else []
    if lost == 2:
        paypal.lose_completion = True
    with pytest.raises(PayPalUnavailable):
        await terminal.provider.authorize(asked)
    found = await terminal.provider.find(PaymentReference(asked.reference, amount=PRICE))
    assert found is not None
    done = S.SUCCEEDED if capture_method is CaptureMethod.AUTOMATIC else S.AUTHORIZED
    assert found.status is (S.REQUIRES_ACTION if lost == 1 else done)
    assert (await terminal.provider.authorize(asked)).status is done
    assert len(paypal.orders.orders) == 1
    assert len(moved(await terminal.provider.find(PaymentReference(asked.reference, amount=PRICE)))) == 1


@pytest.mark.parametrize("capture_method", CaptureMethod)
async def test_a_payment_arrives_after_it_was_looked_up(
    terminal: PayPalTerminal, paypal: FakePayPal, capture_method: CaptureMethod
) -> None:
    instruments: list[PaymentInstrument] = [terminal.approving, HostedCheckout()]
    for instrument in instruments:
        asked = replace(request(instrument, capture_method), description="Order 1001")
        payment = PaymentReference(asked.reference, amount=PRICE)
        assert await terminal.provider.find(payment) is None
        assert await terminal.provider.find(payment) is None
        assert (await terminal.provider.capture(payment, PRICE)).status is S.FAILED
        result = await terminal.provider.authorize(asked)
        if isinstance(instrument, HostedCheckout):
            assert result.status is S.REQUIRES_ACTION
            await terminal.complete_action(asked.reference, succeeds=True)
            result = await terminal.provider.confirm(known(asked, result))
        assert result.status is (S.SUCCEEDED if capture_method is CaptureMethod.AUTOMATIC else S.AUTHORIZED)
        unit = paypal.orders.of(str(asked.reference))["purchase_units"][0]
        assert (unit["invoice_id"], unit["description"]) == (str(asked.reference), "Order 1001")
        assert paypal.orders.wallets.get(result.provider_id or "", {}).get("experience_context", {}).get(
            "return_url"
        ) == (PAID if isinstance(instrument, HostedCheckout) else None)


async def test_a_payment_that_was_looked_up_can_be_cancelled(terminal: PayPalTerminal) -> None:
    asked = request(terminal.approving)
    payment = PaymentReference(asked.reference, amount=PRICE)
    assert await terminal.provider.find(payment) is None
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
    assert (await terminal.provider.authorize(asked)).status is S.CANCELLED


async def test_a_second_order_of_a_paid_invoice_is_no_decline(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    first = await terminal.provider.authorize(asked)
    paypal.forgets_keys = True  # after 6 hours
    with pytest.raises(PayPalOutcomeUnknown, match="invoice id"):
        await terminal.provider.authorize(asked)
    assert (await terminal.provider.find(known(asked, first))) == first


async def test_a_refund_is_known_after_its_key_is_forgotten(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    payment = known(asked, await terminal.provider.authorize(asked))
    refund = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(5)))
    first = await terminal.provider.refund(refund)
    paypal.forgets_keys = True
    assert await terminal.provider.refund(refund) == first
    assert len(paypal.calls("POST", ".*/refund")) == 1


async def test_an_order_that_has_ended_is_no_payment(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(HostedCheckout())
    payment = known(asked, await terminal.provider.authorize(asked))
    paypal.orders.orders.clear()
    assert await terminal.provider.find(payment) is None
    assert (await terminal.provider.confirm(payment)).status is S.FAILED
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
    assert (await terminal.provider.authorize(asked)).status is S.CANCELLED
    refund = await terminal.provider.refund(RefundRequest(new_id(), payment, PRICE))
    assert refund.status is RefundStatus.FAILED


async def test_an_order_of_another_payment_is_not_found(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    result = await terminal.provider.authorize(asked)
    foreign = PaymentReference(new_id(), result.provider_id, PRICE)
    assert await terminal.provider.find(foreign) is None
    assert (await terminal.provider.confirm(foreign)).status is S.FAILED
    refund = await terminal.provider.refund(RefundRequest(new_id(), foreign, PRICE))
    assert refund.status is RefundStatus.FAILED
    assert paypal.calls("POST", ".*/refund") == []
