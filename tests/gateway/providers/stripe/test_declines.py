"""Stripe's codes as reasons, with messages for the buyer."""

import pytest

from domains.payment.models import DeclineReason
from domains.payment.providers.declines import MESSAGES
from gateway.providers.stripe.declines import CODES, CONCEALED, REASONS, decline_of, decline_of_refusal
from gateway.providers.stripe.errors import Refused

R = DeclineReason


@pytest.mark.parametrize(
    ("code", "decline_code", "reason", "shown"),
    [
        ("card_declined", "generic_decline", R.CARD_DECLINED, "generic_decline"),
        ("card_declined", "do_not_honor", R.CARD_DECLINED, "do_not_honor"),
        ("card_declined", "insufficient_funds", R.INSUFFICIENT_FUNDS, "insufficient_funds"),
        ("expired_card", "expired_card", R.CARD_EXPIRED, "expired_card"),
        ("incorrect_cvc", "incorrect_cvc", R.SECURITY_CODE_INVALID, "incorrect_cvc"),
        ("card_declined", "authentication_required", R.AUTHENTICATION_FAILED, "authentication_required"),
        (
            "payment_intent_authentication_failure",
            None,
            R.AUTHENTICATION_FAILED,
            "payment_intent_authentication_failure",
        ),
        ("card_declined", "currency_not_supported", R.METHOD_NOT_SUPPORTED, "currency_not_supported"),
        ("processing_error", "processing_error", R.PROVIDER_ERROR, "processing_error"),
        ("card_declined", "a_new_code", R.CARD_DECLINED, "a_new_code"),
        ("card_declined", None, R.CARD_DECLINED, "card_declined"),
        ("amount_too_small", None, R.PROVIDER_ERROR, "amount_too_small"),
    ],
)
def test_a_code_has_a_reason(code: str, decline_code: str | None, reason: DeclineReason, shown: str) -> None:
    decline = decline_of_refusal(Refused(code, decline_code=decline_code))
    assert (decline.reason, decline.code, decline.message) == (reason, shown, MESSAGES[reason])


@pytest.mark.parametrize("decline_code", sorted(CONCEALED))
def test_a_buyer_is_not_told_of_suspicions(decline_code: str) -> None:
    assert decline_of("card_declined", decline_code, R.PROVIDER_ERROR) == decline_of(
        "card_declined", "generic_decline", R.PROVIDER_ERROR
    )


def test_an_unknown_payment_method_is_not_supported() -> None:
    refused = decline_of_refusal(Refused("resource_missing", param="payment_method"))
    assert (refused.reason, refused.code) == (R.METHOD_NOT_SUPPORTED, "resource_missing")


def test_each_code_has_one_reason_and_each_reason_a_message() -> None:
    assert len(REASONS) == sum(len(codes.split()) for codes in CODES.values())
    assert set(CODES) == set(MESSAGES) == set(DeclineReason)
