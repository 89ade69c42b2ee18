"""Why Stripe refused a request, in the terms of the payment domain."""

from collections.abc import Mapping
from typing import Final

from domains.payment.models import DeclineReason
from domains.payment.providers.declines import decline
from domains.payment.providers.results import Decline
from gateway.providers.stripe.errors import Refused

GENERIC: Final = "generic_decline"
# Stripe asks that the buyer is not told these, who may be a thief; the dashboard shows them to the shop.
CONCEALED: Final = frozenset({"fraudulent", "lost_card", "merchant_blacklist", "pickup_card", "stolen_card"})
# Codes of https://docs.stripe.com/declines/codes and https://docs.stripe.com/error-codes. A decline that is not
# among them is a declined card, another refusal an error of the provider.
CODES: Final[Mapping[DeclineReason, str]] = {
    DeclineReason.CARD_DECLINED: """
        approve_with_id call_issuer card_declined do_not_honor do_not_try_again generic_decline incorrect_address
        incorrect_number incorrect_pin incorrect_zip invalid_amount invalid_number invalid_pin no_action_taken
        not_permitted offline_pin_required online_or_offline_pin_required payment_method_customer_decline
        payment_method_provider_decline pin_try_exceeded restricted_card revocation_of_all_authorizations
        revocation_of_authorization security_violation service_not_allowed stop_payment_order transaction_not_allowed
        """,
    DeclineReason.INSUFFICIENT_FUNDS: "card_velocity_exceeded insufficient_funds withdrawal_count_limit_exceeded",
    DeclineReason.CARD_EXPIRED: "expired_card invalid_expiry_month invalid_expiry_year",
    DeclineReason.SECURITY_CODE_INVALID: "incorrect_cvc invalid_cvc",
    DeclineReason.AUTHENTICATION_FAILED: """
        authentication_not_handled authentication_required mobile_device_authentication_required
        payment_intent_authentication_failure setup_intent_authentication_failure
        """,
    DeclineReason.METHOD_NOT_SUPPORTED: """
        card_not_supported currency_not_supported invalid_account live_mode_test_card
        new_account_information_available payment_method_currency_mismatch payment_method_not_available
        payment_method_unactivated payment_method_unexpected_state payment_method_unsupported_type
        test_mode_live_card testmode_decline
        """,
    DeclineReason.PROVIDER_ERROR: """
        duplicate_transaction issuer_not_available payment_intent_payment_attempt_expired
        payment_method_provider_timeout processing_error reenter_transaction try_again_later
        """,
}
REASONS: Final = {code: reason for reason, codes in CODES.items() for code in codes.split()}


def decline_of(code: str | None, decline_code: str | None, otherwise: DeclineReason) -> Decline:
    """The decline of an error code of Stripe and the more exact decline code of a bank."""
    if decline_code in CONCEALED or code in CONCEALED:
        code, decline_code = "card_declined", GENERIC
    reason = REASONS.get(decline_code or "") or REASONS.get(code or "") or otherwise
    return decline(reason, decline_code or code or "unknown")


def decline_of_refusal(refused: Refused) -> Decline:
    """The decline of a refused request. A payment method that Stripe does not know is not supported."""
    if refused.param == "payment_method":
        return decline_of(refused.code, refused.decline_code, DeclineReason.METHOD_NOT_SUPPORTED)
    otherwise = DeclineReason.CARD_DECLINED if refused.decline_code else DeclineReason.PROVIDER_ERROR
    return decline_of(refused.code, refused.decline_code, otherwise)
