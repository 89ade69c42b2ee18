"""What proves a mailbox: six digits, random, short-lived, single-use and sealed (ASVS 6.4.1, 6.5.5), and tickets."""

import secrets
from datetime import timedelta
from uuid import UUID

from domains.auth import data, sql
from domains.auth.data import UserRow
from domains.auth.errors import InvalidCode
from domains.auth.registration.new_accounts import FreshCode
from domains.auth.sessions.keys import KeyRing
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id

LIFETIME = timedelta(minutes=10)
ATTEMPTS = 5
DIGITS = 6


class Codes:
    """Makes codes and redeems them. What is stored is useless without the key, for another row or another purpose."""

    def __init__(self, keys: KeyRing, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def ticket(self, password_hash: str) -> str:
        """What somebody gets who registers with this password, to confirm it with."""
        return self._keys.seal(f"ticket:{password_hash}")

    def fresh(self, purpose: str) -> FreshCode:
        """A new code for a purpose, each of the million equally likely, good for ten minutes."""
        code_id, digits = new_id(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        sealed = self._keys.seal(_text(code_id, purpose, digits))
        return FreshCode(code_id, digits, sealed, self._clock.now() + LIFETIME)

    def is_right(self, code_id: UUID, sealed: str, purpose: str, digits: str) -> bool:
        """Whether these digits, space around them aside, are those of a stored code that was made for a purpose."""
        return self._keys.is_sealed(_text(code_id, purpose, digits.strip()), sealed)

    async def renew(self, tx: Tx, user_id: UUID, target: str, purpose: str) -> tuple[FreshCode, bool]:
        """A new code in the place of the user's earlier ones, and whether there is such a user; one statement."""
        code = self.fresh(purpose)
        times = {"expires_at": code.expires_at, "now": self._clock.now()}
        return code, await sql.renew_code(tx, code.id, user_id, target, code.sealed, **times)

    async def redeem(self, tx: Tx, target: str, purpose: str, digits: str, *, user_id: UUID) -> UserRow:
        """The user whose code it is, which is then used up. A try counts, wrong or right; five end the code.

        Raises InvalidCode, which commits.
        """
        tried = await sql.try_code(tx, target, user_id, now=self._clock.now(), attempts=ATTEMPTS)
        if tried is None:
            raise InvalidCode
        code, user = tried
        if not self.is_right(code.id, code.code, purpose, digits):
            raise InvalidCode
        await data.verification_code.update(tx, id=code.id, data={"is_used": True})
        return user


def _text(code_id: UUID, purpose: str, digits: str) -> str:
    return f"{code_id}:{purpose}:{digits}"
