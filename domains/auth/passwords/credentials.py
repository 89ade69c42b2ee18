"""Changing one's password and e-mail address: each needs the current password (ASVS 6.2.3, 7.5.1)."""

from contextlib import AbstractAsyncContextManager

import asyncpg

from domains.auth import data, sql
from domains.auth.emails.account_emails import Post
from domains.auth.emails.addresses import normalised
from domains.auth.emails.verification_codes import Codes
from domains.auth.errors import EmailTaken, InvalidCode, WrongPassword
from domains.auth.events import EmailChanged, PasswordChanged
from domains.auth.models import EndReason, Origin, User
from domains.auth.passwords.hashing import Passwords
from domains.auth.passwords.password_policy import PasswordChoice
from domains.auth.passwords.password_reset import void_tokens
from domains.auth.registration.registration import Door
from domains.auth.sessions.sessions import Sessions
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import Conflict, InvalidInput, Unauthenticated
from domains.kernel.text.names import searchable
from domains.kernel.validation import collect_errors


class Reauthentication:
    """Asks somebody who is signed in for their password again; wrong ones count like those of a sign-in."""

    def __init__(self, passwords: Passwords, door: Door) -> None:
        self._passwords = passwords
        self._door = door

    async def check(self, db: Reader, actor: Actor, origin: Origin, password: str) -> data.UserRow:
        """The actor's own row. Raises WrongPassword, RateLimited, AccountLocked."""
        user = await current(db, actor)
        async with self._door.throttle.guess(user.email, origin.ip, device=_device(actor)):
            if not await self._passwords.verify(user.password_hash, password):
                raise WrongPassword
        return user

    def code_guess(self, actor: Actor, origin: Origin) -> AbstractAsyncContextManager[None]:
        """One guess at a code; see `Throttle.guess`."""
        return self._door.throttle.guess(str(actor.user_id), origin.ip, purpose="code", device=_device(actor))

    async def knock(self, origin: Origin, email: str) -> None:
        """Count one request for a mail with a code. Raises RateLimited."""
        await self._door.knock(origin, email, "code")


class Credentials:
    """Changes what somebody signs in with."""

    def __init__(
        self,
        again: Reauthentication,
        choice: PasswordChoice,
        codes: Codes,
        sessions: Sessions,
        post: Post,
        clock: Clock,
    ) -> None:
        self._again = again
        self._choice = choice
        self._codes = codes
        self._sessions = sessions
        self._post = post
        self._clock = clock

    async def change_password(
        self, db: Database, actor: Actor, origin: Origin, current_password: str, new: str, *, end_others: bool
    ) -> int:
        """Set another password; how many other sessions were ended, where that is wished (ASVS 7.4.3).

        Raises WrongPassword, WeakPassword, TooLong, InvalidInput, RateLimited, AccountLocked, and Conflict when the
        password was changed elsewhere meanwhile. Emits user.password_changed.
        """
        reader = db.reader(actor.company_id)
        with collect_errors() as each:
            email = ""
            with each:
                user = await self._again.check(reader, actor, origin, current_password)
                email = user.email
            with each:
                await self._choice.require(reader, new, email=email, field="new_password")
        password_hash = await self._choice.hashed(new)

        async def work(tx: Tx) -> int:
            changes: data.UserUpdate = {"password_hash": password_hash, "password_set_at": self._clock.now()}
            where: data.UserWhere = {"id": user.id, "password_hash": user.password_hash}
            if not await data.user.update_many(tx, where=where, data=changes):
                raise Conflict("The password was changed elsewhere meanwhile.", field=("current_password",))
            await void_tokens(tx, user)
            tx.emit(PasswordChanged(user_id=user.id, email=user.email, was_reset=False))
            if not end_others:
                return 0
            return await self._sessions.end_all(tx, user.id, EndReason.PASSWORD_CHANGED, but=actor.session_id)

        return await db.run(work, actor)

    async def request_email_change(
        self, db: Database, actor: Actor, origin: Origin, new_email: str, password: str
    ) -> None:
        """Mail a code to the new address; where somebody else has it, that mailbox learns of it and nobody else.

        Raises WrongPassword, InvalidInput, RateLimited, AccountLocked.
        """
        reader = db.reader(actor.company_id)
        with collect_errors() as each:
            with each:
                address = normalised(new_email, field=("new_email",))
            with each:
                user = await self._again.check(reader, actor, origin, password)
        if address == user.email:
            raise InvalidInput("This is your address already.", field=("new_email",))
        await self._again.knock(origin, address)

        async def work(tx: Tx) -> str | None:
            await data.user.update(tx, id=user.id, data={"pending_email": address})
            code, _ = await self._codes.renew(tx, user.id, address, _purpose(address))
            return None if await data.user.find_unique(tx, email=address) else code.digits

        digits = await db.run(work, actor)
        if digits is None:
            await self._post.already_registered(reader, address)
        else:
            await self._post.email_change_code(reader, address, digits)

    async def confirm_email_change(self, db: Database, actor: Actor, origin: Origin, code: str) -> User:
        """Take on the new address by the code that was mailed to it. Tokens mailed to the old one are void.

        Raises RateLimited, AccountLocked; InvalidCode, which commits: the try counts; EmailTaken when somebody has
        the address by now. Emits user.email_changed; the old address is told.
        """
        async with self._again.code_guess(actor, origin):
            return await db.run(lambda tx: self._take_on_address(tx, actor, code), actor)

    async def _take_on_address(self, tx: Tx, actor: Actor, code: str) -> User:
        before = await current(tx, actor)
        if before.pending_email is None:
            raise InvalidCode
        address = before.pending_email
        user = await self._codes.redeem(tx, address, _purpose(address), code, user_id=before.id)
        changes: data.UserUpdate = {"email": address, "email_verified": True, "pending_email": None}
        changes["search_text"] = searchable(user.first_name, user.last_name, address, user.phone)
        try:
            await data.user.update(tx, id=user.id, data=changes)
        except asyncpg.UniqueViolationError as error:
            raise EmailTaken from error
        await void_tokens(tx, user)
        await self._sessions.end_all(tx, user.id, EndReason.EMAIL_CHANGED, but=actor.session_id)
        tx.emit(EmailChanged(user_id=user.id, old_email=user.email, new_email=address))
        return (await sql.users_by_id(tx, [user.id]))[0]


async def current(db: Reader, actor: Actor) -> data.UserRow:
    """The actor's own row. Raises Unauthenticated when nobody is signed in."""
    user = None if actor.user_id is None else await data.user.find_unique(db, id=actor.user_id)
    if user is None:
        raise Unauthenticated("Sign in to use this.")
    return user


def _device(actor: Actor) -> str:
    """A session counts its own guesses: those of strangers at the sign-in keep nobody from changing a password."""
    return f"session {actor.session_id}"


def _purpose(address: str) -> str:
    return f"email:{address}"
