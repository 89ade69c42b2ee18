"""Changing the e-mail address of an account: by the password and a code sent to the new address."""

import asyncpg

from domains.auth import data, sql
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.addresses import normalize_email
from domains.auth.emails.verification_codes import VerificationCodes
from domains.auth.errors import EmailTaken, EmailUnchanged, InvalidCode
from domains.auth.events import EmailChanged
from domains.auth.models import Origin, SessionEndReason, User
from domains.auth.passwords.passwords import invalidate_reset_tokens
from domains.auth.passwords.reauthentication import Reauthentication
from domains.auth.rate_limits.mail_limits import MailLimits
from domains.auth.sessions.sessions import Sessions
from domains.auth.users import own_row
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.text.names import search_text_of
from domains.kernel.validation import collect_errors


class EmailChange:
    """Changes the address that a user logs in with."""

    def __init__(
        self,
        reauthentication: Reauthentication,
        codes: VerificationCodes,
        sessions: Sessions,
        emails: AccountEmails,
        mail_limits: MailLimits,
    ) -> None:
        self._reauthentication = reauthentication
        self._codes = codes
        self._sessions = sessions
        self._emails = emails
        self._mail_limits = mail_limits

    async def request(self, db: Database, actor: Actor, origin: Origin, new_email: str, password: str) -> None:
        """Send a code to the new address. If another account has it, its owner gets an e-mail that says so instead.

        The result does not reveal whether the address has an account. Raises Unauthenticated, RateLimited,
        AccountLocked, WrongPassword, EmailUnchanged and InvalidInput.
        """
        reader = db.reader(actor.company_id)
        with collect_errors() as errors:
            with errors:
                address = normalize_email(new_email, field=("new_email",))
            with errors:
                user = await self._reauthentication.check(reader, actor, origin, password)
        if address == user.email:
            raise EmailUnchanged
        await self._mail_limits.count(origin, address, "code")

        async def work(tx: Tx) -> None:
            await data.user.update(tx, id=user.id, data={"pending_email": address})
            code, _ = await self._codes.renew(tx, user.id, address, _purpose(address))
            if await data.user.find_unique(tx, email=address):
                self._emails.already_registered(tx, address)
            else:
                self._emails.email_change_code(tx, address, code.digits)

        await db.run(work, actor)

    async def confirm(self, db: Database, actor: Actor, origin: Origin, code: str) -> User:
        """Change to the requested address by the code that was sent to it, and end the user's other sessions.

        Reset tokens sent to the old address become invalid. Raises RateLimited, AccountLocked; InvalidCode, which
        commits because the attempt counts; EmailTaken when another account has the address by now. Emits
        user.email_changed, which notifies the old address, and user.session_ended.
        """
        async with self._reauthentication.code_attempt(actor, origin):
            return await db.run(lambda tx: self._change(tx, actor, code), actor)

    async def _change(self, tx: Tx, actor: Actor, code: str) -> User:
        before = await own_row(tx, actor, lock=True)
        if before.pending_email is None:
            raise InvalidCode
        address = before.pending_email
        user = await self._codes.redeem(tx, address, _purpose(address), code, user_id=before.id)
        changes: data.UserUpdate = {"email": address, "email_verified": True, "pending_email": None}
        changes["search_text"] = search_text_of(user.first_name, user.last_name, address, user.phone)
        try:
            await data.user.update(tx, id=user.id, data=changes)
        except asyncpg.UniqueViolationError as error:
            raise EmailTaken from error
        await invalidate_reset_tokens(tx, user)
        await self._sessions.end_all(tx, user.id, SessionEndReason.EMAIL_CHANGED, except_id=actor.session_id)
        tx.emit(EmailChanged(user_id=user.id, old_email=user.email, new_email=address))
        return (await sql.users_by_id(tx, [user.id]))[0]


def _purpose(address: str) -> str:
    return f"email:{address}"
