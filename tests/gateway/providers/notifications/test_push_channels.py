"""Push notifications: decrypted by a receiver as a browser does it, and validated against Google's description."""

import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import UUID

import googleapiclient
import http_ece
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02

from domains.kernel.clock import FixedClock
from domains.kernel.values.secret import Secret
from domains.notification.channels import Gone, Outcome, PushMessage, Rejected, Retry, Sent
from gateway.infra.public_http import PublicAnswer, PublicHttp, RequestNotSent
from gateway.providers.notifications.firebase import FirebaseChannel, ServiceAccount
from gateway.providers.notifications.push import PushChannel
from gateway.providers.notifications.web_push import WebPushChannel, encoded
from tests.gateway.providers.notifications.provider_server import ProviderServer, Received

NOW: Final = datetime(2026, 11, 30, 12, tzinfo=UTC)
ID: Final = UUID("018f0000-0000-7000-8000-000000000001")
ENDPOINT: Final = "https://push.example:8443/wpush/v2/abc"
DOCUMENT: Final = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "fcm.v1.json"


@dataclass
class Browser:
    """A browser that has subscribed: it decrypts what its push service was given."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen octets.."
    answer: PublicAnswer | RequestNotSent = field(default_factory=lambda: PublicAnswer(201, {}, b""))
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": encoded(point), "auth": encoded(self.auth)}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PublicAnswer:
        self.posted.append((url, headers, body))
        if isinstance(self.answer, RequestNotSent):
            raise self.answer
        return self.answer

    def read(self, body: bytes) -> Any:
        return orjson.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth))


def vapid_key() -> str:
    return encoded(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32))


def message(browser: Browser | None = None, **given: Any) -> PushMessage:
    fields: dict[str, Any] = {"address": ENDPOINT, "keys": browser.keys if browser else {}}
    fields |= {"title": "Größe M ist da", "text": "Now in stock.", "url": "https://shop.example/tea"}
    return PushMessage(id=ID, created_at=NOW, **fields | given)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def web(browser: Browser) -> WebPushChannel:
    return WebPushChannel(vapid_key(), "mailto:shop@example.com", browser, FixedClock(NOW))


async def test_a_browser_decrypts_what_its_push_service_gets(browser: Browser, web: WebPushChannel) -> None:
    assert await web.send(message(browser)) == Sent("WEB_PUSH")
    assert await web.send(message(browser, is_urgent=True)) == Sent("WEB_PUSH")
    (url, headers, body), (_, urgent, other) = browser.posted
    assert browser.read(body) == {
        "id": str(ID),
        "title": "Größe M ist da",
        "body": "Now in stock.",
        "url": "https://shop.example/tea",
    }
    assert (url, body != other, headers["Content-Encoding"]) == (ENDPOINT, True, "aes128gcm")
    assert (headers["Urgency"], urgent["Urgency"], headers["TTL"]) == ("normal", "high", "86400")
    assert headers["Topic"] == urlsafe_b64encode(ID.bytes).decode().rstrip("=")
    assert len(headers["Topic"]) <= 32


async def test_a_push_service_recognizes_the_shop(browser: Browser, web: WebPushChannel) -> None:
    await web.send(message(browser))
    authorization = browser.posted[0][1]["Authorization"]
    assert Vapid02.verify(authorization)
    parts = dict(each.split("=", 1) for each in authorization.removeprefix("vapid ").split(","))
    assert parts["k"] == web.public_key
    claims = jwt.decode(parts["t"], options={"verify_signature": False})
    assert claims["aud"] == "https://push.example:8443"
    assert claims["sub"] == "mailto:shop@example.com"
    assert 0 < claims["exp"] - NOW.timestamp() <= 24 * 3_600


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (PublicAnswer(200, {}, b""), Sent("WEB_PUSH")),
        (PublicAnswer(404, {}, b""), Gone("WEB_PUSH", "HTTP 404")),
        (PublicAnswer(410, {}, b""), Gone("WEB_PUSH", "HTTP 410")),
        (PublicAnswer(413, {}, b""), Rejected("WEB_PUSH", "HTTP 413")),
        (PublicAnswer(400, {}, b""), Rejected("WEB_PUSH", "HTTP 400")),
        (PublicAnswer(403, {}, b""), Retry("WEB_PUSH", "HTTP 403")),
        (PublicAnswer(307, {"location": "http://127.0.0.1"}, b""), Retry("WEB_PUSH", "HTTP 307")),
        (PublicAnswer(429, {"retry-after": "9"}, b""), Retry("WEB_PUSH", "HTTP 429", timedelta(seconds=9))),
        (PublicAnswer(503, {}, b""), Retry("WEB_PUSH", "HTTP 503")),
        (RequestNotSent("TIMEOUT"), Retry("WEB_PUSH", "TIMEOUT")),
        (RequestNotSent("ADDRESS_REFUSED"), Gone("WEB_PUSH", "ADDRESS_REFUSED")),
    ],
)
async def test_the_answer_of_a_push_service_decides(
    browser: Browser, web: WebPushChannel, answer: PublicAnswer | RequestNotSent, outcome: Outcome
) -> None:
    browser.answer = answer
    assert await web.send(message(browser)) == outcome


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAA", "auth": "c2l4dGVlbiBvY3RldHMuLg"},
        {"p256dh": "not base64 at all!", "auth": "AA"},
        {"p256dh": "é", "auth": "AA"},
        {"auth": "AA"},
        {"p256dh": encoded(b"\x04" + bytes(64)), "auth": "c2l4dGVlbiBvY3RldHMuLg"},
    ],
)
async def test_keys_that_encrypt_nothing_are_no_device(
    browser: Browser, web: WebPushChannel, keys: dict[str, str]
) -> None:
    assert isinstance(await web.send(message(keys=keys)), Gone)
    assert browser.posted == []


async def test_a_message_that_push_services_do_not_take_is_refused(browser: Browser, web: WebPushChannel) -> None:
    assert isinstance(await web.send(message(browser, text="x" * 3_900)), Rejected)
    assert browser.posted == []
    assert isinstance(await web.send(message(browser, text="x" * 3_800)), Sent)
    assert len(browser.posted[0][2]) <= 4_096


@pytest.mark.parametrize(
    "endpoint",
    ["https://127.0.0.1/x", "https://localhost/x", "http://push.example/x", "https://[::1]/", "https://10.1/"],
)
async def test_an_endpoint_in_a_private_network_gets_nothing(browser: Browser, endpoint: str) -> None:
    web = WebPushChannel(vapid_key(), "mailto:shop@example.com", PublicHttp(), FixedClock(NOW))
    assert isinstance(await web.send(message(browser, address=endpoint)), Gone)


# ---- Firebase


def _violations(schemas: Mapping[str, Any], name: str, value: Any) -> list[str]:
    """What a value has that the schema of a discovery document does not."""
    found: list[str] = []
    properties = schemas[name]["properties"]
    for key, each in value.items():
        if key not in properties:
            found.append(f"{name}.{key} is unknown")
            continue
        found += _of_property(schemas, f"{name}.{key}", properties[key], each)
    return found


def _of_property(schemas: Mapping[str, Any], name: str, described: Mapping[str, Any], value: Any) -> list[str]:
    if "$ref" in described:
        return _violations(schemas, described["$ref"], value)
    if "enum" in described:
        return [] if value in described["enum"] else [f"{name} is {value}"]
    if described["type"] == "object" and "additionalProperties" in described:
        of_values = described["additionalProperties"]
        return [each for item in value.values() for each in _of_property(schemas, name, of_values, item)]
    kinds = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict, "any": object}
    return [] if isinstance(value, kinds[described["type"]]) else [f"{name} is {type(value).__name__}"]


class Google(ProviderServer):
    """Google's servers of tokens and of messages."""

    def __init__(self) -> None:
        super().__init__()
        self.issued = 0

    def answer(self, received: Received) -> tuple[int, dict[str, str], Any]:
        if received.path == "/token":
            self.issued += 1
            return 200, {}, {"access_token": f"token {self.issued}", "expires_in": 3_600, "token_type": "Bearer"}
        return 200, {}, {"name": "projects/tea/messages/1"}

    @property
    def messages(self) -> list[Received]:
        return [each for each in self.requests if each.path != "/token"]


KEY: Final = rsa.generate_private_key(65_537, 2_048)
PEM: Final = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
async def google() -> AsyncIterator[Google]:
    server = Google()
    async with server.listening():
        yield server


@pytest.fixture
def now() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def apps(google: Google, now: FixedClock) -> AsyncIterator[FirebaseChannel]:
    account = ServiceAccount("tea", "push@tea.example", Secret(PEM), f"{google.url}/token")
    channel = FirebaseChannel(account, now, google.url)
    yield channel
    await channel.close()


@pytest.mark.parametrize("given", [{}, {"is_urgent": True}, {"url": None}])
async def test_a_request_is_one_that_google_describes(
    google: Google, apps: FirebaseChannel, given: dict[str, Any]
) -> None:
    assert await apps.send(message(address="device", **given)) == Sent("FIREBASE", "projects/tea/messages/1")
    document = json.loads(DOCUMENT.read_text())
    method = document["resources"]["projects"]["resources"]["messages"]["methods"]["send"]
    (request,) = google.messages
    assert request.method == method["httpMethod"]
    assert request.path == "/" + method["path"].replace("{+parent}", "projects/tea")
    body = orjson.loads(request.body)
    assert _violations(document["schemas"], method["request"]["$ref"], body) == []
    assert body["message"]["token"] == "device"
    assert body["message"]["notification"] == {"title": "Größe M ist da", "body": "Now in stock."}
    assert body["message"]["android"]["priority"] == ("HIGH" if given.get("is_urgent") else "NORMAL")


async def test_what_google_does_not_describe_would_be_found() -> None:
    schemas = json.loads(DOCUMENT.read_text())["schemas"]
    wrong = {"message": {"tokens": "a", "data": {"a": 1}, "android": {"priority": "SOON"}}}
    assert len(_violations(schemas, "SendMessageRequest", wrong)) == 3


async def test_a_token_is_asked_for_once_and_renewed_in_time(
    google: Google, apps: FirebaseChannel, now: FixedClock
) -> None:
    for _ in range(3):
        await apps.send(message(address="device"))
    now.advance(timedelta(minutes=54))
    await apps.send(message(address="device"))
    assert google.issued == 1
    now.advance(timedelta(minutes=2))
    await apps.send(message(address="device"))
    assert google.issued == 2
    assert [each.headers["authorization"] for each in google.messages] == ["Bearer token 1"] * 4 + ["Bearer token 2"]
    form = parse_qs(next(each for each in google.requests if each.path == "/token").body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        form["assertion"][0], KEY.public_key(), ["RS256"], audience=f"{google.url}/token", options=options
    )
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("push@tea.example", 3_600)


async def test_a_token_that_is_refused_is_replaced(google: Google, apps: FirebaseChannel) -> None:
    await apps.send(message(address="device"))
    google.answers = [(401, {}, {"error": {"status": "UNAUTHENTICATED"}})]
    assert await apps.send(message(address="device")) == Retry("FIREBASE", "HTTP 401 UNAUTHENTICATED")
    assert isinstance(await apps.send(message(address="device")), Sent)
    assert google.issued == 2


def _error(status: str, code: str | None = None) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}] if code else []
    return {"error": {"status": status, "message": "The token device is unknown.", "details": details}}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, _error("NOT_FOUND", "UNREGISTERED"), Gone("FIREBASE", "HTTP 404 UNREGISTERED")),
        (403, _error("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), Gone("FIREBASE", "HTTP 403 SENDER_ID_MISMATCH")),
        (404, _error("NOT_FOUND"), Retry("FIREBASE", "HTTP 404 NOT_FOUND")),
        (400, _error("INVALID_ARGUMENT", "INVALID_ARGUMENT"), Rejected("FIREBASE", "HTTP 400 INVALID_ARGUMENT")),
        (429, _error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), Retry("FIREBASE", "HTTP 429 QUOTA_EXCEEDED")),
        (503, _error("UNAVAILABLE", "UNAVAILABLE"), Retry("FIREBASE", "HTTP 503 UNAVAILABLE")),
        (500, b"<html>", Retry("FIREBASE", "HTTP 500")),
        (403, {"error": {"status": "a token"}}, Retry("FIREBASE", "HTTP 403")),
        (403, {"error": {"details": 5}}, Retry("FIREBASE", "HTTP 403")),
    ],
)
async def test_the_answer_of_firebase_decides(
    google: Google, apps: FirebaseChannel, status: int, body: Any, outcome: Outcome
) -> None:
    await apps.send(message(address="device"))
    google.answers = [(status, {}, body)]
    assert await apps.send(message(address="device")) == outcome


@pytest.mark.parametrize("body", [{}, {"access_token": 5}, {"access_token": "a", "expires_in": "soon"}, b"<html>"])
async def test_without_a_token_nothing_is_sent(google: Google, apps: FirebaseChannel, body: Any) -> None:
    google.answers = [(200, {}, body)]
    assert isinstance(await apps.send(message(address="device")), Retry)
    assert google.messages == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"project_id": "tea"}', "5"])
def test_a_file_that_is_no_service_account_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        ServiceAccount.read(text)


async def test_a_message_goes_to_the_provider_of_its_device(
    browser: Browser, web: WebPushChannel, apps: FirebaseChannel, google: Google
) -> None:
    push = PushChannel(web, apps)
    assert await push.send(message(browser)) == Sent("WEB_PUSH")
    assert await push.send(message(address="device")) == Sent("FIREBASE", "projects/tea/messages/1")
    assert (len(browser.posted), len(google.messages)) == (1, 1)
