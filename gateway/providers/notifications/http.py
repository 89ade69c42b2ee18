"""Requests to the providers of SMS and push: bounded in time and size, and what their answers say in common."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    import httpx2

EXCHANGE_SECONDS: Final = 20  # for a whole exchange
MAX_ANSWER: Final = 262_144  # octets
MAX_WAIT: Final = timedelta(hours=1)
SECONDS_LENGTH, DATE_LENGTH = 9, 40


class Unanswered(Exception):
    """A provider gave no answer that can be read; the message says why, without an address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a provider: its status, and the object of its body, which is empty for other bodies."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] = field(repr=False)

    @property
    def retry_after(self) -> timedelta | None:
        """How long the provider wishes to be left alone."""
        return retry_after(self.headers)


class ProviderHttp:
    """The connections to a provider. The HTTP library is imported at the first request, in a thread."""

    def __init__(self) -> None:
        self._client: httpx2.AsyncClient | None = None
        self._lock = asyncio.Lock()

    async def exchange(self, method: str, url: str, **given: Any) -> Answer:
        """Send a request and read its answer. Raises Unanswered; the provider may have carried the request out."""
        client = await self._opened()
        import httpx2  # noqa: PLC0415 - see the class

        headers = {**given.pop("headers", {}), "Accept-Encoding": "identity"}  # what is packed could be a bomb
        try:
            async with (
                asyncio.timeout(EXCHANGE_SECONDS),
                client.stream(method, url, headers=headers, **given) as response,
            ):
                received = bytearray()
                async for chunk in response.aiter_raw():
                    received += chunk
                    if len(received) > MAX_ANSWER:
                        raise Unanswered("the answer is too long")
        except TimeoutError:
            raise Unanswered("no answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unanswered(type(error).__name__) from None
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, names, _parsed(bytes(received)))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _opened(self) -> "httpx2.AsyncClient":
        async with self._lock:
            if self._client is None:
                self._client = await asyncio.to_thread(_open)
            return self._client


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The time of the header Retry-After (RFC 9110 §10.2.3), at most an hour; None without one that can be read.

    It is seconds, or a date, which counts from that of the answer. The names of the headers are in small letters.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) <= SECONDS_LENGTH:
        return min(timedelta(seconds=int(text)), MAX_WAIT)
    until, now = _date(text), _date(headers.get("date", ""))
    return None if until is None or now is None else min(max(until - now, timedelta()), MAX_WAIT)


def _date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text) if len(text) <= DATE_LENGTH else None
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo is not None else None


def _parsed(received: bytes) -> Mapping[str, Any]:
    try:
        parsed = orjson.loads(received)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _open() -> "httpx2.AsyncClient":
    """A client without redirects and proxies of the environment. Its library logs no addresses."""
    import httpx2  # noqa: PLC0415 - see ProviderHttp

    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(10.0, connect=3.0, pool=3.0),
        limits=httpx2.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0),
        follow_redirects=False,
        trust_env=False,
    )
