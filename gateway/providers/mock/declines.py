"""The declines of the MOCK provider, and the test cards that give them."""

from typing import Final

from domains.payment.models import DeclineReason
from domains.payment.providers.declines import decline

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
    each.code: each
    for each in (
        decline(DeclineReason.CARD_DECLINED, "CARD_DECLINED"),
        decline(DeclineReason.INSUFFICIENT_FUNDS, "INSUFFICIENT_FUNDS"),
        decline(DeclineReason.CARD_EXPIRED, "EXPIRED_CARD"),
        decline(DeclineReason.SECURITY_CODE_INVALID, "INCORRECT_CVC"),
        decline(DeclineReason.AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED"),
        decline(
            DeclineReason.METHOD_NOT_SUPPORTED,
            "TEST_CARD_REQUIRED",
            "The MOCK provider accepts its test cards only, such as 4242 4242 4242 4242.",
        ),
    )
}
UNKNOWN: Final = decline(
    DeclineReason.PROVIDER_ERROR, "UNKNOWN", "The payment is not known to the provider. Begin another one."
)
