"""Registering: the same answer and the same work whether or not the address has an account (ASVS 6.3.8)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from domains.auth.data import RegistrationRow
from domains.auth.emails.account_emails import Post
from domains.auth.emails.addresses import looked_up, normalised
from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.emails.verification_codes import ATTEMPTS, Codes
from domains.auth.errors import EmailTaken, InvalidCode
from domains.auth.events import UserRegistered
from domains.auth.models import AuthResponse, NewAccount, Origin, Registration
from domains.auth.passwords.password_policy import PasswordChoice
from domains.auth.rate_limits.rate_limits import Throttle
from domains.auth.registration import registration_sql
from domains.auth.registration.new_accounts import FreshCode, NewUser, checked
from domains.auth.sessions.sessions import Sessions
from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import RateLimited
from domains.kernel.validation import collect_errors
from domains.kernel.values.networks import network_of

MAILS = 5
MAILS_PER = timedelta(minutes=15)
FIRST_MAILS = 2
MAILS_FROM_ANYWHERE = 100
KNOCKS = 60
PER_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Door:
    """What stands at the entrance: how often one may knock, and whether a mailbox must be proven first."""

    throttle: Throttle
    require_confirmed_email: bool

    async def knock(self, origin: Origin, email: str, what: str) -> None:
        """Count one request for a mail of some sort. Raises RateLimited.

        A network has 60 an hour, and five in 15 minutes for one mailbox. The first two of these it has whatever
        others asked for; the rest is five for the mailbox from everywhere, so no stranger uses up its owner's tries.
        A flood from very many networks ends at a hundred mails an hour. Each sort has counts of its own.
        """
        network, box = network_of(origin.ip), mailbox_of(email)
        if await self._count("knock", network, PER_HOUR) > KNOCKS:
            raise _TooManyMails
        own = await self._count(f"mail {what}", f"{network} {box}", MAILS_PER)
        if own > MAILS or await self._count(f"mails {what}", box, PER_HOUR) > MAILS_FROM_ANYWHERE:
            raise _TooManyMails
        if own > FIRST_MAILS and await self._count(f"more mails {what}", box, MAILS_PER) > MAILS:
            raise _TooManyMails

    async def _count(self, what: str, key: str, per: timedelta) -> int:
        return await self.throttle.count(what, key, per=per)


class _TooManyMails(RateLimited):
    """The one refusal of a mail."""

    def __init__(self) -> None:
        seconds = int(MAILS_PER.total_seconds())
        super().__init__("Too many requests for mails. Look into the mailbox, or try later.", retry_after=seconds)


class Registering:
    """Makes accounts.

    The ticket that everybody gets is bound to the password they chose. Only with it does the code from the mailbox
    activate the account: otherwise somebody could register a stranger's address with a password of their own, and
    have the stranger confirm it. Registrations of one address stand side by side until one of them is confirmed.
    """

    def __init__(
        self, choice: PasswordChoice, codes: Codes, sessions: Sessions, post: Post, door: Door, clock: Clock
    ) -> None:
        self._choice = choice
        self._codes = codes
        self._sessions = sessions
        self._post = post
        self._door = door
        self._clock = clock

    async def register(self, db: Database, actor: Actor, origin: Origin, new: NewAccount) -> Registration:
        """Make an account and mail its code; where that is not required, sign in at once.

        Somebody who already has an account gets a mail that says so, and the caller the same answer as ever.
        Raises, of all fields at once, InvalidInput, TooLong, WeakPassword; RateLimited; EmailTaken, only where
        confirming is not required. Emits user.registered, after the confirmation where there is one.
        """
        with collect_errors() as each:
            email = new.email
            with each:
                user = checked(new)
                email = user.email
            with each:
                await self._choice.require(db.reader(actor.company_id), new.password, email=email)
        await self._door.knock(origin, email, "code")
        password_hash = await self._choice.hashed(new.password)
        user = replace(user, password_hash=password_hash)
        ticket = self._codes.ticket(password_hash)
        code = self._codes.fresh(ticket)
        if self._door.require_confirmed_email:
            made, auth = await db.run(lambda tx: self._ask(tx, user, ticket, code), actor), None
        else:
            made, auth = True, await db.run(lambda tx: self._enter(tx, origin, user, ticket, code), actor)
        await self._tell(db, actor, email, code.digits if made else None)
        return Registration(ticket, auth)

    async def resend(self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str) -> None:
        """Mail a new code to whoever registered with this ticket; to anybody else the mail they got before.

        Raises InvalidInput, RateLimited, and nothing that says whether there is an account.
        """
        address = normalised(email)
        await self._door.knock(origin, address, "code")
        code = self._codes.fresh(ticket)
        renewed = await db.run(lambda tx: registration_sql.renew(tx, digest(ticket), address, code), actor)
        await self._tell(db, actor, address, code.digits if renewed else None)

    async def confirm(
        self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str, code: str
    ) -> AuthResponse:
        """Confirm the address with the mailed code, activate the account and sign in.

        Tries count by ticket, so that nobody can use up those of another registration of the address. Raises
        RateLimited, AccountLocked, and InvalidCode, which commits: the try counts. Emits user.registered.
        """
        address, key = looked_up(email), digest(ticket)

        async def work(tx: Tx) -> AuthResponse:
            now = self._clock.now()
            row = await registration_sql.try_code(tx, key, address, now=now, attempts=ATTEMPTS)
            if row is None or not self._codes.is_right(row.id, row.code, ticket, code):
                raise InvalidCode
            user_id = await self._activate(tx, row)
            return await self._sessions.open(tx, user_id, row.password_hash, origin)

        async with self._door.throttle.guess(key, origin.ip, purpose="code"):
            return await db.run(work, actor)

    async def _ask(self, tx: Tx, user: NewUser, ticket: str, code: FreshCode) -> bool:
        return await registration_sql.ask(tx, user, digest(ticket), code, now=self._clock.now())

    async def _enter(self, tx: Tx, origin: Origin, user: NewUser, ticket: str, code: FreshCode) -> AuthResponse:
        """Make the account and sign in, unconfirmed. Raises EmailTaken."""
        if not await registration_sql.enter(tx, user, digest(ticket), code, now=self._clock.now()):
            raise EmailTaken
        tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
        return await self._sessions.open(tx, user.id, user.password_hash, origin)

    async def _activate(self, tx: Tx, row: RegistrationRow) -> UUID:
        """The user of a registration whose code was right: made now, or entered at once and now proven.

        Raises InvalidCode when the account has become somebody else's.
        """
        now = self._clock.now()
        user_id = await registration_sql.activate(tx, row, now=now)
        if user_id is not None:
            tx.emit(UserRegistered(user_id=user_id, email=row.email, first_name=row.first_name))
            return user_id
        proven = await registration_sql.prove(tx, row, now=now)
        if proven is None:
            raise InvalidCode
        return proven

    async def _tell(self, db: Database, actor: Actor, email: str, digits: str | None) -> None:
        """One mail to the mailbox, whatever there is to say."""
        reader = db.reader(actor.company_id)
        if digits is None:
            await self._post.already_registered(reader, email)
        else:
            await self._post.registration_code(reader, email, digits)
