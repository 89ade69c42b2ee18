"""Six-digit codes that prove a mailbox: random, short-lived, single-use, and stored sealed (ASVS 6.4.1, 6.5.5)."""

import secrets
from datetime import timedelta
from uuid import UUID

from domains.auth.keys import KeyRing

LIFETIME = timedelta(minutes=10)
ATTEMPTS = 5
DIGITS = 6


def new_code() -> str:
    """Six digits, each of the million equally likely."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


class Codes:
    """Seals codes to the row they stand in and what they were asked for, and checks them in constant time."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def seal(self, code_id: UUID, purpose: str, code: str) -> str:
        """What is stored: useless for another row, another purpose, and without the key."""
        return self._keys.seal(f"{code_id}:{purpose}:{code}")

    def is_right(self, code_id: UUID, purpose: str, code: str, stored: str) -> bool:
        """Whether this is the code that was sealed."""
        return self._keys.is_sealed(f"{code_id}:{purpose}:{code.strip()}", stored)
