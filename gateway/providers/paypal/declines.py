"""Why PayPal refused: our reason, by PayPal's issue."""

from typing import Final

from domains.payment.models import DeclineReason
from domains.payment.providers.declines import decline
from domains.payment.providers.results import Decline

R = DeclineReason
REASONS: Final = {
    R.CARD_DECLINED: (
        "ALIAS_DECLINED_BY_PROCESSOR",
        "AUTHORIZATION_DENIED",
        "CAPTURE_DECLINED",
        "CAPTURE_FAILED",
        "DECLINED_DUE_TO_RELATED_TXN",
        "INSTRUMENT_DECLINED",
        "PAYER_CANNOT_PAY",
        "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR",
        "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING",
        "TRANSACTION_REFUSED",
    ),
    R.INSUFFICIENT_FUNDS: ("TRANSACTION_LIMIT_EXCEEDED",),
    R.CARD_EXPIRED: ("CARD_EXPIRED", "REFERENCED_CARD_EXPIRED"),
    R.SECURITY_CODE_INVALID: ("INVALID_SECURITY_CODE_LENGTH",),
    R.AUTHENTICATION_FAILED: ("AUTHENTICATION_FAILED", "PAYMENT_SOURCE_INFO_CANNOT_BE_VERIFIED"),
    R.METHOD_NOT_SUPPORTED: (
        "AGREEMENT_ALREADY_CANCELLED",
        "AMOUNT_NOT_SUPPORTED",
        "CARD_BRAND_NOT_SUPPORTED",
        "CARD_NUMBER_NOT_ACCEPTED",
        "CURRENCY_NOT_SUPPORTED",
        "INVALID_CURRENCY_CODE",
        "MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE",
        "NOT_ENABLED_FOR_CARD_PROCESSING",
        "NOT_ENABLED_TO_VAULT_PAYMENT_SOURCE",
        "PAYER_ACCOUNT_LOCKED_OR_CLOSED",
        "PAYER_ACCOUNT_RESTRICTED",
        "PAYMENT_SOURCE_CANNOT_BE_USED",
        "PAYMENT_SOURCE_NOT_SUPPORTED",
        "TOKEN_EXPIRED",
        "TOKEN_ID_NOT_FOUND",
        "UNSUPPORTED_INTENT_FOR_PAYMENT_SOURCE",
    ),
}
BY_ISSUE: Final = {issue: reason for reason, issues in REASONS.items() for issue in issues}
UNKNOWN: Final = decline(R.PROVIDER_ERROR, "UNKNOWN_PAYMENT", "PayPal does not know the payment.")


def decline_of(issue: str, message: str | None = None) -> Decline:
    """The decline of an issue of PayPal, or of a code of ours, with the message of its reason by default."""
    reason = BY_ISSUE.get(issue, R.PROVIDER_ERROR)
    return decline(reason, issue, message)
