"""The port by which webhooks leave the platform."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request: a status, or an `error` (a code) when there was no answer. `body` is its beginning."""

    status: int | None = None
    body: str = field(default="", repr=False)
    retry_after: timedelta | None = None
    error: str | None = None
    duration: timedelta


class WebhookClient(Protocol):
    """Sends requests to addresses of integrators, which may be hostile."""

    def is_allowed(self, url: str) -> bool:
        """Whether a URL is one to which requests may go, as far as it shows without resolving its name."""
        ...

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request, bounded in time and size. Raises nothing that an address or a network can cause."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookTransport:
    """The client, the pause after so many failed attempts, and what wakes the delivery after a commit."""

    client: WebhookClient
    pause: Callable[[int], timedelta]
    wake: Callable[[], None] = lambda: None
