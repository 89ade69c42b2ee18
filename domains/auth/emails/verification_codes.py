"""Verification codes: six random digits, short-lived, single-use and stored as keyed digests (ASVS 6.4.1, 6.5.5)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domains.auth import data, sql
from domains.auth.data import UserRow
from domains.auth.errors import InvalidCode
from domains.auth.sessions.keys import KeyRing
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id

LIFETIME: Final = timedelta(minutes=10)
ATTEMPTS: Final = 5
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to send, and the digest of it to store."""

    id: UUID
    digits: str
    digest: str
    expires_at: datetime


class VerificationCodes:
    """Creates and redeems codes. A digest is valid for one row and purpose only, and useless without the key."""

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def ticket(self, password_hash: str) -> str:
        """The ticket of a registration with this password hash. It is needed to confirm the registration."""
        return self._keys.digest(f"ticket:{password_hash}")

    def new(self, purpose: str) -> NewCode:
        """A new code for a purpose, valid for ten minutes. Each of the million codes is equally likely."""
        code_id, digits = new_id(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        digest = self._keys.digest(_text(code_id, purpose, digits))
        return NewCode(code_id, digits, digest, self._clock.now() + LIFETIME)

    def matches(self, code_id: UUID, digest: str, purpose: str, digits: str) -> bool:
        """Whether the digits, without surrounding space, are those of a stored code for this purpose."""
        return self._keys.matches_digest(_text(code_id, purpose, digits.strip()), digest)

    async def renew(self, tx: Tx, user_id: UUID, target: str, purpose: str) -> tuple[NewCode, bool]:
        """A new code that replaces the user's earlier ones, and whether the user exists. One statement."""
        code = self.new(purpose)
        times = {"expires_at": code.expires_at, "now": self._clock.now()}
        return code, await sql.renew_code(tx, code.id, user_id, target, code.digest, **times)

    async def redeem(self, tx: Tx, target: str, purpose: str, digits: str, *, user_id: UUID) -> UserRow:
        """Use up the user's code for a target, and return the user. Each attempt counts; five end the code.

        Raises InvalidCode, which commits.
        """
        attempt = await sql.try_code(tx, target, user_id, now=self._clock.now(), attempts=ATTEMPTS)
        if attempt is None:
            raise InvalidCode
        code, user = attempt
        if not self.matches(code.id, code.code, purpose, digits):
            raise InvalidCode
        await data.verification_code.update(tx, id=code.id, data={"is_used": True})
        return user


def _text(code_id: UUID, purpose: str, digits: str) -> str:
    return f"{code_id}:{purpose}:{digits}"
