"""Resetting a forgotten password: a token in the mailbox, good once, and every session ends (ASVS 6.4.1, 11.5.1)."""

from datetime import timedelta

from domains.auth import data, sql
from domains.auth.emails.account_emails import Post
from domains.auth.emails.addresses import normalised
from domains.auth.errors import InvalidToken
from domains.auth.events import PasswordChanged, UserRegistered
from domains.auth.models import EndReason, Origin
from domains.auth.passwords.password_policy import PasswordChoice
from domains.auth.registration.registration import Door
from domains.auth.sessions.sessions import Sessions
from domains.auth.sessions.tokens import digest, new_secret
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.validation import collect_errors

LIFETIME = timedelta(minutes=30)


class Recovery:
    """Lets a mailbox's owner set a new password."""

    def __init__(self, choice: PasswordChoice, sessions: Sessions, post: Post, door: Door, clock: Clock) -> None:
        self._choice = choice
        self._sessions = sessions
        self._post = post
        self._door = door
        self._clock = clock

    async def request(self, db: Database, actor: Actor, origin: Origin, email: str) -> None:
        """Mail a token to the address; where nobody has an account, a mail that says so: the work is the same.

        Earlier tokens stay good until their own end, so that nobody can spoil somebody else's by asking again.
        A lock-out does not stand in the way (ASVS 6.1.1). Raises InvalidInput and RateLimited.
        """
        address = normalised(email)
        await self._door.knock(origin, address, "reset")
        token, now = new_secret(), self._clock.now()
        known = await db.run(
            lambda tx: sql.issue_reset(tx, address, digest(token), expires_at=now + LIFETIME, now=now), actor
        )
        reader = db.reader(actor.company_id)
        if known:
            await self._post.reset_token(reader, address, token, LIFETIME)
        else:
            await self._post.no_account(reader, address)

    async def _owner(self, db: Reader, key: str) -> data.UserRow:
        """Whose password a token resets."""
        user = await sql.resettable(db, key, now=self._clock.now())
        if user is None:
            raise _Refused
        return user

    async def reset(self, db: Database, actor: Actor, origin: Origin, token: str, password: str) -> None:
        """Set a new password by a mailed token, which also proves the mailbox. Ends every session and every token.

        Whoever did it may sign in from their address at once, locked out or not. Of several at once, one wins.
        Raises InvalidToken, WeakPassword, TooLong, InvalidInput. Emits user.password_changed, and user.registered
        when it is the account's first password.
        """
        key = digest(token)
        reader = db.reader(actor.company_id)
        with collect_errors() as each:
            email = ""
            with each:
                user = await self._owner(reader, key)
                email = user.email
            with each:
                await self._choice.require(reader, password, email=email, field="new_password")
        password_hash = await self._choice.hashed(password)

        async def work(tx: Tx) -> None:
            now = self._clock.now()
            if await sql.use_reset(tx, key, now=now) is None:
                raise _Refused
            await data.user.update(
                tx,
                id=user.id,
                data={"password_hash": password_hash, "password_set_at": now, "email_verified": True},
            )
            await void_tokens(tx, user)
            await self._sessions.end_all(tx, user.id, EndReason.PASSWORD_RESET)
            if user.password_set_at is None:
                tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
            tx.emit(PasswordChanged(user_id=user.id, email=user.email, was_reset=True))

        await db.run(work, actor)
        await self._door.throttle.reopen(user.email, origin.ip)


class _Refused(InvalidToken):
    """The one refusal of a reset."""

    def __init__(self) -> None:
        super().__init__("This token is not good, or no longer. Ask for a new one.", field=("token",))


async def void_tokens(tx: Tx, user: data.UserRow) -> None:
    """Use up all of a user's reset tokens: the password or the mailbox they were for is another one now."""
    where: data.PasswordResetTokenWhere = {"user_id": user.id, "is_used": False}
    await data.password_reset_token.update_many(tx, where=where, data={"is_used": True})
