"""The records of the MOCK provider as answers: a stored charge with its refunds is a payment with transactions."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

import asyncpg

from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.models import CaptureMethod, NextActionType, SavedMethodType, TransactionStatus, TransactionType
from domains.payment.providers.results import (
    KeptMethod,
    NextAction,
    ProviderPayment,
    ProviderStatus,
    ProviderTransaction,
)
from gateway.providers.mock.declines import DECLINES_BY_CODE

PAGE: Final = "/payments/mock"
STATUSES: Final = {
    "REQUIRES_ACTION": ProviderStatus.REQUIRES_ACTION,
    "AUTHORIZED": ProviderStatus.AUTHORIZED,
    "APPROVED": ProviderStatus.SUCCEEDED,
    "DECLINED": ProviderStatus.FAILED,
    "VOIDED": ProviderStatus.CANCELLED,
}
AMOUNT_COLUMNS: Final = {
    ProviderStatus.AUTHORIZED: "amount",
    ProviderStatus.SUCCEEDED: "captured_amount",
}
REFUND_STATUSES: Final = {"APPROVED": TransactionStatus.SUCCEEDED, "DECLINED": TransactionStatus.FAILED}
LAST_4: Final = "4242"
AUTHORIZATION_TIME: Final = timedelta(days=7)


def payment_of(
    charge: asyncpg.Record, refunds: Sequence[asyncpg.Record] = (), method: KeptMethod | None = None
) -> ProviderPayment:
    """The payment of a stored charge."""
    status = STATUSES[charge["status"]]
    column = AMOUNT_COLUMNS.get(status)
    action = None
    if status is ProviderStatus.REQUIRES_ACTION:
        action = NextAction(NextActionType(charge["code"]), f"{PAGE}/{charge['reference']}")
    return ProviderPayment(
        status,
        charge["transaction_id"],
        Money(charge[column], charge["currency"]) if column else None,
        action,
        DECLINES_BY_CODE[charge["code"]] if status is ProviderStatus.FAILED else None,
        transactions=tuple(_transactions(charge, refunds)),
        method=method,
        authorized_until=charge["authorized_at"] + AUTHORIZATION_TIME
        if status is ProviderStatus.AUTHORIZED
        else None,
    )


def method_of(row: asyncpg.Record) -> KeptMethod:
    """The kept method of a stored one: the approving test card."""
    return KeptMethod(
        Secret(row["token"]),
        SavedMethodType.CARD,
        f"mock_cus_{row['customer'].hex}",
        brand="visa",
        last4=LAST_4,
        expiry_month=12,
        expiry_year=2099,
    )


def _transactions(charge: asyncpg.Record, refunds: Sequence[asyncpg.Record]) -> list[ProviderTransaction]:
    """What happened to a charge, oldest first. A charge whose authorization is its capture is a CHARGE."""
    is_charge = charge["capture_method"] == CaptureMethod.AUTOMATIC
    captured = charge["captured_amount"]
    refunded = sum((refund["amount"] for refund in refunds if refund["status"] == "APPROVED"), Decimal(0))
    left = captured and captured - refunded  # what a cancellation returns, or the bank takes back
    is_returned = charge["disputed_at"] is None and left != 0
    times = [
        (TransactionType.AUTHORIZATION, None if is_charge else charge["authorized_at"], charge["amount"]),
        (TransactionType.CHARGE if is_charge else TransactionType.CAPTURE, charge["captured_at"], captured),
        (TransactionType.CHARGEBACK, charge["disputed_at"] if left else None, left),
    ]
    if captured is None:
        times.append((TransactionType.VOID, charge["authorized_at"] and charge["voided_at"], charge["amount"]))
    elif is_returned:
        times.append((TransactionType.REFUND, charge["voided_at"], left))
    found = [
        ProviderTransaction(
            charge["transaction_id"], kind, TransactionStatus.SUCCEEDED, Money(amount, charge["currency"]), at
        )
        for kind, at, amount in times
        if at is not None
    ]
    found += [
        ProviderTransaction(
            f"mock_re_{refund['reference'].hex}",
            TransactionType.REFUND,
            REFUND_STATUSES[refund["status"]],
            Money(refund["amount"], charge["currency"]),
            refund["created_at"],
            refund["reference"],
        )
        for refund in refunds
    ]
    return sorted(found, key=lambda each: each.occurred_at)
