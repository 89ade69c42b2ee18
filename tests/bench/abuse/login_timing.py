"""Measures whether response times reveal that an account exists (ASVS 6.3.8)."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from statistics import median
from uuid import UUID

from domains.auth.errors import InvalidCredentials
from domains.auth.models import NewAccount, Origin
from domains.auth.service import AuthService, AuthSettings
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.ports import is_any
from domains.kernel.rate_limits import Admission, Demand, admit, strictest
from domains.kernel.settings import SettingsCache
from domains.role.models import SystemRole
from domains.role.service import RoleService
from gateway.infra.encryption import Cipher
from gateway.infra.postgres import open_pool

TRIES = 100
PASSWORD = "correct horse battery staple"
ORIGIN = Origin("192.0.2.7", "A browser")
Try = Callable[[str], Awaitable[object]]


class EmptyCache:
    """A cache that remembers nothing: no limit is ever reached."""

    async def get(self, key: str) -> bytes | None:
        """Nothing."""

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Store nothing."""

    async def delete(self, *keys: str) -> None:
        """Nothing to forget."""

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        """Always the first."""
        return 1

    async def admit(self, demands: Sequence[Demand]) -> Admission:
        """Always the first."""
        return strictest(admit(each.limit, 0, 0, each.units)[1] for each in demands)

    async def invalidate_pattern(self, pattern: str) -> None:
        """Nothing to forget."""

    async def cache_aside(
        self,
        key: str,
        fetcher: Callable[[], Awaitable[bytes]],
        ttl: timedelta,
        is_valid: Callable[[bytes], bool] = is_any,
    ) -> bytes:
        """Always a new value."""
        return await fetcher()


async def compare(url: str) -> dict[str, dict[str, float]]:
    """For each way of asking: the median milliseconds with and without an account, over 200 tries in turns."""
    pool = await open_pool(url)
    clock = SystemClock()
    database, companies = Database(pool, clock), CompanyService(clock, SettingsCache(clock))
    settings = AuthSettings(secrets=[b"0" * 32])
    auth = AuthService(RoleService(), companies, EmptyCache(), Cipher(settings.secrets, b"mail"), clock, settings)
    company = (await companies.default_company(database.reader(None))).id
    ways = attempts(auth, database, company)
    try:
        return {name: await in_turns(auth, database, company, attempt) for name, attempt in ways.items()}
    finally:
        await auth.close()
        await pool.close()


def attempts(auth: AuthService, database: Database, company: UUID) -> dict[str, Try]:
    """The three operations that must not reveal an account."""
    guest = Actor.anonymous(company)

    async def login(email: str) -> None:
        try:
            await auth.login(database, guest, ORIGIN, email, "a wrong password, surely")
        except InvalidCredentials:
            return

    async def register(email: str) -> None:
        await auth.register(database, guest, ORIGIN, NewAccount(email=email, password=PASSWORD))

    async def reset(email: str) -> None:
        await auth.passwords.request_reset(database, guest, ORIGIN, email)

    return {"login": login, "register": register, "reset": reset}


async def in_turns(auth: AuthService, database: Database, company: UUID, attempt: Try) -> dict[str, float]:
    """The medians of known and unknown addresses, asked for alternately."""
    known = f"{new_id().hex}@example.com"
    await auth.provisioning.create(database, company, NewAccount(email=known, password=PASSWORD), SystemRole.CUSTOMER)
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(TRIES * 2):
        exists = number % 2 == 0
        email = known if exists else f"{new_id().hex}@example.com"
        start = time.perf_counter()
        await attempt(email)
        times[exists].append((time.perf_counter() - start) * 1000)
    with_account, without = median(times[True]), median(times[False])
    return {
        "with_account_ms": round(with_account, 2),
        "without_ms": round(without, 2),
        "difference_ms": round(with_account - without, 2),
    }
