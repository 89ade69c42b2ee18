"""Ports: interfaces to outside services that the domains use and the gateway implements."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

from domains.kernel.rate_limits import Admission, Demand


class KeyInvalid(ValueError):
    """A key is empty, too long or has control characters."""


class ValueTooLarge(ValueError):
    """A value is larger than a cache stores."""


class KeyCollision(ValueError):
    """A counter or a rate limit was named by the key of a value."""


class CacheUnavailable(Exception):
    """The server of a cache does not answer or refuses the command; the text says why."""


def is_any(_value: bytes) -> bool:
    """The condition that every value meets."""
    return True


class DecryptionFailed(Exception):
    """A stored text was encrypted under a key that the installation does not have any more, or was changed."""


class Encryption(Protocol):
    """Encrypts secrets that are stored, and recognizes them by digests."""

    @property
    def key_ids(self) -> Sequence[str]:
        """The ids of the keys, which reveal nothing about them, that of the newest key first."""
        ...

    def encrypt(self, plain: bytes) -> bytes:
        """The ciphertext, which is ASCII."""
        ...

    def decrypt(self, encrypted: bytes) -> bytes:
        """The plaintext. Raises DecryptionFailed."""
        ...

    def digests(self, plain: bytes) -> Sequence[str]:
        """The keyed digests of a secret, that of the newest key first. Store the first and look for all."""
        ...


class Cache(Protocol):
    """A store of short-lived values: Redis, or its in-process equivalent (`RedisClient` of the class diagram).

    A key has 1 to 512 characters, a value at most 1 MiB; every method raises KeyInvalid, and `set` ValueTooLarge.
    """

    async def get(self, key: str) -> bytes | None:
        """The value or count of a key, or None when it is missing or expired."""
        ...

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Store a value with a time to live."""
        ...

    async def delete(self, *keys: str) -> None:
        """Delete keys."""
        ...

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Add `by` to a counter and return it, atomically; the first call starts the time to live.

        Raises KeyCollision when the key holds a value.
        """
        ...

    async def admit(self, demands: Sequence[Demand]) -> Admission:
        """Take units of one or more rate limits with different keys, of all or of none, and return the strictest.

        Raises KeyCollision when a key holds a value.
        """
        ...

    async def invalidate_pattern(self, pattern: str) -> None:
        """Delete every key that matches a pattern, in which `*` is any text. Reads all keys: for administrators."""
        ...

    async def cache_aside(
        self,
        key: str,
        fetcher: Callable[[], Awaitable[bytes]],
        ttl: timedelta,
        is_valid: Callable[[bytes], bool] = is_any,
    ) -> bytes:
        """The value of a key, or what `fetcher` returns, which is stored unless it is too large.

        A stored value that `is_valid` refuses is replaced as if it were missing. Concurrent callers of all processes
        share one call of `fetcher`. When it fails, all of them get its error. A caller that is cancelled does not
        cancel the call for the others.
        """
        ...
