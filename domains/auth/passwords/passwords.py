"""Changing and resetting passwords."""

from datetime import timedelta
from typing import Final

from domains.auth import data, sql
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.addresses import normalize_email
from domains.auth.errors import InvalidResetToken, PasswordChangedMeanwhile
from domains.auth.events import EmailConfirmed, PasswordChanged, UserRegistered
from domains.auth.models import Origin, SessionEndReason
from domains.auth.passwords.password_policy import PasswordPolicy
from domains.auth.passwords.reauthentication import Reauthentication
from domains.auth.rate_limits.mail_limits import MailLimits
from domains.auth.sessions.sessions import Sessions
from domains.auth.sessions.tokens import digest, new_secret
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.validation import collect_errors

RESET_LIFETIME: Final = timedelta(minutes=30)


class Passwords:
    """Sets passwords: by the current password, or by a token sent to the mailbox (ASVS 6.4.1, 11.5.1)."""

    def __init__(
        self,
        reauthentication: Reauthentication,
        policy: PasswordPolicy,
        sessions: Sessions,
        emails: AccountEmails,
        mail_limits: MailLimits,
        clock: Clock,
    ) -> None:
        self._reauthentication = reauthentication
        self._policy = policy
        self._sessions = sessions
        self._emails = emails
        self._mail_limits = mail_limits
        self._clock = clock

    async def change(
        self, db: Database, actor: Actor, origin: Origin, current_password: str, new: str, *, end_others: bool
    ) -> int:
        """Change the actor's password, and with `end_others` end their other sessions (ASVS 7.4.3); how many ended.

        Raises Unauthenticated, RateLimited, AccountLocked, for both passwords at once WrongPassword, WeakPassword,
        TooLong and InvalidInput, and PasswordChangedMeanwhile when the password was changed at the same time. Emits
        user.password_changed, and user.session_ended.
        """
        reader = db.reader(actor.company_id)
        with collect_errors() as errors:
            email = ""
            with errors:
                user = await self._reauthentication.check(reader, actor, origin, current_password)
                email = user.email
            with errors:
                await self._policy.require(reader, new, email=email, field="new_password")
        password_hash = await self._policy.hashes.hash(new)

        async def work(tx: Tx) -> int:
            changes: data.UserUpdate = {"password_hash": password_hash, "password_set_at": self._clock.now()}
            where: data.UserWhere = {"id": user.id, "password_hash": user.password_hash}
            if not await data.user.update_many(tx, where=where, data=changes):
                raise PasswordChangedMeanwhile
            await invalidate_reset_tokens(tx, user)
            tx.emit(PasswordChanged(user_id=user.id, email=user.email, was_reset=False))
            if not end_others:
                return 0
            return await self._sessions.end_all(
                tx, user.id, SessionEndReason.PASSWORD_CHANGED, except_id=actor.session_id
            )

        return await db.run(work, actor)

    async def request_reset(self, db: Database, actor: Actor, origin: Origin, email: str) -> None:
        """Send a reset token to an address, or, after the same work, an e-mail that says that there is no account.

        Earlier tokens stay valid, so other people's requests do not invalidate the owner's. A lockout does not
        prevent a reset (ASVS 6.1.1). Raises InvalidInput and RateLimited.
        """
        address = normalize_email(email)
        await self._mail_limits.count(origin, address, "reset")
        token, now = new_secret(), self._clock.now()

        async def work(tx: Tx) -> None:
            if await sql.issue_reset(tx, address, digest(token), expires_at=now + RESET_LIFETIME, now=now):
                self._emails.reset_token(tx, address, token, RESET_LIFETIME)
            else:
                self._emails.no_account(tx, address)

        await db.run(work, actor)

    async def reset(self, db: Database, actor: Actor, origin: Origin, token: str, password: str) -> None:
        """Set a new password by a token from an e-mail, which also confirms the address. Ends all sessions.

        Uses up all reset tokens of the user. The user may then log in from this origin even if the account is
        locked. Of concurrent requests one succeeds. Raises InvalidResetToken, WeakPassword, TooLong, InvalidInput.
        Emits user.password_changed, user.session_ended, and user.registered when it is the account's first password,
        or user.email_confirmed when the address was not confirmed before.
        """
        key = digest(token)
        reader = db.reader(actor.company_id)
        with collect_errors() as errors:
            email = ""
            with errors:
                user = await self._token_owner(reader, key)
                email = user.email
            with errors:
                await self._policy.require(reader, password, email=email, field="new_password")
        password_hash = await self._policy.hashes.hash(password)

        async def work(tx: Tx) -> None:
            now = self._clock.now()
            if await sql.use_reset(tx, key, now=now) is None:
                raise InvalidResetToken
            await data.user.update(
                tx,
                id=user.id,
                data={"password_hash": password_hash, "password_set_at": now, "email_verified": True},
            )
            await invalidate_reset_tokens(tx, user)
            await self._sessions.end_all(tx, user.id, SessionEndReason.PASSWORD_RESET)
            if user.password_set_at is None:
                tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
            elif not user.email_verified:
                tx.emit(EmailConfirmed(user_id=user.id))
            tx.emit(PasswordChanged(user_id=user.id, email=user.email, was_reset=True))

        await db.run(work, actor)
        await self._mail_limits.throttle.allow_after_reset(user.email, origin.ip)

    async def _token_owner(self, db: Reader, key: str) -> data.UserRow:
        user = await sql.resettable(db, key, now=self._clock.now())
        if user is None:
            raise InvalidResetToken
        return user


async def invalidate_reset_tokens(tx: Tx, user: data.UserRow) -> None:
    """Use up all reset tokens of a user whose password or e-mail address has changed."""
    where: data.PasswordResetTokenWhere = {"user_id": user.id, "is_used": False}
    await data.password_reset_token.update_many(tx, where=where, data={"is_used": True})
