"""Payments at PayPal beyond the contract: what is cancelled, and what happens at PayPal without us."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.payment.models import CaptureMethod, RefundStatus, TransactionStatus, TransactionType
from domains.payment.providers.requests import (
    HostedCheckout,
    PaymentReference,
    RefundRequest,
)
from domains.payment.providers.results import ProviderStatus
from gateway.providers.paypal.errors import PayPalUnavailable
from tests.domains.payment.provider_contract import PRICE, known, moved, request
from tests.gateway.providers.paypal.conftest import PayPalTerminal
from tests.gateway.providers.paypal.fake_orders import Refused, payments_of, unit_of
from tests.gateway.providers.paypal.fake_paypal import FakePayPal

S = ProviderStatus
T = TransactionType
X = TransactionStatus
ORDERS = "/v2/checkout/orders"
NOT_PATCHABLE = ("PATCH", f"{ORDERS}/.*", Refused("NOT_PATCHABLE"))


# ---- what is cancelled


@pytest.mark.parametrize("capture_method", CaptureMethod)
async def test_a_cancelled_order_that_its_buyer_approves_takes_no_money(
    terminal: PayPalTerminal, paypal: FakePayPal, capture_method: CaptureMethod
) -> None:
    asked = request(HostedCheckout(), capture_method)
    payment = known(asked, await terminal.provider.authorize(asked))
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
    await terminal.complete_action(asked.reference, succeeds=True)
    order = paypal.orders.of(str(asked.reference))
    assert order["status"] == "APPROVED"
    assert (await terminal.provider.confirm(payment)).status is S.CANCELLED
    # A confirmation that had looked the order up before is refused by PayPal itself.
    action = "capture" if capture_method is CaptureMethod.AUTOMATIC else "authorize"
    with pytest.raises(Exception, match="ACTION_DOES_NOT_MATCH_INTENT"):
        paypal.orders.complete(order["id"], action, {})
    assert moved(await terminal.provider.find(payment)) == []


@pytest.mark.parametrize("capture_method", CaptureMethod)
async def test_money_that_is_taken_after_a_cancellation_is_given_back(
    terminal: PayPalTerminal, paypal: FakePayPal, capture_method: CaptureMethod
) -> None:
    asked = request(terminal.approving, capture_method)

    def cancel() -> None:
        unit_of(paypal.orders.of(str(asked.reference)))["custom_id"] = f"{asked.reference}.CANCELLED"

    paypal.before_completion = cancel
    result = await terminal.provider.authorize(asked)
    assert (result.status, result.amount) == (S.CANCELLED, None)
    taken, given_back = (
        (T.CHARGE, T.REFUND) if capture_method is CaptureMethod.AUTOMATIC else (T.AUTHORIZATION, T.VOID)
    )
    assert moved(result) == [(taken, X.SUCCEEDED, PRICE.amount), (given_back, X.SUCCEEDED, PRICE.amount)]


async def test_a_cancellation_is_not_forgotten_by_a_payment_that_was_looked_up(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    for _ in range(5):
        asked = request(terminal.approving)
        payment = PaymentReference(asked.reference, amount=PRICE)
        assert await terminal.provider.find(payment) is None
        await asyncio.gather(terminal.provider.authorize(asked), terminal.provider.cancel(payment))
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.status is S.CANCELLED


async def test_confirmations_and_cancellations_at_once_agree(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    for _ in range(5):
        asked = request(HostedCheckout())
        payment = known(asked, await terminal.provider.authorize(asked))
        await terminal.complete_action(asked.reference, succeeds=True)
        calls = [terminal.provider.confirm(payment), terminal.provider.cancel(payment)]
        await asyncio.gather(*calls)
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.status is S.CANCELLED
        taken = {T.CHARGE: 1, T.REFUND: -1}
        assert sum(taken[each.type] * each.amount.amount for each in found.transactions) == 0


async def test_a_payment_that_failed_authentication_is_closed_when_it_is_cancelled(terminal: PayPalTerminal) -> None:
    asked = request(terminal.authenticating)
    payment = known(asked, await terminal.provider.authorize(asked))
    await terminal.complete_action(asked.reference, succeeds=False)
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
    await terminal.complete_action(asked.reference, succeeds=True)
    assert (await terminal.provider.confirm(payment)).status is S.CANCELLED


async def test_a_declined_payment_stays_failed_when_it_is_cancelled(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = request(HostedCheckout())
    payment = known(asked, await terminal.provider.authorize(asked))
    await terminal.complete_action(asked.reference, succeeds=True)
    paypal.orders.declining.add(terminal.order_id(asked.reference))
    declined = await terminal.provider.confirm(payment)
    assert declined.decline is not None
    assert (declined.status, declined.decline.code) == (S.FAILED, "INSTRUMENT_DECLINED")
    assert await terminal.provider.find(payment) == declined
    assert await terminal.provider.confirm(payment) == declined
    assert await terminal.provider.cancel(payment) == declined


async def test_a_cancelled_authorization_is_a_void(terminal: PayPalTerminal) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    cancelled = await terminal.provider.cancel(payment)
    assert moved(cancelled) == [(T.AUTHORIZATION, X.SUCCEEDED, PRICE.amount), (T.VOID, X.SUCCEEDED, PRICE.amount)]
    assert await terminal.provider.find(payment) == cancelled


async def test_a_cancelled_charge_is_returned_whole(terminal: PayPalTerminal) -> None:
    asked = request(terminal.approving)
    payment = known(asked, await terminal.provider.authorize(asked))
    cancelled = await terminal.provider.cancel(payment)
    assert moved(cancelled) == [(T.CHARGE, X.SUCCEEDED, PRICE.amount), (T.REFUND, X.SUCCEEDED, PRICE.amount)]
    assert [each.reference for each in cancelled.transactions] == [None, None]


async def test_a_charge_that_is_refunded_whole_stays_captured(terminal: PayPalTerminal) -> None:
    asked = request(terminal.approving)
    payment = known(asked, await terminal.provider.authorize(asked))
    await terminal.provider.refund(RefundRequest(new_id(), payment, PRICE))
    found = await terminal.provider.find(payment)
    assert found is not None
    assert (found.status, found.amount) == (S.SUCCEEDED, PRICE)


async def test_a_capture_that_paypal_refuses_is_a_decline(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    paypal.refusals = [("POST", ".*/authorizations/.*/capture", Refused("PAYER_CANNOT_PAY"))]
    refused = await terminal.provider.capture(payment, PRICE)
    assert refused.decline is not None
    assert (refused.status, refused.decline.code) == (S.FAILED, "PAYER_CANNOT_PAY")
    assert (await terminal.provider.capture(payment, PRICE)).status is S.SUCCEEDED


async def test_a_capture_finer_than_the_currency_is_not_asked_for(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    refused = await terminal.provider.capture(payment, replace(PRICE, amount=Decimal("4.905")))
    assert refused.decline is not None
    assert (refused.status, refused.decline.code) == (S.FAILED, "AMOUNT_NOT_SUPPORTED")
    assert paypal.calls("POST", ".*/capture") == []


async def test_a_void_that_paypal_refuses_is_tried_again(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    paypal.refusals = [("POST", ".*/void", Refused("CANNOT_BE_VOIDED"))]
    with pytest.raises(PayPalUnavailable, match="CANNOT_BE_VOIDED"):
        await terminal.provider.cancel(payment)
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED


async def test_a_cancellation_that_paypal_does_not_take_is_an_error(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = request(HostedCheckout())
    payment = known(asked, await terminal.provider.authorize(asked))
    paypal.refusals = [NOT_PATCHABLE] * 3
    with pytest.raises(PayPalUnavailable, match="not cancelled"):
        await terminal.provider.cancel(payment)
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED


async def test_a_decline_that_cannot_be_noted_is_an_error(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.declining)
    paypal.refusals = [NOT_PATCHABLE]
    with pytest.raises(PayPalUnavailable, match="INSTRUMENT_DECLINED"):
        await terminal.provider.authorize(asked)
    assert (await terminal.provider.authorize(asked)).status is S.FAILED


async def test_an_unknown_payment_that_cannot_be_closed_is_an_error(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    paypal.refusals = [("POST", ORDERS, Refused("PAYEE_ACCOUNT_RESTRICTED"))]
    with pytest.raises(PayPalUnavailable, match="PAYEE_ACCOUNT_RESTRICTED"):
        await terminal.provider.cancel(PaymentReference(new_id(), amount=PRICE))


# ---- what happens at PayPal


async def test_an_authorization_ends(terminal: PayPalTerminal, clock: FixedClock) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    authorized = await terminal.provider.authorize(asked)
    assert authorized.authorized_until == clock.now() + timedelta(days=29)
    clock.advance(timedelta(days=29))
    payment = known(asked, authorized)
    ended = await terminal.provider.find(payment)
    assert ended is not None
    assert (ended.status, ended.authorized_until) == (S.CANCELLED, None)
    assert moved(ended) == [(T.AUTHORIZATION, X.SUCCEEDED, PRICE.amount), (T.VOID, X.SUCCEEDED, PRICE.amount)]
    assert (await terminal.provider.capture(payment, PRICE)).status is S.CANCELLED
    assert (await terminal.provider.cancel(payment)).status is S.CANCELLED


async def test_a_capture_that_takes_time_is_processing(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(HostedCheckout())
    payment = known(asked, await terminal.provider.authorize(asked))
    await terminal.complete_action(asked.reference, succeeds=True)
    paypal.orders.pending.add(terminal.order_id(asked.reference))
    pending = await terminal.provider.confirm(payment)
    assert (pending.status, pending.amount, moved(pending)) == (
        S.PROCESSING,
        None,
        [(T.CHARGE, X.PENDING, PRICE.amount)],
    )
    with pytest.raises(PayPalUnavailable, match="PENDING_CAPTURE"):
        await terminal.provider.cancel(payment)
    (capture,) = payments_of(paypal.orders.of(str(asked.reference)), "captures")
    for status, expected in (("DECLINED", S.FAILED), ("FAILED", S.FAILED), ("COMPLETED", S.SUCCEEDED)):
        capture["status"] = status
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.status is expected


async def test_an_authorization_that_takes_time_or_is_denied(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(asked, await terminal.provider.authorize(asked))
    (authorization,) = payments_of(paypal.orders.of(str(asked.reference)), "authorizations")
    cases = [
        ("PENDING", S.PROCESSING, X.PENDING),
        ("DENIED", S.FAILED, X.FAILED),
        ("CAPTURED", S.PROCESSING, X.SUCCEEDED),
    ]
    for status, expected, transaction in cases:
        authorization["status"] = status
        found = await terminal.provider.find(payment)
        assert found is not None
        assert (found.status, found.amount, found.transactions[0].status) == (expected, None, transaction)


async def test_an_order_that_paypal_voids_is_cancelled(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(HostedCheckout())
    payment = known(asked, await terminal.provider.authorize(asked))
    order = paypal.orders.of(str(asked.reference))
    for status, expected in (("VOIDED", S.CANCELLED), ("COMPLETED", S.PROCESSING)):
        order["status"] = status
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.status is expected


async def test_a_chargeback_takes_what_was_not_refunded(terminal: PayPalTerminal) -> None:
    asked = request(terminal.approving)
    payment = known(asked, await terminal.provider.authorize(asked))
    await terminal.provider.refund(RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(5))))
    await terminal.dispute(asked.reference)
    found = await terminal.provider.find(payment)
    assert moved(found)[1:] == [(T.REFUND, X.SUCCEEDED, Decimal(5)), (T.CHARGEBACK, X.SUCCEEDED, Decimal("14.90"))]
    refused = await terminal.provider.refund(RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(1))))
    assert refused.decline is not None
    assert refused.decline.code == "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK"


async def test_a_refund_in_paypals_dashboard_is_seen(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    payment = known(asked, result := await terminal.provider.authorize(asked))
    amount = {"currency_code": "EUR", "value": "3.00"}
    paypal.orders.refund(result.transactions[0].id, {"amount": amount, "custom_id": "of-the-dashboard"})
    found = await terminal.provider.find(payment)
    assert found is not None
    assert [(each.type, each.reference, each.amount.amount) for each in found.transactions[1:]] == [
        (T.REFUND, None, Decimal("3.00"))
    ]
    cancelled = await terminal.provider.cancel(payment)
    assert (cancelled.status, cancelled.left) == (S.CANCELLED, Decimal(0))


@pytest.mark.parametrize(
    ("status", "expected"),
    [("PENDING", RefundStatus.PENDING), ("FAILED", RefundStatus.FAILED), ("CANCELLED", RefundStatus.FAILED)],
)
async def test_a_refund_has_the_status_that_paypal_gives_it(
    terminal: PayPalTerminal, paypal: FakePayPal, status: str, expected: RefundStatus
) -> None:
    asked = request(terminal.approving)
    payment = known(asked, await terminal.provider.authorize(asked))
    refund = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(5)))
    await terminal.provider.refund(refund)
    (given,) = payments_of(paypal.orders.of(str(asked.reference)), "refunds")
    given["status"] = status
    result = await terminal.provider.refund(refund)
    assert (result.status, result.decline is None) == (expected, status == "PENDING")
