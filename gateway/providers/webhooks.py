"""The client of webhooks: requests to the public internet, and what of their answers counts."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from domains.webhook.client import Answer, WebhookTransport
from gateway.infra.public_http import PublicHttp, RequestNotSent
from gateway.messaging.backoff import backoff

MIN_PAUSE: Final = 10.0
MAX_PAUSE: Final = 3_600.0
EXCERPT: Final = 4_000  # octets of a body that are looked at
RETRY_AFTER_DIGITS: Final = 6


class HttpWebhookClient:
    """Sends webhooks. Bodies of answers are not decompressed."""

    def __init__(self, http: PublicHttp) -> None:
        self._http = http

    def is_allowed(self, url: str) -> bool:
        """Whether a URL is one to which requests may go, as far as it shows without resolving its name."""
        return self._http.is_allowed(url)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; a name, an address or a network that fails is an answer with an error."""
        started = time.monotonic()
        try:
            answer = await self._http.post(url, headers, body)
        except RequestNotSent as error:
            return Answer(error=error.code, duration=timedelta(seconds=time.monotonic() - started))
        return Answer(
            status=answer.status,
            body=answer.body[:EXCERPT].decode(errors="replace"),
            retry_after=_retry_after(answer.headers.get("retry-after", "")),
            duration=timedelta(seconds=time.monotonic() - started),
        )


def webhook_transport(wake: Callable[[], None], *, allows_private: bool = False) -> WebhookTransport:
    """What webhooks are sent by: pauses are ten seconds at first, doubled each time, an hour at most."""
    client = HttpWebhookClient(PublicHttp(allows_private=allows_private))
    return WebhookTransport(client, lambda failures: timedelta(seconds=backoff(failures, MIN_PAUSE, MAX_PAUSE)), wake)


def _retry_after(text: str) -> timedelta | None:
    """The seconds of a Retry-After header; a date is not understood."""
    is_number = text.isascii() and text.isdigit() and len(text) <= RETRY_AFTER_DIGITS
    return timedelta(seconds=int(text)) if is_number else None
