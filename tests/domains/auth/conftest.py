"""The auth service on the real database, with a recording mailbox and cheap, counted password hashes."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest

from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.emails.company_mailer import CompanyMailer
from domains.auth.models import AuthResponse, NewAccount, Origin, User
from domains.auth.passwords.hashing import PasswordHashes
from domains.auth.service import AuthService, AuthSettings
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.role.models import SystemRole
from domains.role.service import RoleService
from gateway.infra.memory import MemoryCache

PASSWORD = "correct horse battery staple"
KEY = b"0123456789abcdef0123456789abcdef"
SETTINGS = AuthSettings(secrets=[KEY], argon2_memory_kib=8)
HOME = Origin("192.0.2.7", "A browser")
ELSEWHERE = Origin("198.51.100.9", "Another browser")


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str

    @property
    def code(self) -> str:
        """The six digits in it."""
        (digits,) = re.findall(r"\b\d{6}\b", self.text)
        return str(digits)

    @property
    def token(self) -> str:
        """The opaque token in it, on a separate line."""
        (token,) = re.findall(r"^[\w-]{43}$", self.text, re.MULTILINE)
        return str(token)


@dataclass(slots=True)
class Mailbox:
    """Takes all mail in."""

    mails: list[Mail] = field(default_factory=list)

    async def send(self, tx: Tx, *, to: str, subject: str, text: str) -> None:
        tx.on_commit(lambda: self.mails.append(Mail(to, subject, text)))

    def last(self, to: str) -> Mail:
        return next(mail for mail in reversed(self.mails) if mail.to == to)


@dataclass(slots=True)
class Shop:
    """One company's side of the auth service, as a gateway would use it."""

    auth: AuthService
    accounts: AccountService
    db: Database
    company_id: UUID
    clock: FixedClock
    mailbox: Mailbox
    cache: MemoryCache

    @property
    def guest(self) -> Actor:
        return Actor.anonymous(self.company_id)

    @property
    def system(self) -> Actor:
        return Actor.system(self.company_id)

    def email(self) -> str:
        """A unique address."""
        return f"{new_id().hex}@example.com"

    async def account(self, role: SystemRole = SystemRole.CUSTOMER, email: str | None = None) -> User:
        """A confirmed account with the usual password."""
        new = NewAccount(email=email or self.email(), password=PASSWORD, first_name="Ada", last_name="Lovelace")
        return await self.auth.provisioning.create(self.db, self.company_id, new, role)

    async def login(self, email: str, password: str = PASSWORD, origin: Origin = HOME) -> AuthResponse:
        return await self.auth.login(self.db, self.guest, origin, email, password)

    async def actor(self, role: SystemRole = SystemRole.CUSTOMER) -> Actor:
        """A new user with this role, logged in."""
        user = await self.account(role)
        return await self.logged_in(user.email)

    async def logged_in(self, email: str, password: str = PASSWORD) -> Actor:
        return await self.actor_of((await self.login(email, password)).access_token)

    async def actor_of(self, token: str) -> Actor:
        return await self.auth.sessions.authenticate(self.db, token, self.company_id)

    async def refresh(self, token: str, origin: Origin = HOME) -> AuthResponse:
        return await self.db.run(lambda tx: self.auth.refresh_token(tx, token, origin), self.guest)

    async def run(self, work: Callable[..., Awaitable[Any]], actor: Actor, *args: Any, **kwargs: Any) -> Any:
        """Run a method that takes a transaction and the actor, committing."""
        return await self.db.run(lambda tx: work(tx, actor, *args, **kwargs), actor)


@pytest.fixture
def make_shop(database: Database, company: UUID, clock: FixedClock) -> Callable[..., Shop]:
    """Makes shops of the test's company, or another, with settings of the test's choice."""

    def make(company_id: UUID = company, **settings: Any) -> Shop:
        mailbox, cache = Mailbox(), MemoryCache(clock)
        companies = CompanyService(clock, SettingsCache(clock))
        auth = AuthService(
            RoleService(), companies, cache, mailer=mailbox, clock=clock, settings=replace(SETTINGS, **settings)
        )
        accounts = AccountService(auth, ActivityService(cache, clock), CompanyMailer(mailbox, companies), clock)
        return Shop(auth, accounts, database, company_id, clock, mailbox, cache)

    return make


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """A shop with the usual settings."""
    return make_shop()


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all Argon2 computations so far."""
    computed: list[str] = []
    compute = PasswordHashes._compute

    async def count(self: PasswordHashes, work: Callable[[], Any]) -> Any:
        computed.append("argon2")
        return await compute(self, work)

    monkeypatch.setattr(PasswordHashes, "_compute", count)
    return computed
