"""Encryption of stored secrets: Fernet (AES-128-CBC with HMAC-SHA-256) under keys derived from JWT_KEYS."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domains.kernel.ports import DecryptionFailed


class Cipher:
    """Encrypts under the first key, and decrypts under each. `purpose` separates the keys of different uses.

    `key_ids` identify the keys, in their order, and reveal nothing about them.
    """

    def __init__(self, secrets: Sequence[bytes], purpose: bytes) -> None:
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(_derived(secret, purpose))) for secret in secrets])
        self.key_ids = tuple(_derived(secret, b"id of " + purpose).hex()[:16] for secret in secrets)
        self._digest_keys = [_derived(secret, b"digests of " + purpose) for secret in secrets]

    def encrypt(self, plain: bytes) -> bytes:
        """The ciphertext."""
        return self._fernet.encrypt(plain)

    def decrypt(self, encrypted: bytes) -> bytes:
        """The plaintext. Raises DecryptionFailed."""
        try:
            return self._fernet.decrypt(encrypted)
        except InvalidToken as error:
            raise DecryptionFailed("The text cannot be decrypted with the keys of JWT_KEYS.") from error

    def digests(self, plain: bytes) -> Sequence[str]:
        """The digests of a secret under each key, in the order of the keys; guessing it needs the key."""
        return [hmac.digest(key, plain, "sha256").hex() for key in self._digest_keys]


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret)
