"""The declines of the MOCK provider, and the test cards that give them."""

from typing import Final

from domains.payment.models import DeclineReason
from domains.payment.providers.results import Decline

APPROVES: Final = "4242424242424242"
APPROVES_ALL: Final = "424242"  # the first digits of all cards that are approved, so that each buyer can have one
DECLINES: Final = "4000000000000002"
LACKS_FUNDS: Final = "4000000000009995"
EXPIRED: Final = "4000000000000069"
WRONG_CODE: Final = "4000000000000127"
AUTHENTICATES: Final = "4000000000003220"
TIMES_OUT_UNCHARGED: Final = "4000000000000119"
TIMES_OUT_CHARGED: Final = "4000000000000341"
# The tokens that a form of MOCK would issue, with their test cards.
TOKENS: Final = {
    "mock_pm_approves": APPROVES,
    "mock_pm_declines": DECLINES,
    "mock_pm_authenticates": AUTHENTICATES,
}
CODES: Final = {
    DECLINES: "CARD_DECLINED",
    LACKS_FUNDS: "INSUFFICIENT_FUNDS",
    EXPIRED: "EXPIRED_CARD",
    WRONG_CODE: "INCORRECT_CVC",
}
DECLINES_BY_CODE: Final = {
    decline.code: decline
    for decline in (
        Decline(DeclineReason.CARD_DECLINED, "CARD_DECLINED", "The card was declined. Try another card."),
        Decline(
            DeclineReason.INSUFFICIENT_FUNDS,
            "INSUFFICIENT_FUNDS",
            "The card has insufficient funds. Try another card.",
        ),
        Decline(DeclineReason.CARD_EXPIRED, "EXPIRED_CARD", "The card has expired. Try another card."),
        Decline(
            DeclineReason.SECURITY_CODE_INVALID,
            "INCORRECT_CVC",
            "The security code is wrong. Check it.",
        ),
        Decline(
            DeclineReason.AUTHENTICATION_FAILED,
            "AUTHENTICATION_FAILED",
            "The payment was not authenticated. Try again, or use another card.",
        ),
        Decline(
            DeclineReason.METHOD_NOT_SUPPORTED,
            "TEST_CARD_REQUIRED",
            "The MOCK provider accepts its test cards only, such as 4242 4242 4242 4242.",
        ),
    )
}
UNKNOWN: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "UNKNOWN", "The payment is not known to the provider. Begin another one."
)
NOT_CAPTURABLE: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "NOT_CAPTURABLE", "The payment is not authorized for this amount."
)
REFUNDED: Final = Decline(DeclineReason.PROVIDER_ERROR, "REFUNDED", "A part of the payment was refunded already.")
NOT_REFUNDABLE: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "NOT_REFUNDABLE", "The payment has no captured amount in this currency."
)
TOO_MUCH: Final = Decline(
    DeclineReason.PROVIDER_ERROR, "TOO_MUCH", "The refund exceeds the captured amount that is left."
)
