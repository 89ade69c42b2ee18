"""Ports: interfaces to outside services that the domains use and the gateway implements."""

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domains.kernel.database import Tx


class Cache(Protocol):
    """A store of short-lived values: Redis, or its in-process equivalent."""

    async def get(self, key: str) -> bytes | None:
        """The value of a key, or None when it is missing or expired."""
        ...

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Store a value with a time to live."""
        ...

    async def delete(self, *keys: str) -> None:
        """Forget keys."""
        ...

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Add `by` to a counter and return it, atomically; the first call starts the time to live."""
        ...

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every key that begins with a prefix (`invalidatePattern` of the class diagram)."""
        ...


class Mailer(Protocol):
    """Sends mail."""

    async def send(self, tx: "Tx", *, to: str, subject: str, text: str) -> None:
        """Queue one plain-text mail, which is delivered after the transaction has committed, and only then."""
        ...
