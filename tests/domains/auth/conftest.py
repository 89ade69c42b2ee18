"""The auth service on the real database, with a recording mailbox and cheap, counted password hashes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.models import AuthResponse, NewAccount, Origin, User
from domains.auth.passwords.hashing import PasswordHashes
from domains.auth.service import AuthService, AuthSettings
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.role.models import SystemRole
from domains.role.service import RoleService
from gateway.infra.memory import MemoryCache
from tests.domains.notification.mailbox import Mailbox, watched

PASSWORD = "correct horse battery staple"
KEY = b"0123456789abcdef0123456789abcdef"
SETTINGS = AuthSettings(secrets=[KEY], argon2_memory_kib=8)
HOME = Origin("192.0.2.7", "A browser")
ELSEWHERE = Origin("198.51.100.9", "Another browser")


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
            RoleService(), companies, cache, encryption=mailbox, clock=clock, settings=replace(SETTINGS, **settings)
        )
        accounts = AccountService(auth, ActivityService(cache, clock), clock)
        return Shop(auth, accounts, watched(database, mailbox), company_id, clock, mailbox, cache)

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
