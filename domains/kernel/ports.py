"""What the domains need of the outside, as interfaces; the gateway's infrastructure provides them."""

from datetime import timedelta
from typing import Protocol


class Cache(Protocol):
    """A store of short-lived values: Redis, or the same in the process."""

    async def get(self, key: str) -> bytes | None:
        """The value under a key, or None when there is none or it has expired."""
        ...

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep a value for a while."""
        ...

    async def delete(self, *keys: str) -> None:
        """Forget keys."""
        ...

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Add to a counter (take back with `by=-1`) and return it, atomically; the first starts its time to live."""
        ...

    async def delete_prefix(self, prefix: str) -> None:
        """Forget every key that begins with a prefix (`invalidatePattern` of the class diagram)."""
        ...


class Mailer(Protocol):
    """Sends mail: to a local outbox, or by SMTP."""

    async def send(self, *, to: str, subject: str, text: str) -> None:
        """Hand one plain-text mail over for delivery; returns without waiting for the recipient's server."""
        ...
