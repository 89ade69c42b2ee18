"""Methods that PayPal keeps, beyond the contract; references and declines."""

from dataclasses import replace

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.models import DeclineReason, NextActionType, SavedMethodType
from domains.payment.providers.declines import MESSAGES
from domains.payment.providers.requests import (
    HostedCheckout,
    ProviderCustomer,
)
from domains.payment.providers.results import KeptMethod, ProviderStatus
from gateway.providers.paypal.declines import BY_ISSUE, decline_of
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.references import CustomId, Note
from gateway.providers.paypal.states import kept, masked
from tests.domains.payment.provider_contract import known, request
from tests.gateway.providers.paypal.conftest import PayPalTerminal
from tests.gateway.providers.paypal.fake_orders import Refused
from tests.gateway.providers.paypal.fake_paypal import FakePayPal

S = ProviderStatus
PAID = "https://shop.example/paid"


# ---- methods that are kept


async def test_a_customer_that_paypal_knows_is_named(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    customer = ProviderCustomer(new_id(), "cu-known")
    asked = replace(request(HostedCheckout()), keep_method_for=customer)
    waiting = await terminal.provider.authorize(asked)
    await terminal.complete_action(asked.reference, succeeds=True)
    paid = await terminal.provider.confirm(known(asked, waiting))
    assert paid.method is not None
    assert (paid.method.customer_id, paid.method.label) == ("cu-known", "b***@example.com")
    setup = await terminal.provider.begin_setup(new_id(), customer, PAID)
    await terminal.complete_setup(setup)
    saved = await terminal.provider.finish_setup(setup.provider_id or "")
    assert saved.method is not None
    assert saved.method.customer_id == "cu-known"
    assert paypal.calls("POST", "/v3/vault/setup-tokens")[0]["customer"] == {"id": "cu-known"}


async def test_a_setup_without_an_approval_saves_nothing(terminal: PayPalTerminal) -> None:
    begun = await terminal.provider.begin_setup(new_id(), ProviderCustomer(new_id()), PAID)
    assert (await terminal.provider.finish_setup(begun.provider_id or "")) == begun
    assert begun.next_action is not None
    assert begun.next_action.type is NextActionType.REDIRECT


@pytest.mark.parametrize("setup_id", ["7GUNKNOWN", "../orders", ""])
async def test_an_unknown_setup_fails(terminal: PayPalTerminal, setup_id: str) -> None:
    setup = await terminal.provider.finish_setup(setup_id)
    assert (setup.status, setup.method, setup.decline is None) == (S.FAILED, None, False)


async def test_a_setup_that_paypal_refuses_fails(terminal: PayPalTerminal) -> None:
    setup = await terminal.provider.begin_setup(new_id(), ProviderCustomer(new_id()), None)
    assert setup.decline is not None
    assert (setup.status, setup.decline.code) == (S.FAILED, "RETURN_URL_REQUIRED")


async def test_a_token_that_is_not_paypals_is_forgotten_without_a_request(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    await terminal.provider.forget_method(Secret("../../v2/checkout/orders"))
    assert paypal.requests == []


async def test_a_card_of_the_vault_sends_its_buyer_back_to_the_shop(
    terminal: PayPalTerminal, paypal: FakePayPal
) -> None:
    asked = request(terminal.authenticating)
    waiting = await terminal.provider.authorize(asked)
    assert await terminal.provider.authorize(asked) == waiting
    (body,) = paypal.calls("POST", ".*/capture")
    assert body["payment_source"]["card"]["experience_context"] == {"return_url": PAID, "cancel_url": PAID}
    assert "number" not in body["payment_source"]["card"]


async def test_a_setup_that_cannot_be_finished_fails(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    begun = await terminal.provider.begin_setup(new_id(), ProviderCustomer(new_id()), PAID)
    await terminal.complete_setup(begun)
    paypal.refusals = [("POST", "/v3/vault/payment-tokens", Refused("TOKEN_EXPIRED"))]
    setup = await terminal.provider.finish_setup(begun.provider_id or "")
    assert setup.decline is not None
    assert (setup.status, setup.decline.code) == (S.FAILED, "TOKEN_EXPIRED")


async def test_a_method_that_paypal_does_not_delete_is_an_error(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    paypal.refusals = [("DELETE", "/v3/vault/payment-tokens/approves", Refused("INVALID_STRING_LENGTH", 400))]
    with pytest.raises(PayPalUnavailable, match="did not delete"):
        await terminal.provider.forget_method(Secret("paypal:approves"))
    await terminal.provider.forget_method(Secret("paypal:approves"))
    assert "approves" not in paypal.kept


def test_a_card_that_is_kept_is_known_by_its_last_digits() -> None:
    card = {"brand": "VISA", "last_digits": "0119", "expiry": "2031-07"}
    method = kept("card", "8kk1", "cu-1", card)
    assert method == KeptMethod(Secret("card:8kk1"), SavedMethodType.CARD, "cu-1", "visa", "0119", 7, 2031)
    unknown = kept("card", "8kk1", "cu-1", {})
    assert (unknown.brand, unknown.last4, unknown.expiry_month, unknown.expiry_year) == (None, "", None, None)


@pytest.mark.parametrize(
    ("email", "label"), [("ada@example.com", "a***@example.com"), ("@x", "***@x"), (None, "PayPal"), ("x", "PayPal")]
)
def test_an_account_is_known_by_a_masked_address(email: object, label: str) -> None:
    assert masked(email) == label


# ---- references and declines


def test_a_custom_id_is_read_as_it_was_written() -> None:
    payment, refund = new_id(), new_id()
    for custom in (
        CustomId(payment),
        CustomId(payment, Note.CANCELLED),
        CustomId(payment, Note.FAILED, "INSTRUMENT_DECLINED"),
        CustomId(payment, Note.REFUND, str(refund)),
    ):
        assert CustomId.read(str(custom)) == custom
        assert len(str(custom)) <= 127
    assert CustomId(payment, Note.REFUND, str(refund)).refund == refund
    assert CustomId(payment, Note.REFUND, "x").refund is None
    assert [CustomId.read(text) for text in ("", "x", f"{payment}.OTHER", None, 1)] == [None] * 5


def test_each_reason_has_a_message_for_the_buyer() -> None:
    assert set(MESSAGES) == set(DeclineReason)
    assert {decline_of(issue).reason for issue in BY_ISSUE} == set(DeclineReason) - {DeclineReason.PROVIDER_ERROR}
    assert decline_of("ANYTHING_ELSE").reason is DeclineReason.PROVIDER_ERROR
