"""What a buyer is told when a provider refuses, the same for all providers, and refusals of the adapters."""

from collections.abc import Mapping
from typing import Final

from domains.payment.models import DeclineReason
from domains.payment.providers.results import Decline

MESSAGES: Final[Mapping[DeclineReason, str]] = {
    DeclineReason.CARD_DECLINED: "The payment was declined. Try another card, or another way to pay.",
    DeclineReason.INSUFFICIENT_FUNDS: "There are not enough funds. Try another card, or another way to pay.",
    DeclineReason.CARD_EXPIRED: "The card has expired. Try another card.",
    DeclineReason.SECURITY_CODE_INVALID: "The security code is wrong. Check it.",
    DeclineReason.AUTHENTICATION_FAILED: "The payment was not authenticated. Try again, or pay in another way.",
    DeclineReason.METHOD_NOT_SUPPORTED: "This payment method cannot be used for this payment. Choose another one.",
    DeclineReason.PROVIDER_ERROR: "The payment could not be carried out. Try again later, or pay in another way.",
}


def decline(reason: DeclineReason, code: str, message: str | None = None) -> Decline:
    """A refusal with a code of the provider, and the message of its reason unless another one says more."""
    return Decline(reason, code, message or MESSAGES[reason])


# What an adapter refuses by the state of the payment, before any request or in place of the provider's words.
NOT_CAPTURABLE: Final = decline(
    DeclineReason.PROVIDER_ERROR, "NOT_CAPTURABLE", "The payment is not authorized for this amount."
)
NOT_REFUNDABLE: Final = decline(
    DeclineReason.PROVIDER_ERROR, "NOT_REFUNDABLE", "The payment has no captured amount in this currency."
)
REFUND_TOO_LARGE: Final = decline(
    DeclineReason.PROVIDER_ERROR, "REFUND_TOO_LARGE", "The refund exceeds the captured amount that is left."
)
