"""A payment intent with its charge, refunds and disputes as a payment, for each of Stripe's statuses."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from stripe import Charge, Dispute, PaymentIntent, Refund

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.payment.models import DeclineReason, NextActionType, RefundStatus, TransactionStatus, TransactionType
from domains.payment.providers.results import ProviderPayment, ProviderStatus
from gateway.providers.stripe.records import IntentRecord
from gateway.providers.stripe.snapshots import payment_of, refund_of

S = ProviderStatus
T = TransactionType
M = TransactionStatus
REFERENCE = new_id()
METADATA = {"reference": str(REFERENCE)}
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 1990,
    "amount_capturable": 0,
    "amount_received": 0,
    "canceled_at": None,
    "cancellation_reason": None,
    "capture_method": "automatic",
    "client_secret": "pi_1_secret_1",
    "created": 1_800_000_000,
    "currency": "eur",
    "last_payment_error": None,
    "latest_charge": None,
    "metadata": METADATA,
    "next_action": None,
    "payment_method": None,
    "status": "requires_payment_method",
}
CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "amount": 1990,
    "amount_captured": 1990,
    "balance_transaction": None,
    "captured": True,
    "created": 1_800_000_001,
    "currency": "eur",
    "disputed": False,
    "failure_code": None,
    "metadata": METADATA,
    "status": "succeeded",
}
REFUND = {
    "id": "re_1",
    "object": "refund",
    "amount": 500,
    "created": 1_800_000_100,
    "currency": "eur",
    "metadata": METADATA,
    "status": "succeeded",
}
HELD = CHARGE | {"captured": False, "amount_captured": 0}
AUTHORIZED = {"status": "requires_capture", "capture_method": "manual", "amount_capturable": 1990}
SUCCEEDED = {"status": "succeeded", "amount_received": 1990}
FAILED = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "A message."}


def record(
    intent: dict[str, Any],
    charge: dict[str, Any] | None = None,
    refunds: tuple[dict[str, Any], ...] = (),
    disputes: tuple[dict[str, Any], ...] = (),
) -> IntentRecord:
    """A record of objects as Stripe sends them; its lists have the latest first."""
    return IntentRecord.of(
        PaymentIntent.construct_from(INTENT | intent, None),
        Charge.construct_from(charge, None) if charge else None,
        [Refund.construct_from(REFUND | each, None) for each in reversed(refunds)],
        [Dispute.construct_from(each, None) for each in disputes],
    )


def moved(payment: ProviderPayment) -> list[tuple[TransactionType, TransactionStatus, str]]:
    return [(each.type, each.status, str(each.amount.amount)) for each in payment.transactions]


@pytest.mark.parametrize(
    ("intent", "charge", "status", "transactions"),
    [
        ({"status": "processing"}, CHARGE | {"status": "pending"}, S.PROCESSING, [(T.CHARGE, M.PENDING, "19.90")]),
        (SUCCEEDED, CHARGE, S.SUCCEEDED, [(T.CHARGE, M.SUCCEEDED, "19.90")]),
        (AUTHORIZED, HELD, S.AUTHORIZED, [(T.AUTHORIZATION, M.SUCCEEDED, "19.90")]),
        (
            {"last_payment_error": FAILED},
            HELD | {"status": "failed"},
            S.FAILED,
            [(T.CHARGE, M.FAILED, "19.90")],
        ),
        (
            AUTHORIZED | {"status": "canceled", "canceled_at": 1_800_000_002},
            HELD,
            S.CANCELLED,
            [(T.AUTHORIZATION, M.SUCCEEDED, "19.90"), (T.VOID, M.SUCCEEDED, "19.90")],
        ),
        ({"status": "canceled", "cancellation_reason": "automatic"}, None, S.CANCELLED, []),
        ({"status": "canceled", "cancellation_reason": "abandoned"}, None, S.CANCELLED, []),
        (
            {"status": "canceled", "cancellation_reason": "abandoned", "last_payment_error": FAILED},
            None,
            S.FAILED,
            [],
        ),
        ({}, None, S.CANCELLED, []),
        ({"metadata": METADATA | {"checkout": "hosted"}}, None, S.REQUIRES_ACTION, []),
        (
            {"metadata": METADATA | {"checkout": "hosted"}, "last_payment_error": FAILED},
            HELD | {"status": "failed"},
            S.REQUIRES_ACTION,
            [(T.CHARGE, M.FAILED, "19.90")],
        ),
    ],
)
def test_each_status_of_an_intent(
    intent: dict[str, Any],
    charge: dict[str, Any] | None,
    status: ProviderStatus,
    transactions: list[tuple[TransactionType, TransactionStatus, str]],
) -> None:
    payment = payment_of(record(intent, charge))
    has_amount = status in (S.AUTHORIZED, S.SUCCEEDED)
    assert (payment.status, moved(payment)) == (status, transactions)
    assert payment.amount == (Money(Decimal("19.90"), "EUR") if has_amount else None)
    assert (payment.decline is None, payment.next_action is None) == (
        status is not S.FAILED,
        status is not S.REQUIRES_ACTION,
    )


@pytest.mark.parametrize(
    ("error", "charge", "reason"),
    [
        (FAILED, HELD, DeclineReason.INSUFFICIENT_FUNDS),
        ({"code": "payment_intent_authentication_failure"}, None, DeclineReason.AUTHENTICATION_FAILED),
        ({"code": "a_new_code"}, HELD | {"status": "failed"}, DeclineReason.CARD_DECLINED),
        (None, HELD | {"status": "failed", "failure_code": "expired_card"}, DeclineReason.CARD_EXPIRED),
    ],
)
def test_a_failed_payment_says_why(
    error: dict[str, Any] | None, charge: dict[str, Any] | None, reason: DeclineReason
) -> None:
    decline = payment_of(record({"last_payment_error": error}, charge)).decline
    assert decline is not None
    assert decline.reason is reason


@pytest.mark.parametrize(
    ("next_action", "method", "type", "has_url"),
    [
        ({"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank"}}, "card", "THREE_D_SECURE", True),
        ({"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank"}}, "ideal", "REDIRECT", True),
        ({"type": "use_stripe_sdk", "use_stripe_sdk": {}}, "card", "CONFIRMATION", False),
    ],
)
def test_a_next_action_is_a_page_or_the_confirmation_in_the_browser(
    next_action: dict[str, Any], method: str, type: str, has_url: bool
) -> None:
    given = {"status": "requires_action", "next_action": next_action}
    intent = given | {"payment_method": {"id": "pm_1", "object": "payment_method", "type": method, "customer": None}}
    action = payment_of(record(intent)).next_action
    assert action is not None
    assert action.type is NextActionType(type)
    assert (action.url is not None, action.client_secret is None) == (has_url, has_url)


def test_an_authorization_ends_when_stripe_says_so() -> None:
    details = {"type": "card", "card": {"capture_before": 1_800_500_000}}
    held = payment_of(record(AUTHORIZED, HELD | {"payment_method_details": details}))
    assert held.authorized_until == datetime.fromtimestamp(1_800_500_000, UTC)
    taken = payment_of(record(SUCCEEDED, CHARGE | {"payment_method_details": details}))
    assert taken.authorized_until is None


def test_a_partial_capture_is_one_capture_and_its_release_is_no_refund() -> None:
    entry = {"id": "txn_1", "object": "balance_transaction", "created": 1_800_000_050}
    charge = CHARGE | {"amount_captured": 490, "balance_transaction": entry}
    release = {"id": "re_0", "amount": 1500, "metadata": {}, "created": 1_800_000_050}
    of_the_dashboard = {"id": "re_2", "amount": 100, "metadata": {}}
    payment = payment_of(
        record(
            {"status": "succeeded", "amount_received": 490, "capture_method": "manual"},
            charge,
            (release, {"amount": 90}, of_the_dashboard),
        )
    )
    assert (payment.amount, moved(payment)) == (
        Money(Decimal("4.90"), "EUR"),
        [
            (T.AUTHORIZATION, M.SUCCEEDED, "19.90"),
            (T.CAPTURE, M.SUCCEEDED, "4.90"),
            (T.REFUND, M.SUCCEEDED, "0.90"),
            (T.REFUND, M.SUCCEEDED, "1.00"),
        ],
    )
    assert payment.transactions[1].occurred_at == datetime.fromtimestamp(1_800_000_050, UTC)
    assert [each.reference for each in payment.transactions] == [None, None, REFERENCE, None]


@pytest.mark.parametrize(
    ("status", "transaction", "refund"),
    [
        ("pending", M.PENDING, RefundStatus.PENDING),
        ("requires_action", M.PENDING, RefundStatus.PENDING),
        ("succeeded", M.SUCCEEDED, RefundStatus.SUCCEEDED),
        ("failed", M.FAILED, RefundStatus.FAILED),
        ("canceled", M.FAILED, RefundStatus.FAILED),
    ],
)
def test_each_status_of_a_refund(status: str, transaction: TransactionStatus, refund: RefundStatus) -> None:
    of = record(SUCCEEDED, CHARGE, ({"status": status, "failure_reason": "expired_or_canceled_card"},))
    assert moved(payment_of(of))[1:] == [(T.REFUND, transaction, "5.00")]
    assert of.refundable.amount == (Decimal("19.90") if refund is RefundStatus.FAILED else Decimal("14.90"))
    result = refund_of(of.refunds[0])
    assert (result.status, result.provider_id, result.decline is None) == (
        refund,
        "re_1",
        refund is not RefundStatus.FAILED,
    )


@pytest.mark.parametrize(
    ("status", "transactions"),
    [
        ("needs_response", [(T.CHARGEBACK, M.PENDING, "19.90")]),
        ("under_review", [(T.CHARGEBACK, M.PENDING, "19.90")]),
        ("lost", [(T.CHARGEBACK, M.SUCCEEDED, "19.90")]),
        ("appeal_under_review", [(T.CHARGEBACK, M.SUCCEEDED, "19.90")]),
        ("won", [(T.CHARGEBACK, M.FAILED, "19.90")]),
        ("warning_needs_response", []),
        ("warning_closed", []),
    ],
)
def test_each_status_of_a_dispute(
    status: str, transactions: list[tuple[TransactionType, TransactionStatus, str]]
) -> None:
    dispute = {
        "id": "dp_1",
        "object": "dispute",
        "amount": 1990,
        "currency": "eur",
        "created": 1_800_100_000,
        "status": status,
    }
    payment = payment_of(record(SUCCEEDED, CHARGE, disputes=(dispute,)))
    assert (payment.status, moved(payment)[1:]) == (S.SUCCEEDED, transactions)


def test_a_method_that_is_kept_for_nobody_is_no_kept_method() -> None:
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
    method = {"id": "pm_1", "object": "payment_method", "type": "card", "card": card, "customer": None}
    assert payment_of(record(SUCCEEDED | {"payment_method": method}, CHARGE)).method is None
    kept = payment_of(record(SUCCEEDED | {"payment_method": method | {"customer": "cus_1"}}, CHARGE)).method
    assert kept is not None
    assert (kept.customer_id, kept.brand, kept.last4, kept.expiry_month, kept.expiry_year) == (
        "cus_1",
        "visa",
        "4242",
        12,
        2030,
    )
    transfer = {"id": "pm_1", "object": "payment_method", "type": "sepa_debit", "customer": "cus_1"}
    assert payment_of(record(SUCCEEDED | {"payment_method": transfer}, CHARGE)).method is None
