"""Registration: the same result and the same work whether or not the address has an account (ASVS 6.3.8)."""

from dataclasses import replace
from uuid import UUID

from domains.auth.data import RegistrationRow
from domains.auth.emails.account_emails import AccountEmails
from domains.auth.emails.addresses import email_lookup_key, normalize_email
from domains.auth.emails.verification_codes import ATTEMPTS, VerificationCodes
from domains.auth.errors import EmailTaken, InvalidCode
from domains.auth.events import EmailConfirmed, UserRegistered
from domains.auth.models import AuthResponse, NewAccount, Origin, RegistrationResult
from domains.auth.passwords.password_policy import PasswordPolicy
from domains.auth.rate_limits.mail_limits import MailLimits
from domains.auth.registration import registration_sql
from domains.auth.registration.new_accounts import NewUser, validate_account
from domains.auth.sessions.sessions import Sessions
from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.validation import collect_errors


class Registration:
    """Registers accounts.

    Each registration has a ticket that is bound to the chosen password. The code from the mailbox activates the
    account only together with the ticket: otherwise anyone could register an address with a password of their own and
    have the owner of the mailbox confirm it. Registrations of one address coexist until one of them is confirmed.
    """

    def __init__(
        self,
        policy: PasswordPolicy,
        codes: VerificationCodes,
        sessions: Sessions,
        emails: AccountEmails,
        mail_limits: MailLimits,
        clock: Clock,
    ) -> None:
        self._policy = policy
        self._codes = codes
        self._sessions = sessions
        self._emails = emails
        self._mail_limits = mail_limits
        self._clock = clock

    async def request(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> RegistrationResult:
        """Register an account that must be confirmed, and send its code.

        If the address has an account, its owner gets an e-mail that says so, and the result is the same. Raises, for
        all fields at once, InvalidInput, TooLong and WeakPassword; and RateLimited. `confirm` emits user.registered.
        """
        user = await self._new_user(db, actor, origin, new)
        ticket = self._codes.ticket(user.password_hash)
        code, now = self._codes.new(ticket), self._clock.now()

        async def work(tx: Tx) -> None:
            is_pending = await registration_sql.create(tx, user, digest(ticket), code, now=now)
            await self._send_code(tx, user.email, code.digits if is_pending else None)

        await db.run(work, actor)
        return RegistrationResult(ticket)

    async def create(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> RegistrationResult:
        """Create an account for use at once, log in, and send the code that confirms the address.

        Raises as `request` does, and EmailTaken. Emits user.registered, user.logged_in.
        """
        user = await self._new_user(db, actor, origin, new)
        ticket = self._codes.ticket(user.password_hash)
        code = self._codes.new(ticket)

        async def work(tx: Tx) -> AuthResponse:
            if not await registration_sql.create_user(tx, user, digest(ticket), code, now=self._clock.now()):
                raise EmailTaken
            tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
            await self._send_code(tx, user.email, code.digits)
            return await self._sessions.open(tx, user.id, user.password_hash, origin)

        auth = await db.run(work, actor)
        return RegistrationResult(ticket, auth)

    async def resend(self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str) -> None:
        """Send a new code for the registration of a ticket; otherwise the e-mail about the existing account.

        The result does not reveal whether there is an account. Raises InvalidInput and RateLimited.
        """
        address = normalize_email(email)
        await self._mail_limits.count(origin, address, "code")
        code = self._codes.new(ticket)

        async def work(tx: Tx) -> None:
            renewed = await registration_sql.renew_code(tx, digest(ticket), address, code)
            await self._send_code(tx, address, code.digits if renewed else None)

        await db.run(work, actor)

    async def confirm(
        self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str, code: str
    ) -> AuthResponse:
        """Confirm the address with the code from the mailbox, activate the account and log in.

        Attempts are counted by ticket, so they do not affect other registrations of the address. Raises RateLimited,
        AccountLocked, and InvalidCode, which commits because the attempt counts. Emits user.registered or
        user.email_confirmed, and user.logged_in.
        """
        address, key = email_lookup_key(email), digest(ticket)

        async def work(tx: Tx) -> AuthResponse:
            now = self._clock.now()
            row = await registration_sql.try_code(tx, key, address, now=now, attempts=ATTEMPTS)
            if row is None or not self._codes.matches(row.id, row.code, ticket, code):
                raise InvalidCode
            user_id = await self._activate(tx, row)
            return await self._sessions.open(tx, user_id, row.password_hash, origin)

        async with self._mail_limits.throttle.attempt(key, origin.ip, purpose="code"):
            return await db.run(work, actor)

    async def _new_user(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> NewUser:
        """The validated account with its password hash. Raises as `request`."""
        with collect_errors() as errors:
            email = new.email
            with errors:
                user = validate_account(new)
                email = user.email
            with errors:
                await self._policy.require(db.reader(actor.company_id), new.password, email=email)
        await self._mail_limits.count(origin, email, "code")
        return replace(user, password_hash=await self._policy.hashes.hash(new.password))

    async def _activate(self, tx: Tx, row: RegistrationRow) -> UUID:
        """The user of a confirmed registration: created now, or created before and confirmed now.

        Raises InvalidCode when another registration of the address was confirmed first.
        """
        now = self._clock.now()
        user_id = await registration_sql.activate(tx, row, now=now)
        if user_id is not None:
            registered = UserRegistered(
                user_id=user_id,
                email=row.email,
                first_name=row.first_name,
                newsletter_subscribed=row.newsletter_subscribed,
            )
            tx.emit(registered)
            return user_id
        user_id = await registration_sql.confirm_user(tx, row, now=now)
        if user_id is None:
            raise InvalidCode
        tx.emit(EmailConfirmed(user_id=user_id, newsletter_subscribed=row.newsletter_subscribed))
        return user_id

    async def _send_code(self, tx: Tx, email: str, digits: str | None) -> None:
        """Queue the code, or without one the e-mail about the existing account."""
        if digits is None:
            self._emails.already_registered(tx, email)
        else:
            self._emails.registration_code(tx, email, digits)
