"""Stripe does not answer, answers nonsense, or does not accept the key: each is told apart, and nothing leaks."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import structlog
from stripe import _util

from domains.kernel.clock import FixedClock
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderCredentialsRefused
from domains.payment.models import CaptureMethod, DeclineReason, RefundStatus
from domains.payment.providers.provider import Credentials
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import ProviderPayment, ProviderStatus
from gateway.providers.stripe import client
from gateway.providers.stripe.errors import Refused
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.payment.provider_contract import PRICE, known, request
from tests.gateway.providers.stripe.stripe_server import KEY, Fault
from tests.gateway.providers.stripe.terminal import CREDENTIALS, WEBHOOK_SECRET, StripeTerminal
from tests.ports import free_port

INTENTS = ("POST", "/v1/payment_intents")


@asynccontextmanager
async def answering(answer: bytes | None) -> AsyncIterator[str]:
    """The URL of a server that sends this to each connection and closes it; with None, nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def refusing(method: str, path: str, code: str) -> Fault:
    return Fault(method, path, 400, {"error": {"type": "invalid_request_error", "code": code}})


async def asking(url: str, clock: FixedClock) -> None:
    adapter = StripeAdapter(clock, url)
    try:
        await adapter.connect(CREDENTIALS).find(PaymentReference(new_id(), "pi_1"))
    finally:
        await adapter.close()


@pytest.mark.parametrize("status", [500, 502, 503, 429])
async def test_an_answer_about_stripe_itself_is_no_answer(terminal: StripeTerminal, status: int) -> None:
    terminal.server.faults.append(Fault(*INTENTS, status))
    with pytest.raises(ConnectionError, match=f"HTTP status {status}"):
        await terminal.provider.authorize(request(terminal.approving))


@pytest.mark.parametrize(("status", "code"), [(409, "idempotency_key_in_use"), (429, "lock_timeout")])
async def test_a_locked_request_is_repeated_until_the_lock_is_free(
    terminal: StripeTerminal, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.0, 0.0, 0.0))
    fault = Fault(*INTENTS, status, {"error": {"type": "invalid_request_error", "code": code}})
    terminal.server.faults.extend([fault, fault])
    assert (await terminal.provider.authorize(request(terminal.approving))).status is ProviderStatus.SUCCEEDED
    terminal.server.faults.extend([fault, fault, fault, fault])
    with pytest.raises(ConnectionError, match=f"HTTP status {status}"):
        await terminal.provider.authorize(request(terminal.approving))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-nonsense\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhtml",
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\nhtml",
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
async def test_an_answer_that_cannot_be_read_is_no_answer(clock: FixedClock, answer: bytes) -> None:
    async with answering(answer) as url:
        with pytest.raises(ConnectionError):
            await asking(url, clock)


async def test_a_server_that_cannot_be_reached_is_no_answer(clock: FixedClock) -> None:
    with pytest.raises(ConnectionError, match="could not be reached"):
        await asking(f"http://127.0.0.1:{free_port()}", clock)


async def test_waiting_is_bounded(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_TIMEOUT", 0.05)
    async with answering(None) as url:
        with pytest.raises(TimeoutError, match="did not answer in time"):
            await asking(url, clock)


@pytest.mark.parametrize(("status", "type"), [(401, "invalid_request_error"), (403, "invalid_request_error")])
async def test_a_rejected_key_is_an_error_that_says_what_to_do(
    terminal: StripeTerminal, status: int, type: str
) -> None:
    terminal.server.faults.append(Fault(*INTENTS, status, {"error": {"type": type, "message": f"No such key {KEY}"}}))
    with (
        structlog.testing.capture_logs() as logs,
        pytest.raises(ProviderCredentialsRefused, match="Copy the secret key from") as raised,
    ):
        await terminal.provider.authorize(request(terminal.approving))
    assert [(line["event"], line["http_status"]) for line in logs] == [("stripe_credentials_rejected", status)]
    assert KEY not in f"{logs}{raised.value!r}"


async def test_a_lost_answer_of_a_cancellation_is_no_second_one(terminal: StripeTerminal) -> None:
    held = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    terminal.server.lose_answer("POST", f"/v1/payment_intents/{payment.provider_id}/cancel")
    with pytest.raises(ConnectionError):
        await terminal.provider.cancel(payment)
    assert (await terminal.provider.cancel(payment)).status is ProviderStatus.CANCELLED


async def test_a_key_of_an_intent_that_is_not_shown_yet_is_no_answer(terminal: StripeTerminal) -> None:
    reused = {"error": {"type": "idempotency_error", "message": "A message."}}
    for call in (
        terminal.provider.authorize(request(terminal.approving)),
        terminal.provider.cancel(PaymentReference(new_id(), amount=PRICE)),
    ):
        terminal.server.faults.append(Fault(*INTENTS, 400, reused))
        with pytest.raises(ConnectionError, match="does not show yet"):
            await call


async def test_no_secret_is_in_a_log_a_repr_or_an_error(
    terminal: StripeTerminal, caplog: pytest.LogCaptureFixture, adapter: StripeAdapter
) -> None:
    shown: list[str] = []
    printed = io.StringIO()
    with (
        caplog.at_level(logging.DEBUG),
        structlog.testing.capture_logs() as lines,
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        for name in ("stripe", "httpx2", "httpcore2", "httpcore2.http11", "httpcore2.connection"):
            caplog.set_level(logging.DEBUG, name)
        customer = ProviderCustomer(new_id())
        setup = await terminal.provider.begin_setup(new_id(), customer, None)
        await terminal.complete_setup(setup)
        saved = await terminal.provider.finish_setup(setup.provider_id or "")
        hosted = await terminal.provider.authorize(request(HostedCheckout()))
        declined = await terminal.provider.authorize(request(terminal.declining))
        shown += [repr(each) for each in (setup, saved, hosted, declined, terminal.provider, adapter, CREDENTIALS)]
        assert saved.method is not None
        await terminal.provider.forget_method(saved.method.token)
        for status in (400, 401, 402, 500):
            secret = {
                "error": {"type": "card_error", "message": f"{KEY} pi_1_secret_2", "client_secret": "x_secret_y"}
            }
            terminal.server.faults.append(Fault(*INTENTS, status, secret))
            try:
                shown.append(repr(await terminal.provider.authorize(request(terminal.approving))))
            except (ConnectionError, ProviderCredentialsRefused) as error:
                shown.append(f"{error!r} {error} {error.args} {error.__cause__!r}")
    assert len(shown) == 11
    logged = [f"{record.getMessage()} {record.args}" for record in caplog.records]
    everything = "\n".join([*shown, *logged, str(lines), printed.getvalue()])
    tokens = (saved.method.token, terminal.authenticating.token, WEBHOOK_SECRET, Secret(KEY), Secret("_secret_"))
    assert [token for token in tokens if token.reveal() in everything] == []
    assert _util.STRIPE_LOG is None


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("secret_key", ""),
        ("secret_key", "pk_live_a_publishable_one"),
        ("secret_key", "sk_live_with\r\nx-header: 1"),
        ("webhook_secret", "we_the_id_of_the_endpoint"),
        ("webhook_secret", None),
    ],
)
def test_a_secret_that_is_none_of_stripe_is_refused_before_any_request(
    clock: FixedClock, name: str, secret: str | None
) -> None:
    given = {each: value for each, value in CREDENTIALS.secrets.items() if each != name}
    if secret is not None:
        given[name] = Secret(secret)
    with pytest.raises(InvalidInput, match=f"`{name}` is not one of Stripe") as refused:
        StripeAdapter(clock).connect(Credentials({}, given))
    assert refused.value.field == (name,)


def test_the_adapter_names_what_a_company_must_give(clock: FixedClock) -> None:
    adapter = StripeAdapter(clock)
    assert adapter.name == adapter.connect(CREDENTIALS).name == "STRIPE"
    assert [(each.name, each.is_secret) for each in adapter.fields] == [
        ("secret_key", True),
        ("webhook_secret", True),
        ("publishable_key", False),
    ]


async def test_a_refusal_to_show_a_payment_is_not_its_absence(terminal: StripeTerminal) -> None:
    terminal.server.faults.append(Fault("GET", "/v1/payment_intents/pi_1", 400))
    with pytest.raises(Refused, match="Stripe refused the request: api_error"):
        await terminal.provider.find(PaymentReference(new_id(), "pi_1"))
    assert await terminal.provider.find(PaymentReference(new_id(), "pi_1")) is None


@pytest.mark.parametrize(
    ("code", "is_closed"), [("amount_too_small", True), ("amount_too_large", True), ("account_invalid", False)]
)
async def test_only_an_amount_that_stripe_always_refuses_is_closed_without_an_intent(
    terminal: StripeTerminal, code: str, is_closed: bool
) -> None:
    payment = PaymentReference(new_id(), amount=PRICE)
    terminal.server.faults.append(refusing(*INTENTS, code))
    if is_closed:
        assert await terminal.provider.cancel(payment) == ProviderPayment(ProviderStatus.CANCELLED)
    else:
        with pytest.raises(ConnectionError, match=code):
            await terminal.provider.cancel(payment)


async def test_a_capture_that_lost_a_race_is_what_won(terminal: StripeTerminal) -> None:
    held = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    path = f"/v1/payment_intents/{payment.provider_id}/capture"
    terminal.server.faults.append(refusing("POST", path, "payment_intent_unexpected_state"))
    refused = await terminal.provider.capture(payment, PRICE)
    assert refused.decline is not None
    assert (refused.status, refused.decline.code) == (ProviderStatus.FAILED, "NOT_CAPTURABLE")
    lost = refusing("POST", path, "payment_intent_unexpected_state")
    terminal.server.faults.append(replace(lost, is_after=True))
    assert (await terminal.provider.capture(payment, PRICE)).status is ProviderStatus.SUCCEEDED


async def test_a_capture_or_refund_that_stripe_does_not_take_is_refused(terminal: StripeTerminal) -> None:
    price = Money(Decimal("5.120"), "KWD")
    held = AuthorizationRequest(new_id(), price, terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    finer = Money(Decimal("5.111"), "KWD")
    captured = await terminal.provider.capture(payment, finer)
    assert captured.decline is not None
    assert (captured.status, captured.decline.reason) == (ProviderStatus.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)
    assert (await terminal.provider.capture(payment, price)).amount == price
    refunded = await terminal.provider.refund(RefundRequest(new_id(), payment, finer))
    assert refunded.decline is not None
    assert (refunded.status, refunded.decline.reason) == (RefundStatus.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)


async def test_a_refund_under_a_used_key_that_is_not_shown_yet_is_no_answer(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    reused = {"error": {"type": "idempotency_error", "message": "A message."}}
    terminal.server.faults.append(Fault("POST", "/v1/refunds", 400, reused))
    with pytest.raises(ConnectionError, match="does not show yet"):
        await terminal.provider.refund(RefundRequest(new_id(), payment, PRICE))


async def test_a_payment_that_disappears_is_no_answer(terminal: StripeTerminal) -> None:
    held = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    path = f"/v1/payment_intents/{payment.provider_id}"
    terminal.server.faults.append(refusing("POST", f"{path}/cancel", "payment_intent_unexpected_state"))
    terminal.server.faults.append(replace(refusing("GET", path, "resource_missing"), skip=1))
    with pytest.raises(ConnectionError, match="does not show a payment that it had"):
        await terminal.provider.cancel(payment)


async def test_a_setup_that_stripe_refuses_has_failed(terminal: StripeTerminal) -> None:
    for path in ("/v1/customers", "/v1/setup_intents"):
        terminal.server.faults.append(refusing("POST", path, "account_invalid"))
        refused = await terminal.provider.begin_setup(new_id(), ProviderCustomer(new_id()), None)
        assert refused.decline is not None
        assert (refused.status, refused.decline.code) == (ProviderStatus.FAILED, "account_invalid")
    reference = new_id()
    await terminal.provider.begin_setup(reference, ProviderCustomer(new_id()), None)
    with pytest.raises(ConnectionError, match="another customer"):
        await terminal.provider.begin_setup(reference, ProviderCustomer(new_id()), None)


async def test_a_setup_whose_card_is_kept_for_nobody_has_failed(terminal: StripeTerminal) -> None:
    begun = await terminal.provider.begin_setup(new_id(), ProviderCustomer(new_id()), None)
    path = f"/v1/setup_intents/{begun.provider_id}/confirm"
    await terminal.server.call("POST", path, {"payment_method": "pm_card_visa"})
    done = await terminal.provider.finish_setup(begun.provider_id or "")
    assert done.decline is not None
    assert (done.status, done.decline.code) == (ProviderStatus.FAILED, "not_kept")


async def test_a_method_that_stripe_still_keeps_is_not_forgotten(terminal: StripeTerminal) -> None:
    paid = replace(request(terminal.approving), keep_method_for=ProviderCustomer(new_id()))
    kept = (await terminal.provider.authorize(paid)).method
    assert kept is not None
    path = f"/v1/payment_methods/{kept.token.reveal()}/detach"
    terminal.server.faults.append(refusing("POST", path, "lock"))
    with pytest.raises(ConnectionError, match="did not delete"):
        await terminal.provider.forget_method(kept.token)
    await terminal.provider.forget_method(kept.token)
    assert (await terminal.provider.confirm(known(paid, await terminal.provider.authorize(paid)))).method is None


async def test_an_id_that_is_not_listed_among_thousands_is_no_answer(
    terminal: StripeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.providers.stripe.intents.MAX_LISTED", 2)
    for _ in range(2):
        await terminal.provider.authorize(request(terminal.approving))
    with pytest.raises(ConnectionError, match="too many payments"):
        await terminal.provider.find(PaymentReference(new_id()))


async def test_an_intent_that_was_created_long_after_its_id_is_found(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    first = await terminal.provider.authorize(paid)
    await terminal.server.call("GET", "/v1/payment_intents", {})
    terminal.server.created[str(first.provider_id)] = int(terminal.clock.now().timestamp()) + 7_200
    terminal.clock.advance(timedelta(hours=3))
    found = await terminal.provider.find(PaymentReference(paid.reference))
    assert found is not None
    assert found.provider_id == first.provider_id
