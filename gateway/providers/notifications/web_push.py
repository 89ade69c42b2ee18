"""Push notifications to browsers: RFC 8030, encrypted (RFC 8291) and signed (RFC 8292)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException

from domains.kernel.clock import Clock
from domains.notification.channels import Gone, Outcome, PushMessage, Rejected, Retry, Sent
from gateway.infra.public_http import PublicAnswer, RequestNotSent
from gateway.providers.notifications.http import retry_after

PROVIDER: Final = "WEB_PUSH"
SIGNED_FOR: Final = timedelta(hours=12)  # at most 24 (RFC 8292 §2)
MAX_PAYLOAD: Final = 3_993  # octets: every push service takes 4,096 when they are encrypted (RFC 8030 §7.2)
NO_ENDPOINT: Final = frozenset({404, 410})
REFUSED: Final = frozenset({400, 413})
# Codes of requests that were not sent and never can be, because of the endpoint.
BAD_ENDPOINT: Final = frozenset({"ADDRESS_REFUSED", "REQUEST_MALFORMED"})


class Poster(Protocol):
    """Sends requests to the public internet."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> PublicAnswer:
        """Send a request. Raises RequestNotSent."""
        ...


class WebPushChannel:
    """Sends push notifications to the endpoints that browsers gave.

    The id of the notification is the topic: while the browser is not running, a second delivery replaces the first.
    """

    def __init__(self, private_key: str, subject: str, http: Poster, clock: Clock) -> None:
        self._vapid = Vapid02.from_raw(private_key.encode())
        self._subject = subject
        self._http = http
        self._clock = clock

    @property
    def public_key(self) -> str:
        """The key with which a browser subscribes (`applicationServerKey`), in base64url."""
        return public_key_of(self._vapid)

    async def send(self, message: PushMessage) -> Outcome:
        """Send a push notification; Gone when the browser has unsubscribed, or its endpoint or keys are none."""
        payload = orjson.dumps(
            {"id": str(message.id), "title": message.title, "body": message.text, "url": message.url}
        )
        if len(payload) > MAX_PAYLOAD:
            return Rejected(PROVIDER, f"the message is longer than {MAX_PAYLOAD} octets")
        try:
            body = encrypted(payload, message.keys)
            answer = await self._http.post(message.address, self._headers(message), body)
        except (http_ece.ECEException, VapidException, ValueError, KeyError):
            return Gone(PROVIDER, "the keys or the endpoint are invalid")
        except RequestNotSent as error:
            return (Gone if error.code in BAD_ENDPOINT else Retry)(PROVIDER, error.code)
        return _outcome(answer)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _headers(self, message: PushMessage) -> Mapping[str, str]:
        parts = urlsplit(message.address)
        expires_at = self._clock.now() + SIGNED_FOR
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(expires_at.timestamp()),
            "sub": self._subject,
        }
        return {
            **self._vapid.sign(claims),
            "TTL": str(int(message.kept_for.total_seconds())),
            "Topic": encoded(message.id.bytes),
            "Urgency": "high" if message.is_urgent else "normal",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }


def public_key_of(vapid: Vapid02) -> str:
    """The public key of a pair, in base64url."""
    return encoded(vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def encrypted(payload: bytes, keys: Mapping[str, str]) -> bytes:
    """A payload for the browser with these keys (`p256dh`, `auth`). Raises ECEException, ValueError and KeyError."""
    own = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(
        payload,
        private_key=own,
        dh=decoded(keys["p256dh"]),
        auth_secret=decoded(keys["auth"]),
        version="aes128gcm",
    )
    return body


def encoded(octets: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The octets of base64url, with padding or without. Raises ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _outcome(answer: PublicAnswer) -> Outcome:
    error = f"HTTP {answer.status}"
    if 200 <= answer.status < 300:
        return Sent(PROVIDER)
    if answer.status in NO_ENDPOINT:
        return Gone(PROVIDER, error)
    if answer.status in REFUSED:
        return Rejected(PROVIDER, error)
    return Retry(PROVIDER, error, retry_after(answer.headers))
