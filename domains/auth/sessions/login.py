"""Signing in with a password: one hash, one refusal, and no telling accounts apart (ASVS 6.3.8)."""

from contextlib import suppress

from domains.auth import data, sql
from domains.auth.emails.addresses import looked_up
from domains.auth.errors import InvalidCredentials
from domains.auth.models import AuthResponse, Origin
from domains.auth.passwords.hashing import Passwords
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.sessions.devices import Devices
from domains.auth.sessions.sessions import Sessions
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import RateLimited


class SigningIn:
    """Checks passwords and opens sessions."""

    def __init__(
        self,
        passwords: Passwords,
        sessions: Sessions,
        throttle: Throttle,
        devices: Devices,
        *,
        require_confirmed_email: bool,
    ) -> None:
        self._passwords = passwords
        self._sessions = sessions
        self._throttle = throttle
        self._devices = devices
        self._require_confirmed_email = require_confirmed_email

    async def login(self, db: Database, actor: Actor, origin: Origin, email: str, password: str) -> AuthResponse:
        """A new session for the owner of an address and its password, in the actor's company.

        Raises RateLimited or AccountLocked before the account is looked up, and InvalidCredentials for everything
        else: an unknown address, a wrong password, an unconfirmed, disabled or invited account. A device or network
        that the account was signed in to from is not kept out by others' guesses.
        """
        address = looked_up(email)
        reader = db.reader(actor.company_id)
        device = self._devices.read(address, origin.device_token)

        async def is_known() -> bool:
            return await self._devices.is_known_network(reader, address, origin)

        async with self._throttle.guess(address, origin.ip, device=device, is_known=is_known):
            user, in_company = await sql.account(reader, address)
            password_hash = user.password_hash if user else None
            is_right = await self._passwords.verify(password_hash, password)
            if user is None or password_hash is None or not (is_right and in_company and self._may_enter(user)):
                raise InvalidCredentials(user.id if user else None)
            response = await db.run(lambda tx: self._sessions.open(tx, user.id, password_hash, origin), actor)
        if await self._passwords.needs_rehash(password_hash, password):
            with suppress(RateLimited):  # the next sign-in does it
                await self._rehash(db, actor, user, password)
        return response

    def _may_enter(self, user: data.UserRow) -> bool:
        is_confirmed = user.email_verified or not self._require_confirmed_email
        return user.is_active and is_confirmed and user.password_set_at is not None

    async def _rehash(self, db: Database, actor: Actor, user: data.UserRow, password: str) -> None:
        """Store the password's normal form under today's parameters, unless it was changed meanwhile."""
        fresh = await self._passwords.hash(password)

        async def work(tx: Tx) -> None:
            where: data.UserWhere = {"id": user.id, "password_hash": user.password_hash}
            await data.user.update_many(tx, where=where, data={"password_hash": fresh})

        await db.run(work, actor)
