"""The keys that sign tokens and digests of codes: the current one, and earlier ones that are still accepted."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

MIN_KEY_BYTES = 32


class WeakKey(ValueError):
    """A key is too short for HMAC-SHA256 (RFC 8725 §3.5, RFC 7518 §3.2). The server does not start with it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and its public id."""

    secret: bytes
    id: str


class KeyRing:
    """The keys, newest first. The first one signs; all are accepted.

    Raises WeakKey without a key, and for a key of fewer than 256 bits.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise WeakKey("At least one key is needed to sign tokens.")
        for secret in secrets:
            if len(secret) < MIN_KEY_BYTES:
                raise WeakKey(f"A key to sign tokens needs {MIN_KEY_BYTES * 8} bits; one has {len(secret) * 8}.")
        self._keys = tuple(Key(secret, hashlib.sha256(b"kid:" + secret).hexdigest()[:16]) for secret in secrets)

    @property
    def current(self) -> Key:
        """The key that signs."""
        return self._keys[0]

    def find(self, key_id: object) -> Key | None:
        """The key of this id among the configured ones; a token's header never supplies a key (ASVS 9.1.3)."""
        return next((key for key in self._keys if key.id == key_id), None)

    def digest(self, text: str) -> str:
        """A keyed digest of a short secret. Without the key the secret cannot be found by trying all values."""
        return _digest(self.current, text)

    def digests(self, text: str) -> tuple[str, ...]:
        """The keyed digests of a text under all keys, newest first, to find digests made with an earlier key."""
        return tuple(_digest(key, text) for key in self._keys)

    def matches_digest(self, text: str, digest: str) -> bool:
        """Whether the digest is that of the text under any of the keys, compared in constant time."""
        return any(hmac.compare_digest(_digest(key, text), digest) for key in self._keys)


def _digest(key: Key, text: str) -> str:
    return hmac.digest(key.secret, b"seal:" + text.encode("utf-8", "surrogatepass"), "sha256").hex()
