"""The MOCK provider fulfils the contract of payment providers, and its test cards give their results."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookSignatureInvalid
from domains.payment.models import CaptureMethod, DeclineReason, TransactionType
from domains.payment.providers.requests import MethodToken, PaymentReference
from domains.payment.providers.results import MethodSetup, ProviderStatus
from gateway.providers.mock import declines
from gateway.providers.mock.mock_payments import SETUP_PREFIX, MockPayments
from gateway.providers.mock.webhooks import HEADER
from gateway.providers.webhook_signature import sign, verify
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.payer import card
from tests.domains.payment.provider_contract import ProviderContract, forged_hmac, request


class MockTerminal:
    """The MOCK provider with test cards."""

    approving = card(declines.APPROVES)
    declining = card(declines.DECLINES)
    authenticating = card(declines.AUTHENTICATES)

    def __init__(self, provider: MockPayments, clock: FixedClock) -> None:
        self.provider = provider
        self.clock = clock

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> None:
        await self.provider.complete_action(reference, succeeds=succeeds)

    async def complete_setup(self, setup: MethodSetup) -> None:
        assert setup.provider_id is not None
        await self.provider.complete_setup(UUID(setup.provider_id.removeprefix(SETUP_PREFIX)))

    async def dispute(self, reference: UUID) -> None:
        await self.provider.dispute(reference)

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        return await self.provider.webhook(reference)

    def signed(self, body: bytes) -> Mapping[str, str]:
        return {HEADER: sign(body, WEBHOOK_SECRET, self.clock.now())}

    def forged(self, headers: Mapping[str, str]) -> list[dict[str, str]]:
        return forged_hmac(headers)

    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))


class TokenTerminal(MockTerminal):
    """The MOCK provider with tokens, as a provider that never sees a card is used."""

    approving = MethodToken(Secret("mock_pm_approves"))  # type: ignore[assignment]
    declining = MethodToken(Secret("mock_pm_declines"))  # type: ignore[assignment]
    authenticating = MethodToken(Secret("mock_pm_authenticates"))  # type: ignore[assignment]


@pytest.fixture
def provider(pool: Any, clock: FixedClock) -> MockPayments:
    return MockPayments(pool, clock, WEBHOOK_SECRET)


class TestCards(ProviderContract):
    @pytest.fixture
    def terminal(self, provider: MockPayments, clock: FixedClock) -> MockTerminal:
        return MockTerminal(provider, clock)


class TestTokens(ProviderContract):
    @pytest.fixture
    def terminal(self, provider: MockPayments, clock: FixedClock) -> MockTerminal:
        return TokenTerminal(provider, clock)


@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [
        (declines.DECLINES, DeclineReason.CARD_DECLINED, "CARD_DECLINED"),
        (declines.LACKS_FUNDS, DeclineReason.INSUFFICIENT_FUNDS, "INSUFFICIENT_FUNDS"),
        (declines.EXPIRED, DeclineReason.CARD_EXPIRED, "EXPIRED_CARD"),
        (declines.WRONG_CODE, DeclineReason.SECURITY_CODE_INVALID, "INCORRECT_CVC"),
        ("5555555555554444", DeclineReason.METHOD_NOT_SUPPORTED, "TEST_CARD_REQUIRED"),
    ],
)
async def test_each_declining_card_has_its_reason(
    provider: MockPayments, number: str, reason: DeclineReason, code: str
) -> None:
    result = await provider.authorize(request(card(number)))
    assert result.decline is not None
    assert (result.status, result.decline.reason, result.decline.code) == (ProviderStatus.FAILED, reason, code)


@pytest.mark.parametrize("capture_method", CaptureMethod)
async def test_a_charge_without_an_answer_is_found_only_if_it_was_carried_out(
    provider: MockPayments, capture_method: CaptureMethod
) -> None:
    charged = request(card(declines.TIMES_OUT_CHARGED), capture_method)
    uncharged = request(card(declines.TIMES_OUT_UNCHARGED), capture_method)
    for asked in (charged, uncharged):
        with pytest.raises(TimeoutError):
            await provider.authorize(asked)
    found = await provider.find(PaymentReference(charged.reference))
    assert found is not None
    assert found.status is (
        ProviderStatus.SUCCEEDED if capture_method is CaptureMethod.AUTOMATIC else ProviderStatus.AUTHORIZED
    )
    assert await provider.find(PaymentReference(uncharged.reference)) is None


async def test_an_unknown_payment_has_no_webhook(provider: MockPayments) -> None:
    with pytest.raises(LookupError):
        await provider.webhook(new_id())


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "t=,v1=",
        "t=1",
        "v1=0",
        "t=one,v1=0",
        "t=1,t=1,v1=0",
        "t=\u0661,v1=0",
        "t=1,v1=\u00e9",
        "t=9999999999999,v1=0",
        "x" * 1_001,
    ],
)
def test_a_malformed_signature_is_refused(clock: FixedClock, signature: str) -> None:
    with pytest.raises(WebhookSignatureInvalid):
        verify(signature, b"{}", WEBHOOK_SECRET, clock.now())


def test_one_of_several_signatures_must_match_during_a_key_rotation(clock: FixedClock) -> None:
    signed = sign(b"{}", WEBHOOK_SECRET, clock.now())
    verify(signed.replace("v1=", "v1=00,v0=11,v1="), b"{}", WEBHOOK_SECRET, clock.now())
    with pytest.raises(WebhookSignatureInvalid):
        verify(signed, b"{}", Secret("another secret"), clock.now())


async def test_an_authorization_can_be_captured_for_seven_days(provider: MockPayments, clock: FixedClock) -> None:
    asked = request(card(declines.APPROVES), CaptureMethod.MANUAL)
    held = await provider.authorize(asked)
    assert held.authorized_until == clock.now() + timedelta(days=7)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    captured = await provider.capture(PaymentReference(asked.reference), asked.amount)
    assert (captured.status, captured.authorized_until) == (ProviderStatus.SUCCEEDED, None)


@pytest.mark.parametrize("is_captured_first", [True, False])
async def test_an_authorization_is_void_after_its_time_whoever_asks_first(
    provider: MockPayments, clock: FixedClock, is_captured_first: bool
) -> None:
    asked = request(card(declines.APPROVES), CaptureMethod.MANUAL)
    reference = PaymentReference(asked.reference)
    await provider.authorize(asked)
    clock.advance(timedelta(days=7))
    first = await (provider.capture(reference, asked.amount) if is_captured_first else provider.find(reference))
    assert first is not None
    assert first.status is ProviderStatus.CANCELLED
    assert first.transactions[-1].type is TransactionType.VOID
    for later in (
        await provider.find(reference),
        await provider.capture(reference, asked.amount),
        await provider.cancel(reference),
        await provider.authorize(asked),
    ):
        assert later == first
