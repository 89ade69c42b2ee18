"""Reauthentication: logged-in users give their password again before they change credentials (ASVS 6.2.3, 7.5.1)."""

from contextlib import AbstractAsyncContextManager

from domains.auth import data
from domains.auth.errors import WrongPassword
from domains.auth.models import Origin
from domains.auth.passwords.hashing import PasswordHashes
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.users import own_row
from domains.kernel.actor import Actor
from domains.kernel.database import Reader


class Reauthentication:
    """Checks the password of the logged-in user. Wrong passwords count as those of a login do."""

    def __init__(self, hashes: PasswordHashes, throttle: Throttle) -> None:
        self._hashes = hashes
        self._throttle = throttle

    async def check(self, db: Reader, actor: Actor, origin: Origin, password: str) -> data.UserRow:
        """The actor's own row. Raises Unauthenticated, WrongPassword, RateLimited, AccountLocked."""
        user = await own_row(db, actor)
        async with self._throttle.attempt(user.email, origin.ip, device=_device(actor)):
            if not await self._hashes.verify(user.password_hash, password):
                raise WrongPassword
        return user

    def code_attempt(self, actor: Actor, origin: Origin) -> AbstractAsyncContextManager[None]:
        """One attempt to enter a verification code; see `Throttle.attempt`."""
        return self._throttle.attempt(str(actor.user_id), origin.ip, purpose="code", device=_device(actor))


def _device(actor: Actor) -> str:
    """Each session has its own count, so failed logins of other people do not affect it."""
    return f"session {actor.session_id}"
