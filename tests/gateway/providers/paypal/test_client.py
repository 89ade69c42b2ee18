"""The client of PayPal: access tokens, outages, and what never reaches a log."""

import asyncio
import base64
import logging
from collections.abc import Awaitable
from datetime import timedelta

import httpx2
import pytest
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderCredentialsRefused
from domains.payment.providers.provider import Credentials, PaymentProvider
from domains.payment.providers.requests import HostedCheckout, PaymentReference, ProviderCustomer
from domains.payment.providers.results import ProviderStatus
from gateway.providers.paypal.client import Answer
from gateway.providers.paypal.errors import PayPalTimeout, PayPalUnavailable
from gateway.providers.paypal.provider import FIELDS, PayPalAdapter
from tests.domains.payment.provider_contract import PRICE, request
from tests.gateway.providers.paypal.conftest import CREDENTIALS, PayPalTerminal
from tests.gateway.providers.paypal.fake_paypal import CLIENT_ID, CLIENT_SECRET, TOKEN_LIFE, FakePayPal

WRONG = Credentials(CREDENTIALS.settings, {"client_secret": Secret("a wrong secret")})


async def test_parallel_requests_wait_for_one_access_token(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    await asyncio.gather(*(terminal.provider.authorize(request(terminal.approving)) for _ in range(10)))
    assert len(paypal.tokens) == 1


async def test_an_access_token_is_remembered_until_shortly_before_its_end(
    adapter: PayPalAdapter, paypal: FakePayPal, clock: FixedClock
) -> None:
    for seconds, tokens in ((0, 1), (TOKEN_LIFE - 61, 1), (1, 2)):
        clock.advance(timedelta(seconds=seconds))
        await adapter.connect(CREDENTIALS).events_since(clock.now())
        assert len(paypal.tokens) == tokens


async def test_an_access_token_that_is_refused_is_replaced_once(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    await terminal.provider.events_since(terminal.clock.now())
    paypal.valid_tokens.clear()
    results = await asyncio.gather(
        *(terminal.provider.authorize(request(terminal.approving)) for _ in range(5)),
    )
    assert {each.status for each in results} == {ProviderStatus.SUCCEEDED}
    assert len(paypal.tokens) == 2


async def test_a_token_that_is_refused_again_is_no_loop(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    paypal.refuses_tokens = True
    with pytest.raises(ProviderCredentialsRefused, match="developer dashboard"):
        await terminal.provider.authorize(request(terminal.approving))
    assert len(paypal.tokens) == 2


async def test_wrong_credentials_say_what_to_do_and_are_logged_without_them(adapter: PayPalAdapter) -> None:
    with capture_logs() as logs, pytest.raises(ProviderCredentialsRefused) as raised:
        await adapter.connect(WRONG).authorize(request(HostedCheckout()))
    assert "client_secret" in str(raised.value)
    assert "SANDBOX" in str(raised.value)
    assert "INVALID_CLIENT" in str(raised.value)
    assert [each["log_level"] for each in logs] == ["warning"]
    assert "a wrong secret" not in f"{logs}{raised.value!r}"


async def test_another_app_has_another_access_token(adapter: PayPalAdapter, paypal: FakePayPal) -> None:
    await adapter.connect(CREDENTIALS).authorize(request(HostedCheckout()))
    with pytest.raises(ProviderCredentialsRefused):
        await adapter.connect(WRONG).authorize(request(HostedCheckout()))
    assert len(paypal.tokens) == 1


@pytest.mark.parametrize("status", [301, 403, 408, 409, 425, 429, 500, 502, 503, 504])
async def test_an_answer_that_decides_nothing_is_an_error(
    terminal: PayPalTerminal, paypal: FakePayPal, status: int
) -> None:
    await terminal.provider.events_since(terminal.clock.now())
    paypal.outages = [status]
    with pytest.raises(ProviderCredentialsRefused if status == 403 else ConnectionError):
        await terminal.provider.authorize(request(terminal.approving))
    assert (await terminal.provider.authorize(request(terminal.approving))).status is ProviderStatus.SUCCEEDED


async def test_no_access_token_is_no_answer(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    paypal.outages = [503]
    with pytest.raises(PayPalUnavailable, match="access token"):
        await terminal.provider.authorize(request(terminal.approving))


@pytest.mark.parametrize("text", [b"<html>", b"[]", b"1", b"", b"{}", b'{"id": 1}'])
async def test_a_success_that_cannot_be_read_is_no_answer(
    terminal: PayPalTerminal, paypal: FakePayPal, text: bytes
) -> None:
    await terminal.provider.events_since(terminal.clock.now())
    paypal.garbage = text
    with pytest.raises(PayPalUnavailable):
        await terminal.provider.authorize(request(HostedCheckout()))


async def test_an_answer_that_is_too_long_is_no_answer(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    await terminal.provider.events_since(terminal.clock.now())
    paypal.garbage = b'{"x": "' + b"x" * 5_000_000 + b'"}'
    with pytest.raises(PayPalUnavailable, match="too long"):
        await terminal.provider.authorize(request(terminal.approving))


async def test_a_server_that_does_not_answer_is_a_timeout(
    terminal: PayPalTerminal, adapter: PayPalAdapter, paypal: FakePayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter.load().http, "timeout", httpx2.Timeout(0.05))
    paypal.delay = 0.3
    with pytest.raises(TimeoutError) as raised:
        await terminal.provider.authorize(request(terminal.approving))
    assert type(raised.value) is PayPalTimeout


async def test_a_server_that_is_not_there_is_no_answer(clock: FixedClock) -> None:
    adapter = PayPalAdapter(clock, "http://127.0.0.1:1")
    assert adapter.load().http.timeout == httpx2.Timeout(8.0, connect=3.0, pool=3.0)
    with pytest.raises(PayPalUnavailable, match="ConnectError"):
        await adapter.connect(CREDENTIALS).authorize(request(HostedCheckout()))
    await adapter.close()
    with pytest.raises(RuntimeError):
        await adapter.connect(CREDENTIALS).authorize(request(HostedCheckout()))


@pytest.mark.parametrize("name", ["client_id", "webhook_id", "environment", "client_secret"])
def test_a_missing_setting_is_refused(adapter: PayPalAdapter, name: str) -> None:
    settings = {key: value for key, value in CREDENTIALS.settings.items() if key != name}
    secrets = {key: value for key, value in CREDENTIALS.secrets.items() if key != name}
    with pytest.raises(InvalidInput):
        adapter.connect(Credentials(settings, secrets))


def test_the_fields_are_the_settings_of_an_app(adapter: PayPalAdapter) -> None:
    assert adapter.name == adapter.connect(CREDENTIALS).name == "PAYPAL"
    assert [each.name for each in FIELDS if each.is_secret] == ["client_secret"]
    assert {each.name for each in FIELDS} == {*CREDENTIALS.settings, *CREDENTIALS.secrets}


def test_access_tokens_of_few_apps_are_remembered(adapter: PayPalAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.providers.paypal.provider.MAX_ACCOUNTS", 3)
    for number in range(10):
        settings = {**CREDENTIALS.settings, "client_id": f"app-{number}"}
        adapter.connect(Credentials(settings, CREDENTIALS.secrets))
    assert len(adapter._tokens) == 3


def test_the_issues_of_an_answer_are_codes_only() -> None:
    body = {"name": "X", "details": [{"issue": "A_B"}, {"issue": "no code"}, {"issue": 1}, 2], "error": "invalid_x"}
    assert Answer(422, body).issues == ["A_B", "X", "INVALID_X"]
    assert Answer(400, {"details": 1}).issues == ["HTTP_400"]


async def test_no_secret_reaches_a_log_a_repr_or_an_error(
    terminal: PayPalTerminal, adapter: PayPalAdapter, paypal: FakePayPal, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []

    async def tried(call: Awaitable[object]) -> None:
        try:
            shown.append(repr(await call))
        except (OSError, ProviderCredentialsRefused) as error:
            shown.append(f"{error!r} {error} {error.__cause__!r} {vars(error)}")

    provider: PaymentProvider = terminal.provider
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        for instrument in (terminal.approving, terminal.declining, terminal.authenticating):
            await tried(provider.authorize(request(instrument)))
        setup = await provider.begin_setup(new_id(), ProviderCustomer(new_id()), "https://shop.example/")
        await terminal.complete_setup(setup)
        kept = await provider.finish_setup(setup.provider_id or "")
        assert kept.method is not None
        token = kept.method.token
        for outage in (500, 403, 401):
            paypal.outages = [outage]
            await tried(provider.forget_method(token))
        await tried(adapter.connect(WRONG).find(PaymentReference(new_id(), amount=PRICE)))
        shown += [repr(each) for each in (kept, provider, vars(provider), adapter, vars(adapter))]
    text = "\n".join([*shown, repr(logs), caplog.text])
    token_id = token.reveal().removeprefix("paypal:")
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    for secret in (CLIENT_SECRET, "a wrong secret", basic, token_id, "challenges", *paypal.tokens):
        assert secret not in text
    assert "INSTRUMENT_DECLINED" in text
    assert "buyer@example.com" not in text
