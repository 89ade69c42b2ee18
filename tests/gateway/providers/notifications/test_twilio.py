"""SMS by Twilio: what each answer means, and that a message is not sent twice."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.notification.channels import Gone, Outcome, Rejected, Retry, Sent, TextMessage
from domains.notification.models import NotificationType
from gateway.providers.notifications import http
from gateway.providers.notifications.installation import outbound_of
from gateway.providers.notifications.twilio import TwilioChannel
from gateway.settings import BadSettings, load
from tests.gateway.providers.notifications.provider_server import ProviderServer, Received

NOW: Final = datetime(2026, 11, 30, 12, tzinfo=UTC)
ID: Final = UUID("018f0000-0000-7000-8000-000000000001")
SID: Final = "AC" + "0" * 31 + "1"
PATH: Final = f"/2010-04-01/Accounts/{SID}/Messages.json"
ACCOUNT: Final = {"twilio_account_sid": SID, "twilio_auth_token": "the token", "twilio_from": "+4930123456"}
ANN: Final = "+4915112345678"


class Twilio(ProviderServer):
    """Twilio with the messages that it has taken."""

    def answer(self, received: Received) -> tuple[int, dict[str, str], Any]:
        if received.method == "GET":
            return 200, {}, {"messages": [each for each in self.taken[::-1] if each["to"] == received.query["To"]]}
        form = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
        message = {
            "sid": f"SM{len(self.taken):032}",
            "to": form["To"],
            "body": form["Body"],
            "status": "queued",
            "date_created": format_datetime(NOW),
        }
        self.taken.append(message)
        return 201, {}, message

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, str]] = []


@pytest.fixture
async def twilio() -> AsyncIterator[Twilio]:
    server = Twilio()
    async with server.listening():
        yield server


@pytest.fixture
async def channel(twilio: Twilio) -> AsyncIterator[TwilioChannel]:
    settings = load({}, twilio_url=twilio.url, public_url="https://api.shop.example", **ACCOUNT)
    made = outbound_of(settings, lambda: None, FixedClock(NOW)).channels[NotificationType.SMS]
    assert isinstance(made, TwilioChannel)
    yield made
    await made.close()


def sms(to: str = ANN, text: str = "Your order is here.", **given: Any) -> TextMessage:
    return TextMessage(id=ID, to=to, text=text, created_at=NOW, **given)


async def test_a_message_is_sent(twilio: Twilio, channel: TwilioChannel) -> None:
    assert await channel.send(sms(company="tea & co")) == Sent("TWILIO", f"SM{0:032}")
    (request,) = twilio.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["authorization"] == "Basic " + b64encode(f"{SID}:the token".encode()).decode()
    assert parse_qs(request.body.decode()) == {
        "To": [ANN],
        "From": ["+4930123456"],
        "Body": ["Your order is here."],
        "StatusCallback": ["https://api.shop.example/notifications/tea%20%26%20co/twilio"],
    }


async def test_a_messaging_service_is_the_sender(twilio: Twilio) -> None:
    service = "MG" + "a" * 32
    settings = load({}, **ACCOUNT | {"twilio_url": twilio.url, "twilio_from": service})
    channel = outbound_of(settings, lambda: None, FixedClock(NOW)).channels[NotificationType.SMS]
    assert isinstance(await channel.send(sms(company="tea")), Sent)
    await channel.close()
    form = parse_qs(twilio.requests[0].body.decode())
    assert (form["MessagingServiceSid"], "From" in form, "StatusCallback" in form) == ([service], False, False)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, 21211, Gone("TWILIO", "HTTP 400 21211")),
        (400, 21610, Gone("TWILIO", "HTTP 400 21610")),
        (400, 21614, Gone("TWILIO", "HTTP 400 21614")),
        (400, 21617, Rejected("TWILIO", "HTTP 400 21617")),
        (400, 21408, Retry("TWILIO", "HTTP 400 21408")),
        (400, 21606, Retry("TWILIO", "HTTP 400 21606")),
        (401, 20003, Retry("TWILIO", "HTTP 401 20003")),
        (429, 20429, Retry("TWILIO", "HTTP 429 20429", timedelta(seconds=7))),
        (503, 20503, Retry("TWILIO", "HTTP 503 20503", timedelta(seconds=7))),
        (500, 21211, Retry("TWILIO", "HTTP 500 21211", timedelta(seconds=7))),
    ],
)
async def test_a_refusal_decides_by_its_code(
    twilio: Twilio, channel: TwilioChannel, status: int, code: int, outcome: Outcome
) -> None:
    headers = {"Retry-After": "7"} if status in {429, 500, 503} else {}
    twilio.answers = [(status, headers, {"code": code, "message": f"{ANN} is no number", "status": status})]
    assert await channel.send(sms()) == outcome
    assert twilio.taken == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"{}", b'{"sid": 5}', b"x" * 300_000])
async def test_an_answer_that_cannot_be_read_defers_the_message(
    twilio: Twilio, channel: TwilioChannel, body: bytes
) -> None:
    twilio.answers = [(201, {}, body)]
    assert isinstance(await channel.send(sms()), Retry)


async def test_a_redirect_is_not_followed(twilio: Twilio, channel: TwilioChannel) -> None:
    twilio.answers = [(307, {"Location": f"{twilio.url}/elsewhere"}, b"")]
    assert await channel.send(sms()) == Retry("TWILIO", "HTTP 307")
    assert len(twilio.requests) == 1


async def test_a_message_whose_answer_was_late_is_found_and_not_sent_again(
    twilio: Twilio, channel: TwilioChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "EXCHANGE_SECONDS", 0.2)
    twilio.delay = 0.5
    assert await channel.send(sms()) == Retry("TWILIO", "no answer in time")
    assert len(twilio.taken) == 1
    twilio.delay = 0
    adopted = await channel.send(sms(is_repeated=True))
    assert adopted == Sent("TWILIO", twilio.taken[0]["sid"], {"adopted": True})
    assert len(twilio.taken) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"to": "+4915112345679"},
        {"body": "Another text."},
        {"status": "failed"},
        {"status": "undelivered"},
        {"date_created": format_datetime(NOW - timedelta(minutes=5))},
        {"date_created": "yesterday"},
        {"sid": None},
    ],
)
async def test_another_message_is_not_adopted(twilio: Twilio, channel: TwilioChannel, other: dict[str, Any]) -> None:
    listed = {"sid": "SMx", "to": ANN, "body": sms().text, "status": "sent", "date_created": format_datetime(NOW)}
    twilio.answers = [(200, {}, {"messages": [listed | other]})]
    sent = await channel.send(sms(is_repeated=True))
    assert isinstance(sent, Sent)
    assert [each["sid"] for each in twilio.taken] == [sent.message_id]


async def test_of_an_account_on_trial_a_message_has_words_before_its_text(
    twilio: Twilio, channel: TwilioChannel
) -> None:
    text = f"Sent from your Twilio trial account - {sms().text}"
    listed = {"sid": "SMx", "to": ANN, "body": text, "status": "sent", "date_created": format_datetime(NOW)}
    twilio.answers = [(200, {}, {"messages": [listed]})]
    assert await channel.send(sms(is_repeated=True)) == Sent("TWILIO", "SMx", {"adopted": True})
    assert twilio.taken == []


async def test_nothing_is_sent_again_while_twilio_does_not_say_what_it_has(
    twilio: Twilio, channel: TwilioChannel
) -> None:
    for status, body in ((500, b""), (200, b"{}")):
        twilio.answers = [(status, {}, body)]
        assert isinstance(await channel.send(sms(is_repeated=True)), Retry)
    assert (twilio.taken, {each.method for each in twilio.requests}) == ([], {"GET"})


@pytest.mark.parametrize(
    "to", ["", "0151 1234567", "+49 151 12345678", "+1", "+4915112345678 x12", "tel:+4915112345678"]
)
async def test_a_number_that_is_not_in_e164_is_refused(twilio: Twilio, channel: TwilioChannel, to: str) -> None:
    assert isinstance(await channel.send(sms(to)), Rejected)
    assert twilio.requests == []


@pytest.mark.parametrize("text", ["", " ", "x" * 1_601])
async def test_a_text_that_no_sms_can_have_is_refused(twilio: Twilio, channel: TwilioChannel, text: str) -> None:
    assert isinstance(await channel.send(sms(text=text)), Rejected)
    assert twilio.requests == []


async def test_a_server_that_is_not_there_defers_the_message() -> None:
    settings = load({}, twilio_url="http://127.0.0.1:9", **ACCOUNT)
    channel = outbound_of(settings, lambda: None, FixedClock(NOW)).channels[NotificationType.SMS]
    assert isinstance(await channel.send(sms()), Retry)
    await channel.close()


@pytest.mark.parametrize("missing", list(ACCOUNT))
def test_an_account_is_complete_or_not_set(missing: str) -> None:
    with pytest.raises(BadSettings, match="belong together"):
        load({}, **{name: value for name, value in ACCOUNT.items() if name != missing})


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "999999999"}, 3_600),
        ({"retry-after": "9" * 5_000}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": format_datetime(NOW, usegmt=True)}, None),
        ({"retry-after": format_datetime(NOW + timedelta(minutes=2), usegmt=True)}, 120),
        ({"retry-after": format_datetime(NOW - timedelta(minutes=2), usegmt=True)}, 0),
    ],
)
def test_a_provider_is_left_alone_as_long_as_it_wishes(headers: dict[str, str], wait: int | None) -> None:
    date = {} if wait is None else {"date": format_datetime(NOW, usegmt=True)}
    assert http.retry_after(headers | date) == (None if wait is None else timedelta(seconds=wait))
