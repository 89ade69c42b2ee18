"""Webhooks of PayPal: only those that PayPal has signed lately are read."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.payment.providers.provider import PaymentProvider
from domains.payment.providers.requests import RefundRequest
from domains.payment.providers.results import WebhookEvent
from gateway.providers.paypal.errors import PayPalTimeout, PayPalUnavailable
from gateway.providers.paypal.provider import PayPalAdapter
from gateway.providers.paypal.webhooks import event_of
from tests.domains.payment.provider_contract import PRICE, known, request
from tests.gateway.providers.paypal.conftest import PayPalTerminal
from tests.gateway.providers.paypal.fake_paypal import CERTIFICATE, FakePayPal
from tests.gateway.providers.paypal.fake_webhooks import Signer

BODY = orjson.dumps({"id": "WH-1", "event_type": "X", "create_time": "2030-01-01T00:00:00Z", "resource": {}})
EVENT: dict[str, Any] = orjson.loads(BODY)


async def refusal(provider: PaymentProvider, headers: Mapping[str, str], body: bytes = BODY) -> str:
    """Why a webhook is refused."""
    with pytest.raises(WebhookSignatureInvalid) as raised:
        await provider.parse_webhook(body, headers)
    return str(raised.value)


async def test_each_signed_part_of_a_webhook_is_verified(terminal: PayPalTerminal) -> None:
    headers = terminal.signed(BODY)
    assert (await terminal.provider.parse_webhook(BODY, headers)).id == "WH-1"
    reasons = ["does not match", "does not match", "does not match", "not at an address", "not one of PayPal"]
    for given, reason in zip(terminal.forged(headers), reasons, strict=True):
        assert reason in await refusal(terminal.provider, given)
    assert "does not match" in await refusal(terminal.provider, headers, BODY.replace(b"WH-1", b"WH-2"))
    assert "does not match" in await refusal(terminal.provider, {**headers, "Paypal-Transmission-Sig": "no base64"})


async def test_a_webhook_of_another_webhook_id_is_refused(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    headers = paypal.signer.headers(BODY, f"{paypal.url}{CERTIFICATE}", terminal.clock.now(), "5GP028458E2496506")
    assert "does not match" in await refusal(terminal.provider, headers)


@pytest.mark.parametrize("name", ["Id", "Time", "Sig"])
async def test_a_webhook_without_a_part_of_its_signature_is_refused(terminal: PayPalTerminal, name: str) -> None:
    headers = dict(terminal.signed(BODY))
    for value in ("", "x" * 2_001, "\u00e9"):
        assert "no signature" in await refusal(terminal.provider, {**headers, f"Paypal-Transmission-{name}": value})
    del headers[f"Paypal-Transmission-{name}"]
    assert "no signature" in await refusal(terminal.provider, headers)


@pytest.mark.parametrize("time", ["yesterday", "2030-01-01T00:00:00", "9999-99-99T00:00:00Z"])
async def test_a_webhook_without_a_valid_time_is_refused(terminal: PayPalTerminal, time: str) -> None:
    assert "no valid time" in await refusal(
        terminal.provider, {**terminal.signed(BODY), "Paypal-Transmission-Time": time}
    )


async def test_a_webhook_of_the_future_is_refused(terminal: PayPalTerminal) -> None:
    headers = terminal.signed(BODY)
    terminal.wait(-301)
    assert "in the future" in await refusal(terminal.provider, headers)


async def test_another_signer_at_another_host_is_not_even_asked(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    url = paypal.url.replace("127.0.0.1", "localhost")
    headers = Signer.new().headers(BODY, f"{url}{CERTIFICATE}", terminal.clock.now())
    assert "not at an address" in await refusal(terminal.provider, headers)
    assert paypal.certificates_fetched == 0


async def test_a_certificate_is_fetched_once_in_twelve_hours(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    for _ in range(3):
        await terminal.provider.parse_webhook(BODY, terminal.signed(BODY))
    assert paypal.certificates_fetched == 1
    terminal.clock.advance(timedelta(hours=13))
    await terminal.provider.parse_webhook(BODY, terminal.signed(BODY))
    assert paypal.certificates_fetched == 2


async def test_few_certificates_are_remembered(
    terminal: PayPalTerminal, paypal: FakePayPal, adapter: PayPalAdapter
) -> None:
    paypal.has_any_certificate = True
    for number in range(20):
        headers = paypal.signer.headers(BODY, f"{paypal.url}{CERTIFICATE}{number}", terminal.clock.now())
        await terminal.provider.parse_webhook(BODY, headers)
    assert len(adapter.load().certificates._chains) == 16


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Signer.new(not_after=datetime(2025, 6, 1, tzinfo=UTC)), "expired"),
        (lambda: Signer.new(not_before=datetime(2089, 1, 1, tzinfo=UTC)), "not valid yet"),
        (lambda: Signer.new(bits=1024), "2048"),
    ],
)
async def test_a_certificate_must_be_valid_and_strong(
    terminal: PayPalTerminal, paypal: FakePayPal, make: Callable[[], Signer], match: str
) -> None:
    other = make()
    paypal.certificate = other.pem
    assert match in await refusal(
        terminal.provider, other.headers(BODY, f"{paypal.url}{CERTIFICATE}", terminal.clock.now())
    )


async def test_a_certificate_must_be_issued_by_the_next_one(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    leaf, _, rest = paypal.signer.pem.partition(b"-----END CERTIFICATE-----\n")
    assert rest
    paypal.certificate = leaf + b"-----END CERTIFICATE-----\n" + Signer.new().pem
    assert "issued by" in await refusal(terminal.provider, terminal.signed(BODY))


@pytest.mark.parametrize("certificate", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA==\n"])
async def test_a_file_without_a_certificate_is_refused(
    terminal: PayPalTerminal, paypal: FakePayPal, certificate: bytes
) -> None:
    paypal.certificate = certificate
    assert "no certificate" in await refusal(terminal.provider, terminal.signed(BODY))


async def test_a_certificate_that_cannot_be_fetched_is_no_forgery(
    terminal: PayPalTerminal, paypal: FakePayPal, adapter: PayPalAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = terminal.signed(BODY)
    paypal.outages = [503]
    with pytest.raises(PayPalUnavailable):
        await terminal.provider.parse_webhook(BODY, headers)
    with monkeypatch.context() as patch:
        patch.setattr(adapter.load().http, "timeout", httpx2.Timeout(0.05))
        paypal.delay = 0.3
        with pytest.raises(PayPalTimeout):
            await terminal.provider.parse_webhook(BODY, headers)
        paypal.delay = 0.0
    paypal.certificate = b"x" * 100_000
    with pytest.raises(PayPalUnavailable, match="too long"):
        await terminal.provider.parse_webhook(BODY, headers)
    paypal.certificate = paypal.signer.pem
    assert (await terminal.provider.parse_webhook(BODY, headers)).id == "WH-1"


async def test_a_refund_names_its_payment_and_its_capture(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    result = await terminal.provider.authorize(asked)
    await terminal.provider.refund(RefundRequest(new_id(), known(asked, result), PRICE))
    event = event_of(paypal.events[-1])
    assert (event.type, event.reference) == ("PAYMENT.CAPTURE.REFUNDED", asked.reference)
    found = await terminal.provider.find(known(asked, result))
    assert found is not None
    assert {each.id for each in found.transactions} == set(event.provider_ids)


async def test_a_dispute_names_its_payment_and_its_capture(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    asked = request(terminal.approving)
    result = await terminal.provider.authorize(asked)
    await terminal.dispute(asked.reference)
    event = event_of(paypal.events[-1])
    assert (event.reference, event.provider_ids) == (asked.reference, (result.transactions[0].id,))


REFERENCE = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.mark.parametrize(
    ("resource", "ids", "reference"),
    [
        ({}, (), None),
        ({"id": "5O1", "purchase_units": [{"custom_id": f"{REFERENCE}.CANCELLED"}]}, ("5O1",), REFERENCE),
        ({"id": "8kk", "metadata": {"order_id": "5O1"}}, ("5O1", "8kk"), None),
        ({"id": "3C1", "custom_id": "of another software"}, ("3C1",), None),
        ({"id": "../x", "custom_id": None}, (), None),
        ({"disputed_transactions": [{"seller_transaction_id": "3C1"}]}, ("3C1",), None),
    ],
)
def test_an_event_names_what_it_is_about(
    resource: dict[str, Any], ids: tuple[str, ...], reference: UUID | None
) -> None:
    event = event_of({**EVENT, "resource": resource})
    assert event == WebhookEvent("WH-1", "X", datetime(2030, 1, 1, tzinfo=UTC), ids, reference)


@pytest.mark.parametrize(
    "change",
    [
        {"id": 1},
        {"id": ""},
        {"id": "x" * 256},
        {"event_type": None},
        {"create_time": "2030-01-01"},
        {"resource": [1]},
        {"resource": {"links": [1]}},
        {"resource": {"supplementary_data": 1}},
        {"resource": {"purchase_units": 5}},
    ],
)
def test_an_event_that_cannot_be_read_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(WebhookMalformed):
        event_of({**EVENT, **change})


async def test_events_of_several_pages_are_found_oldest_first(
    terminal: PayPalTerminal, paypal: FakePayPal, clock: FixedClock
) -> None:
    began, paypal.page_size = clock.now(), 2
    for _ in range(5):
        asked = request(terminal.approving)
        await terminal.provider.authorize(asked)
        clock.advance(timedelta(seconds=1))
    paypal.events.append({**paypal.events[0], "id": ""})
    found = await terminal.provider.events_since(began)
    assert [each.id for each in found] == [each["id"] for each in paypal.events[:5]]
    assert len(await terminal.provider.events_since(began + timedelta(seconds=3))) == 2
    assert len(paypal.calls("GET", ".*webhooks-events")) == 4


async def test_of_too_many_events_the_oldest_are_listed(
    terminal: PayPalTerminal, paypal: FakePayPal, clock: FixedClock
) -> None:
    began, paypal.page_size = clock.now(), 1
    terminal.wait(3_600)
    for _ in range(8):
        terminal.wait(100)
        await terminal.provider.authorize(request(terminal.approving))
    ids = [each["id"] for each in paypal.events]
    found = await terminal.provider.events_since(began)
    assert found
    assert [each.id for each in found] == ids[: len(found)]
    again = await terminal.provider.events_since(found[-1].occurred_at)
    assert [each.id for each in again] == ids[len(found) - 1 :][: len(again)]


async def test_events_of_a_list_that_never_ends_are_bounded(terminal: PayPalTerminal, paypal: FakePayPal) -> None:
    paypal.page_size = 1
    await terminal.provider.authorize(request(terminal.approving))
    paypal.events *= 15
    found = await terminal.provider.events_since(terminal.clock.now())
    assert (len(found), len(paypal.calls("GET", ".*webhooks-events"))) == (1, 30)
