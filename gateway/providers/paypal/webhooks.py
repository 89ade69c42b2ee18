"""PayPal's webhooks: signature, events, and the events of the past."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID
from zlib import crc32

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.payment.providers.results import WebhookEvent
from gateway.providers.paypal.certificates import Certificates
from gateway.providers.paypal.client import Json, PayPalClient
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.references import CustomId
from gateway.providers.paypal.states import time_of
from gateway.providers.webhook_signature import TOLERANCE, header_of

EVENTS: Final = "/v1/notifications/webhooks-events"
ALGORITHM: Final = "sha256withrsa"
HEADERS: Final = tuple(
    f"paypal-{name}" for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
)
MAX_HEADER: Final = 2_000
MAX_EVENTS: Final = 1_000
PAGE_SIZE: Final = 300
MAX_PAGES: Final = 5
MAX_LISTS: Final = 6
ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
TRANSMISSION_ID: Final = re.compile(r"[0-9A-Za-z-]{1,100}")
RELATED: Final = ("order_id", "authorization_id", "capture_id")


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The webhooks that PayPal sends to a company, by the id that PayPal gave to the company's address."""

    client: PayPalClient
    certificates: Certificates
    webhook_id: str

    async def parse(self, body: bytes, headers: Mapping[str, str]) -> WebhookEvent:
        """The event of a webhook with a valid signature.

        PayPal signs `<transmission id>|<transmission time>|<webhook id>|<CRC-32 of the body>` with RSA and SHA-256.
        """
        values = [header_of(headers, name) or "" for name in HEADERS]
        if not all(0 < len(value) <= MAX_HEADER and value.isascii() for value in values):
            raise WebhookSignatureInvalid("The webhook has no signature of PayPal.")
        transmission_id, sent_at, signature, url, algorithm = values
        if algorithm.lower() != ALGORITHM or not TRANSMISSION_ID.fullmatch(transmission_id):
            raise WebhookSignatureInvalid("The signature of the webhook is not one of PayPal.")
        self._require_recent(sent_at)
        if not self.client.account.site.is_certificate(url):
            raise WebhookSignatureInvalid("The certificate of the webhook is not at an address of PayPal.")
        key = await self.certificates.key(url)
        signed = f"{transmission_id}|{sent_at}|{self.webhook_id}|{crc32(body)}"
        try:
            key.verify(base64.b64decode(signature, validate=True), signed.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            raise WebhookSignatureInvalid("The signature of the webhook does not match its body.") from None
        return event_of(_parsed(body))

    async def since(self, moment: datetime) -> Sequence[WebhookEvent]:
        """The events from a time on, oldest first. One that cannot be read is left out.

        PayPal lists the newest first. Of a list that is too long the later part is left out, by halves.
        """
        now = ends = later = self.client.clock.now()
        found: list[WebhookEvent] = []
        for _ in range(MAX_LISTS):
            found, is_whole = await self._listed(moment, ends)
            if is_whole and (found or ends == now):
                break
            # The first part has too many events, or none.
            moment, ends, later = (ends, later, later) if is_whole else (moment, moment + (ends - moment) / 2, ends)
        return sorted({each.id: each for each in found}.values(), key=lambda each: each.occurred_at)[:MAX_EVENTS]

    async def _listed(self, starts: datetime, ends: datetime) -> tuple[list[WebhookEvent], bool]:
        """The events of a time, and whether these are all."""
        query = {"start_time": _written(starts), "end_time": _written(ends), "page_size": str(PAGE_SIZE)}
        found: list[WebhookEvent] = []
        for _ in range(MAX_PAGES):
            answer = await self.client.send("GET", EVENTS, query=query)
            if not answer.is_success:
                raise PayPalUnavailable(f"PayPal did not list its events: {answer.issues[0]}.")
            found += _readable(answer.body.get("events"))
            following = self._next_page(answer.body)
            if following is None:
                return found, True
            query = following
        return found, False

    def _require_recent(self, sent_at: str) -> None:
        try:
            age = self.client.clock.now() - time_of(sent_at)
        except (ValueError, OverflowError):
            raise WebhookSignatureInvalid("The signature of the webhook has no valid time.") from None
        if abs(age) > TOLERANCE:
            raise WebhookSignatureInvalid(
                "The signature of the webhook is older than the tolerance, or in the future."
            )

    def _next_page(self, page: Json) -> dict[str, str] | None:
        """The query of the next page, which must be one of the same list."""
        links = page.get("links")
        for link in links if isinstance(links, list) else ():
            url = link.get("href") if isinstance(link, dict) and link.get("rel") == "next" else None
            if isinstance(url, str) and urlsplit(url).path == EVENTS:
                return dict(parse_qsl(urlsplit(url).query))
        return None


def event_of(event: Json) -> WebhookEvent:
    """What an event says about a payment. Raises WebhookMalformed."""
    try:
        resource = event.get("resource") or {}
        ids = tuple(dict.fromkeys(each for each in _ids(resource) if isinstance(each, str) and ID.fullmatch(each)))
        reference = _reference(resource)
        return WebhookEvent(
            _text(event["id"]), _text(event["event_type"]), time_of(_text(event["create_time"])), ids, reference
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise WebhookMalformed("The body of the webhook is not an event of PayPal.") from None


def _ids(resource: Json) -> Iterator[Any]:
    """The ids of orders, authorizations, captures and refunds in what an event is about."""
    related = (resource.get("supplementary_data") or {}).get("related_ids") or {}
    yield (resource.get("metadata") or {}).get("order_id")  # of a payment method that was kept with a payment
    yield from (related.get(name) for name in RELATED)
    yield resource.get("id")
    for link in resource.get("links") or ():
        if link.get("rel") == "up":  # from a refund to its capture, from a capture to its authorization
            yield link["href"].rstrip("/").rpartition("/")[2]
    for transaction in resource.get("disputed_transactions") or ():
        yield transaction.get("seller_transaction_id")


def _reference(resource: Json) -> UUID | None:
    units = resource.get("purchase_units") or ()
    disputed = resource.get("disputed_transactions") or ()
    texts = [resource.get("custom_id"), *(each.get("custom_id") for each in units)]
    texts += [each.get("custom") for each in disputed]
    found = [custom.payment for custom in map(CustomId.read, texts) if custom is not None]
    return found[0] if found else None


def _readable(events: object) -> Iterator[WebhookEvent]:
    for each in events if isinstance(events, list) else ():
        try:
            yield event_of(each)
        except WebhookMalformed:
            continue


def _parsed(body: bytes) -> Json:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        raise WebhookMalformed("The body of the webhook is not a JSON object.")
    return event


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise TypeError
    return value


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
