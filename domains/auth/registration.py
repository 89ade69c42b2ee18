"""Registering: the same answer and the same work whether or not the address has an account (ASVS 6.3.8)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from domains.auth import data, queries
from domains.auth.accounts import FreshCode, NewUser, checked
from domains.auth.choosing import PasswordChoice
from domains.auth.codes import Codes
from domains.auth.emails import looked_up, normalised
from domains.auth.errors import EmailTaken, InvalidCode
from domains.auth.events import UserRegistered
from domains.auth.mailboxes import mailbox_of
from domains.auth.models import AuthResponse, NewAccount, Origin, Registration
from domains.auth.post import Post
from domains.auth.sessions import Sessions
from domains.auth.throttling import Throttle
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import RateLimited
from domains.kernel.ids import new_id
from domains.kernel.networks import network_of

MAILS = 5
MAILS_PER = timedelta(minutes=15)
KNOCKS = 60
KNOCKS_PER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Door:
    """What stands at the entrance: how often one may knock, and whether a mailbox must be proven first."""

    throttle: Throttle
    require_confirmed_email: bool

    async def knock(self, origin: Origin, email: str, what: str) -> None:
        """Count one request for a mail of some sort. Raises RateLimited, by the origin and by the mailbox.

        Each sort has a count of its own, so that nobody can use up the resets of an account by registering it.
        """
        per_address = await self.throttle.ask("knock", network_of(origin.ip), most=KNOCKS, per=KNOCKS_PER)
        if not per_address or not await self.throttle.ask(
            f"mail {what}", mailbox_of(email), most=MAILS, per=MAILS_PER
        ):
            seconds = int(MAILS_PER.total_seconds())
            raise RateLimited(
                "Too many requests for mails. Look into the mailbox, or try later.", retry_after=seconds
            )


class Registering:
    """Makes accounts.

    The ticket that everybody gets is bound to the password they chose. Only with it does the code from the mailbox
    activate the account: otherwise somebody could register a stranger's address with a password of their own, and
    have the stranger confirm it.
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
        Raises InvalidInput, TooLong, WeakPassword, RateLimited; EmailTaken only where confirming is not required.
        Emits user.registered, after the confirmation where there is one.
        """
        user = checked(new)
        email = user.email
        await self._door.knock(origin, email, "code")
        password_hash = await self._choice.hashed(db.reader(actor.company_id), new.password, email=email)
        user = replace(user, password_hash=password_hash)
        ticket = self._codes.ticket(password_hash)
        code = self._codes.fresh(ticket)
        if self._door.require_confirmed_email:
            made, auth = await db.run(lambda tx: self._write(tx, user, code, at_once=False), actor), None
        else:
            made, auth = True, await db.run(lambda tx: self._enter(tx, origin, user, code), actor)
        await self._tell(db, actor, email, code.digits if made else None)
        return Registration(ticket, auth)

    async def resend(self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str) -> None:
        """Mail a new code to whoever registered with this ticket; to anybody else the mail they got before.

        Raises InvalidInput, RateLimited, and nothing that says whether there is an account.
        """
        address = normalised(email)
        await self._door.knock(origin, address, "code")

        async def work(tx: Tx) -> str | None:
            user = await data.user.find_unique(tx, email=address)
            waits = user is not None and not user.email_verified and self._codes.is_ticket_of(user, ticket)
            code, renewed = await self._codes.renew(tx, user.id if user and waits else new_id(), address, ticket)
            return code.digits if renewed else None

        await self._tell(db, actor, address, await db.run(work, actor))

    async def confirm(
        self, db: Database, actor: Actor, origin: Origin, email: str, ticket: str, code: str
    ) -> AuthResponse:
        """Confirm the address with the mailed code, activate the account and sign in.

        Raises RateLimited, AccountLocked, and InvalidCode, which commits: the try counts. Emits user.registered.
        """
        address = looked_up(email)

        async def work(tx: Tx) -> AuthResponse:
            user = await self._codes.redeem(tx, address, ticket, code)
            if not self._codes.is_ticket_of(user, ticket):
                raise InvalidCode
            since = user.password_set_at or self._clock.now()
            await data.user.update(tx, id=user.id, data={"email_verified": True, "password_set_at": since})
            if user.password_set_at is None:
                tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
            return await self._sessions.open(tx, user.id, user.password_hash, origin)

        async with self._door.throttle.guess(address, origin.ip, purpose="code"):
            return await db.run(work, actor)

    async def _enter(self, tx: Tx, origin: Origin, user: NewUser, code: FreshCode) -> AuthResponse:
        """Make the account and sign in, unconfirmed. Raises EmailTaken."""
        if not await self._write(tx, user, code, at_once=True):
            raise EmailTaken
        tx.emit(UserRegistered(user_id=user.id, email=user.email, first_name=user.first_name))
        return await self._sessions.open(tx, user.id, user.password_hash, origin)

    async def _write(self, tx: Tx, user: NewUser, code: FreshCode, *, at_once: bool) -> bool:
        return await queries.register(tx, user, code, now=self._clock.now(), at_once=at_once)

    async def _tell(self, db: Database, actor: Actor, email: str, digits: str | None) -> None:
        """One mail to the mailbox, whatever there is to say."""
        reader = db.reader(actor.company_id)
        if digits is None:
            await self._post.already_registered(reader, email)
        else:
            await self._post.registration_code(reader, email, digits)
