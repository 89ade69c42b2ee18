"""Login with a password. The work and the refusal do not reveal whether an account exists (ASVS 6.3.8)."""

from contextlib import suppress

from domains.auth import data, sql
from domains.auth.emails.addresses import email_lookup_key
from domains.auth.errors import InvalidCredentials
from domains.auth.models import AuthResponse, Origin
from domains.auth.passwords.hashing import PasswordHashes
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.sessions.devices import Devices
from domains.auth.sessions.sessions import Sessions
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import RateLimited


class Login:
    """Checks passwords and opens sessions."""

    def __init__(
        self,
        hashes: PasswordHashes,
        sessions: Sessions,
        throttle: Throttle,
        devices: Devices,
        *,
        require_confirmed_email: bool,
    ) -> None:
        self._hashes = hashes
        self._sessions = sessions
        self._throttle = throttle
        self._devices = devices
        self._require_confirmed_email = require_confirmed_email

    async def open_session(
        self, db: Database, actor: Actor, origin: Origin, email: str, password: str
    ) -> AuthResponse:
        """Open a session in the actor's company for an e-mail address and its password.

        Raises RateLimited or AccountLocked before the account is looked up, and InvalidCredentials for an unknown
        address, a wrong password, and an unconfirmed, disabled or invited account. Wrong passwords from elsewhere do
        not lock out devices and networks that the user has logged in from. Emits user.logged_in.
        """
        address = email_lookup_key(email)
        reader = db.reader(actor.company_id)
        device = self._devices.read(address, origin.device_token)

        async def is_known() -> bool:
            return await self._devices.is_known_network(reader, address, origin)

        async with self._throttle.attempt(address, origin.ip, device=device, is_known=is_known):
            user, has_access = await sql.account(reader, address)
            password_hash = user.password_hash if user else None
            is_valid = await self._hashes.verify(password_hash, password)
            if user is None or password_hash is None or not (is_valid and has_access and self._can_log_in(user)):
                raise InvalidCredentials(user.id if user else None)
            response = await db.run(lambda tx: self._sessions.open(tx, user.id, password_hash, origin), actor)
        if await self._hashes.needs_rehash(password_hash, password):
            with suppress(RateLimited):  # the next login tries again
                await self._rehash(db, actor, user, password)
        return response

    def _can_log_in(self, user: data.UserRow) -> bool:
        is_confirmed = user.email_verified or not self._require_confirmed_email
        return user.is_active and is_confirmed and user.password_set_at is not None

    async def _rehash(self, db: Database, actor: Actor, user: data.UserRow, password: str) -> None:
        """Store a hash of the password's normal form with the current parameters, unless the password has changed."""
        new_hash = await self._hashes.hash(password)

        async def work(tx: Tx) -> None:
            where: data.UserWhere = {"id": user.id, "password_hash": user.password_hash}
            await data.user.update_many(tx, where=where, data={"password_hash": new_hash})

        await db.run(work, actor)
