"""Secrets by name as one encrypted text, in which tables keep them."""

from collections.abc import Mapping

import orjson

from domains.kernel.ports import Encryption
from domains.kernel.values.secret import Secret


def encrypted(secrets: Mapping[str, Secret], encryption: Encryption) -> str:
    """The secrets as they are stored."""
    plain = {name: secret.reveal() for name, secret in secrets.items()}
    return encryption.encrypt(orjson.dumps(plain)).decode()


def decrypted(stored: str, encryption: Encryption) -> dict[str, Secret]:
    """The secrets of a stored text. Raises DecryptionFailed."""
    plain = orjson.loads(encryption.decrypt(stored.encode()))
    return {name: Secret(text) for name, text in plain.items()}
