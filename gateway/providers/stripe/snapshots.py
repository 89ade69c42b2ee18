"""A payment intent in the terms of the payment domain: status, next action, decline, transactions, kept method."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from stripe import Dispute, PaymentIntent, PaymentMethod, Refund, StripeObject

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.models import (
    DeclineReason,
    NextActionType,
    RefundStatus,
    SavedMethodType,
    TransactionStatus,
    TransactionType,
)
from domains.payment.providers.results import (
    Decline,
    KeptMethod,
    NextAction,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    ProviderTransaction,
)
from gateway.providers.stripe.amounts import from_units
from gateway.providers.stripe.declines import decline_of
from gateway.providers.stripe.records import ABANDONED, IntentRecord, reference_of, time_of

STATUSES: Final = {
    "requires_payment_method": ProviderStatus.REQUIRES_ACTION,
    "requires_confirmation": ProviderStatus.REQUIRES_ACTION,
    "requires_action": ProviderStatus.REQUIRES_ACTION,
    "processing": ProviderStatus.PROCESSING,
    "requires_capture": ProviderStatus.AUTHORIZED,
    "succeeded": ProviderStatus.SUCCEEDED,
    "canceled": ProviderStatus.CANCELLED,
}
MOVED: Final = {
    "pending": TransactionStatus.PENDING,
    "requires_action": TransactionStatus.PENDING,
    "succeeded": TransactionStatus.SUCCEEDED,
    "failed": TransactionStatus.FAILED,
    "canceled": TransactionStatus.FAILED,
}
REFUNDED: Final = {
    TransactionStatus.PENDING: RefundStatus.PENDING,
    TransactionStatus.SUCCEEDED: RefundStatus.SUCCEEDED,
    TransactionStatus.FAILED: RefundStatus.FAILED,
}
# An inquiry (`warning_…`) moves no money. While a lost dispute is appealed, the buyer has the money.
DISPUTED: Final = {
    "needs_response": TransactionStatus.PENDING,
    "under_review": TransactionStatus.PENDING,
    "lost": TransactionStatus.SUCCEEDED,
    "appeal_needs_response": TransactionStatus.SUCCEEDED,
    "appeal_under_review": TransactionStatus.SUCCEEDED,
    "won": TransactionStatus.FAILED,
    "prevented": TransactionStatus.FAILED,
}


def payment_of(record: IntentRecord) -> ProviderPayment:
    """The payment of an intent."""
    status = _status(record)
    return ProviderPayment(
        status,
        record.intent.id,
        _amount(record, status),
        _next_action(record) if status is ProviderStatus.REQUIRES_ACTION else None,
        _decline(record) if status is ProviderStatus.FAILED else None,
        tuple(sorted(_transactions(record), key=lambda each: each.occurred_at)),
        kept_method(record.intent.payment_method),
        _authorized_until(record) if status is ProviderStatus.AUTHORIZED else None,
    )


def refund_of(refund: Refund) -> ProviderRefund:
    """The refund at Stripe; one in an unknown status is under way."""
    status = REFUNDED[MOVED.get(refund.status or "", TransactionStatus.PENDING)]
    failure = None
    if status is RefundStatus.FAILED:
        code = getattr(refund, "failure_reason", None)
        failure = decline_of(code or "refund_failed", None, DeclineReason.PROVIDER_ERROR)
    return ProviderRefund(status, refund.id, failure)


def kept_method(method: str | PaymentMethod | None) -> KeptMethod | None:
    """The card that Stripe keeps for a customer; None for a card that it does not keep, and for other methods."""
    if not isinstance(method, PaymentMethod) or method.type != "card":
        return None
    customer = method.customer
    if customer is None or method.card is None:
        return None
    return KeptMethod(
        Secret(method.id),
        SavedMethodType.CARD,
        customer if isinstance(customer, str) else customer.id,
        method.card.brand,
        method.card.last4,
        method.card.exp_month,
        method.card.exp_year,
    )


def _status(record: IntentRecord) -> ProviderStatus:
    if record.is_stranded or _is_closed_failure(record):
        return ProviderStatus.FAILED if _has_failed(record) else ProviderStatus.CANCELLED
    if record.is_cancelled:
        return ProviderStatus.CANCELLED
    return STATUSES[record.intent.status]


def _is_closed_failure(record: IntentRecord) -> bool:
    return record.intent.status == "canceled" and record.intent.cancellation_reason == ABANDONED


def _has_failed(record: IntentRecord) -> bool:
    return record.intent.last_payment_error is not None or (
        record.charge is not None and record.charge.status == "failed"
    )


def _amount(record: IntentRecord, status: ProviderStatus) -> Money | None:
    if status is ProviderStatus.AUTHORIZED:
        return from_units(record.intent.amount_capturable, record.currency)
    if status is ProviderStatus.SUCCEEDED:
        return from_units(record.intent.amount_received, record.currency)
    return None


def _next_action(record: IntentRecord) -> NextAction:
    """The page of the bank where Stripe names one, else the confirmation in the browser by Stripe.js."""
    intent = record.intent
    redirect = intent.next_action and getattr(intent.next_action, "redirect_to_url", None)
    if redirect and redirect.url and not record.is_hosted:
        is_card = _method_type(intent) == "card"
        return NextAction(NextActionType.THREE_D_SECURE if is_card else NextActionType.REDIRECT, redirect.url)
    return NextAction(NextActionType.CONFIRMATION, client_secret=Secret(intent.client_secret or ""))


def _method_type(intent: PaymentIntent) -> str | None:
    return intent.payment_method.type if isinstance(intent.payment_method, PaymentMethod) else None


def _decline(record: IntentRecord) -> Decline:
    """The decline of the latest error; of the failed charge, where Stripe no longer shows the error."""
    error: StripeObject | None = record.intent.last_payment_error
    if error is not None:
        code, decline_code = getattr(error, "code", None), getattr(error, "decline_code", None)
    else:
        code, decline_code = getattr(record.charge, "failure_code", None), None
    is_decline = record.charge is not None and record.charge.status == "failed"
    otherwise = DeclineReason.CARD_DECLINED if decline_code or is_decline else DeclineReason.PROVIDER_ERROR
    return decline_of(code, decline_code, otherwise)


def _authorized_until(record: IntentRecord) -> datetime | None:
    details = getattr(record.charge, "payment_method_details", None)
    before = getattr(getattr(details, "card", None), "capture_before", None)
    return time_of(before) if before else None


def _transactions(record: IntentRecord) -> Iterator[ProviderTransaction]:
    yield from _charges(record)
    for refund in record.refunds:
        yield ProviderTransaction(
            refund.id,
            TransactionType.REFUND,
            MOVED.get(refund.status or "", TransactionStatus.PENDING),
            from_units(refund.amount, refund.currency),
            time_of(refund.created),
            reference_of(refund),
        )
    for dispute in record.disputes:
        if dispute.status in DISPUTED:
            yield _chargeback(dispute)


def _charges(record: IntentRecord) -> Iterator[ProviderTransaction]:
    charge = record.charge
    if charge is None:
        return
    is_manual = record.intent.capture_method == "manual"
    yield ProviderTransaction(
        charge.id,
        TransactionType.AUTHORIZATION if is_manual else TransactionType.CHARGE,
        MOVED.get(charge.status, TransactionStatus.PENDING),
        from_units(charge.amount, charge.currency),
        time_of(charge.created),
    )
    if is_manual and charge.captured:
        entry = charge.balance_transaction
        at = charge.created if entry is None or isinstance(entry, str) else entry.created
        yield ProviderTransaction(
            charge.id, TransactionType.CAPTURE, TransactionStatus.SUCCEEDED, record.captured, time_of(at)
        )
    canceled_at = record.intent.canceled_at
    if is_manual and charge.status == "succeeded" and not charge.captured and canceled_at:
        yield ProviderTransaction(
            charge.id,
            TransactionType.VOID,
            TransactionStatus.SUCCEEDED,
            from_units(charge.amount, charge.currency),
            time_of(canceled_at),
        )


def _chargeback(dispute: Dispute) -> ProviderTransaction:
    return ProviderTransaction(
        dispute.id,
        TransactionType.CHARGEBACK,
        DISPUTED[dispute.status],
        from_units(dispute.amount, dispute.currency),
        time_of(dispute.created),
    )
