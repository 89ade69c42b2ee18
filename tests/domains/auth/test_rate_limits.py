"""Lockouts: ten attempts in fifteen minutes for every attack, and the owner can log in (ASVS 6.3.1)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.auth.errors import AccountLocked, InvalidCredentials
from domains.auth.models import Origin
from domains.auth.rate_limits.lockouts import CountedAttempt, Lockout, Window
from domains.auth.rate_limits.rate_limits import NETWORK_FREE_ATTEMPTS, NETWORK_RETENTION, PAIR_RETENTION, Throttle
from domains.kernel.clock import FixedClock
from domains.kernel.errors import Busy, RateLimited
from domains.kernel.values.networks import network_of
from gateway.infra.memory import MemoryCache
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=15)
OFFICE = "203.0.113.80"
WRONG = "wrong horse battery staple"


def throttle() -> tuple[Throttle, FixedClock]:
    clock = FixedClock(NOON)
    return Throttle(MemoryCache(clock), clock), clock


class Wrong(Exception):
    """The guess was checked, and wrong."""


async def wrong(
    throttle: Throttle, account: str = "a", address: str = "192.0.2.1", device: str | None = None
) -> None:
    async with throttle.attempt(account, address, device=device):
        raise Wrong


async def right(
    throttle: Throttle, account: str = "a", address: str = "192.0.2.1", device: str | None = None
) -> None:
    async with throttle.attempt(account, address, device=device):
        await asyncio.sleep(0)


async def outcomes(
    throttle: Throttle, tries: int, account: str = "a", address: str = "192.0.2.1", device: str | None = None
) -> list[str]:
    seen = []
    for _ in range(tries):
        try:
            await wrong(throttle, account, address, device)
        except Wrong:
            seen.append("ok")
        except AccountLocked:
            seen.append("account")
        except RateLimited:
            seen.append("address")
    return seen


def most_in_a_window(times: list[datetime]) -> int:
    return max(sum(begin <= time < begin + WINDOW for time in times) for begin in times)


# ASVS 6.3.1
@settings(max_examples=200, deadline=None)
@given(
    waits=st.lists(st.one_of(st.just(0), st.integers(0, 70), st.integers(0, 90_000)), min_size=10, max_size=120),
    retention=st.sampled_from([PAIR_RETENTION, NETWORK_RETENTION]),
)
def test_attempts_are_limited_to_ten_in_fifteen_minutes_for_any_waiting_pattern(
    waits: list[int], retention: timedelta
) -> None:
    clock = FixedClock(NOON)
    lockout = Lockout(MemoryCache(clock), retention=retention)
    admitted = []

    async def attack() -> None:
        for wait in waits:
            clock.advance(timedelta(seconds=wait))
            if not isinstance(await lockout.admit("key"), timedelta):
                admitted.append(clock.now())

    asyncio.run(attack())
    assert most_in_a_window(admitted) <= 10


# ASVS 6.3.1: the moment when the counts are forgotten is the attacker's best.
@pytest.mark.parametrize("retention", [PAIR_RETENTION, NETWORK_RETENTION])
async def test_attempts_are_limited_to_ten_in_fifteen_minutes_for_optimal_timing(retention: timedelta) -> None:
    for before in range(0, 16 * 60, 20):
        clock = FixedClock(NOON)
        lockout = Lockout(MemoryCache(clock), retention=retention)
        admitted = []
        assert not isinstance(await lockout.admit("key"), timedelta)
        clock.advance(retention - timedelta(seconds=before))
        for _ in range(32 * 6):
            tries = [await lockout.admit("key") for _ in range(6)]
            admitted += [clock.now() for each in tries if not isinstance(each, timedelta)]
            clock.advance(timedelta(seconds=10))
        assert most_in_a_window(admitted) <= 10


# ASVS 6.3.1: from however many networks, and wherever the slots fall.
@settings(max_examples=200, deadline=None)
@given(
    start=st.integers(0, 1_000),
    waits=st.lists(st.one_of(st.just(0), st.integers(0, 70), st.integers(0, 1_200)), min_size=20, max_size=150),
)
def test_attempts_at_an_account_are_limited_to_ten_in_fifteen_minutes_from_all_networks(
    start: int, waits: list[int]
) -> None:
    clock = FixedClock(NOON + timedelta(seconds=start))
    window = Window(MemoryCache(clock), clock)
    admitted = []

    async def attack() -> None:
        for wait in waits:
            clock.advance(timedelta(seconds=wait))
            if isinstance(await window.admit("key"), str):
                admitted.append(clock.now())

    asyncio.run(attack())
    assert most_in_a_window(admitted) <= 10


async def test_attempts_at_an_account_are_limited_to_a_hundred_a_day_from_all_networks() -> None:
    guard, clock = throttle()
    seen = []
    for number in range(300):
        seen += await outcomes(guard, 1, address=f"192.0.2.{number % 200}")
        clock.advance(timedelta(minutes=2, seconds=55))
    assert seen.count("ok") == 100


async def test_an_attempt_after_the_reported_wait_is_admitted() -> None:
    guard, clock = throttle()
    for number in range(10):
        await outcomes(guard, 1, address=f"192.0.2.{number}")
        clock.advance(timedelta(seconds=20))
    with pytest.raises(AccountLocked) as locked:
        await wrong(guard, address="198.51.100.1")
    clock.advance(timedelta(seconds=locked.value.retry_after))
    with pytest.raises(Wrong):
        await wrong(guard, address="198.51.100.1")


async def test_a_lockout_grows_and_expires() -> None:
    guard, clock = throttle()
    assert await outcomes(guard, 5) == ["ok", "ok", "ok", "ok", "account"]
    waits = []
    for _ in range(9):
        minutes = 0
        while (await outcomes(guard, 1))[0] != "ok":
            clock.advance(timedelta(minutes=1))
            minutes += 1
        waits.append(minutes)
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert max(waits) <= 60


async def test_a_lockout_reports_how_long_to_wait() -> None:
    guard, clock = throttle()
    await outcomes(guard, 4)
    with pytest.raises(AccountLocked) as locked:
        await wrong(guard)
    assert locked.value.retry_after == 60
    clock.advance(timedelta(seconds=60))
    with pytest.raises(Wrong):
        await wrong(guard)
    with pytest.raises(AccountLocked) as longer:
        await wrong(guard)
    assert longer.value.retry_after == 120


async def test_parallel_attempts_are_counted_one_by_one() -> None:
    guard, _ = throttle()
    tries = [wrong(guard, "a", f"192.0.2.{number}") for number in range(50)]
    tries += [wrong(guard, "b") for _ in range(50)]
    tries += [wrong(guard, f"account {number}", OFFICE) for number in range(NETWORK_FREE_ATTEMPTS + 50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    kinds = [type(result) for result in results]
    counts = [kinds[:50].count(Wrong), kinds[50:100].count(Wrong), kinds[100:].count(Wrong)]
    assert counts == [10, 4, NETWORK_FREE_ATTEMPTS + 1]


async def test_attempts_count_before_verification_where_processes_share_the_counter() -> None:
    clock = FixedClock(NOON)
    cache = MemoryCache(clock)
    results = await asyncio.gather(*(wrong(Throttle(cache, clock)) for _ in range(50)), return_exceptions=True)
    assert [type(result) for result in results].count(Wrong) == 4
    elsewhere = [wrong(Throttle(cache, clock), "b", f"192.0.2.{number}") for number in range(50)]
    results = await asyncio.gather(*elsewhere, return_exceptions=True)
    assert [type(result) for result in results].count(Wrong) == 10


async def test_parallel_correct_attempts_are_admitted() -> None:
    guard, _ = throttle()
    tries = [right(guard, f"account {number % 5}") for number in range(40)]
    tries += [right(guard, "a", f"192.0.2.{number}") for number in range(40)]
    assert await asyncio.gather(*tries) == [None] * 80
    assert len(guard._locks) == 0


async def test_users_behind_one_address_are_not_locked_out_by_mistakes_of_others() -> None:
    guard, _ = throttle()
    for number in range(4):
        assert await outcomes(guard, 5, f"colleague {number}", OFFICE) == ["ok", "ok", "ok", "ok", "account"]
    await right(guard, "a", OFFICE)


async def test_one_network_has_a_high_limit_over_accounts_and_then_growing_waits() -> None:
    guard, clock = throttle()
    tries = [
        (await outcomes(guard, 1, f"account {number}", OFFICE))[0] for number in range(NETWORK_FREE_ATTEMPTS + 20)
    ]
    assert tries == ["ok"] * (NETWORK_FREE_ATTEMPTS + 1) + ["address"] * 19
    waits = []
    for number in range(5):
        minutes = 0
        while (await outcomes(guard, 1, f"another {number} {minutes}", OFFICE))[0] != "ok":
            clock.advance(timedelta(minutes=1))
            minutes += 1
        waits.append(minutes)
    assert waits == [1, 2, 4, 8, 16]
    await right(guard, "a", "198.51.100.1")


async def test_a_known_device_is_not_locked_out_by_others_and_has_its_own_limit() -> None:
    guard, _ = throttle()
    for number in range(12):
        await outcomes(guard, 1, address=f"192.0.2.{number}")
    assert await outcomes(guard, 1, address=OFFICE) == ["account"]
    await right(guard, "a", OFFICE, "phone")
    assert await outcomes(guard, 6, "a", OFFICE, "phone") == ["ok"] * 4 + ["account"] * 2
    await right(guard, "a", OFFICE, "laptop")


async def test_refused_attempts_do_not_count() -> None:
    guard, clock = throttle()
    for number in range(10):
        await outcomes(guard, 1, address=f"192.0.2.{number}")
    assert await outcomes(guard, 50, address=OFFICE) == ["account"] * 50
    clock.advance(timedelta(minutes=18))
    assert await outcomes(guard, 5, address=OFFICE) == ["ok"] * 4 + ["account"]


async def test_correct_attempts_do_not_count() -> None:
    guard, _ = throttle()
    for number in range(50):
        await right(guard, f"account {number % 3}")
    assert await outcomes(guard, 5) == ["ok", "ok", "ok", "ok", "account"]


@pytest.mark.parametrize(
    "failure", [RateLimited("busy", retry_after=5), Busy("busy"), TimeoutError(), asyncpg.InterfaceError("closed")]
)
async def test_an_attempt_that_was_not_verified_does_not_count(failure: Exception) -> None:
    guard, _ = throttle()
    for _ in range(20):
        with pytest.raises(type(failure)):
            async with guard.attempt("a", "192.0.2.1"):
                raise failure
    assert await outcomes(guard, 5) == ["ok", "ok", "ok", "ok", "account"]


async def test_a_cancelled_attempt_counts() -> None:
    guard, _ = throttle()
    with pytest.raises(asyncio.CancelledError):
        async with guard.attempt("a", "192.0.2.1"):
            raise asyncio.CancelledError
    assert await outcomes(guard, 4) == ["ok", "ok", "ok", "account"]


async def test_a_correct_attempt_does_not_reset_the_count_of_wrong_ones() -> None:
    guard, _ = throttle()
    await outcomes(guard, 3, account="victim")
    await right(guard, "the attacker's own")
    assert (await outcomes(guard, 3, account="victim")).count("ok") == 1


async def test_unused_attempts_do_not_accumulate_beyond_the_limit() -> None:
    clock = FixedClock(NOON)
    lockout = Lockout(MemoryCache(clock), retention=NETWORK_RETENTION)
    admitted_attempts = [await lockout.admit("key") for _ in range(3)]
    clock.advance(NETWORK_RETENTION)
    for guess in admitted_attempts:
        assert isinstance(guess, CountedAttempt)
        await lockout.release(guess)
    kinds = [type(await lockout.admit("key")) for _ in range(10)]
    assert kinds.count(CountedAttempt) == 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "nonsense", True),
    ],
)
def test_addresses_of_one_network_share_a_limit(one: str | None, other: str | None, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


async def wrong_logins(shop: Shop, email: str, tries: int = 12) -> list[str]:
    seen = []
    for _ in range(tries):
        with pytest.raises((InvalidCredentials, RateLimited)) as refused:
            await shop.login(email, WRONG, ELSEWHERE)
        seen.append(refused.value.code)
    return seen


# ASVS 6.3.1, 6.3.8: an unknown account locks like a known one.
async def test_accounts_that_do_not_exist_are_locked_like_existing_ones(
    shop: Shop, make_shop: Callable[..., Shop]
) -> None:
    user = await shop.account()
    known, unknown = await wrong_logins(shop, user.email), await wrong_logins(make_shop(), shop.email())
    assert known == unknown
    assert known == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 8


async def test_a_locked_account_computes_no_hash(shop: Shop, hashes: list[str]) -> None:
    user = await shop.account()
    await wrong_logins(shop, user.email)
    hashes.clear()
    await wrong_logins(shop, user.email)
    assert hashes == []


# ASVS 6.1.1
async def test_a_locked_out_user_can_reset_and_log_in_during_the_attack(shop: Shop) -> None:
    user = await shop.account()

    async def attack() -> None:
        for number in range(12):
            with pytest.raises((InvalidCredentials, RateLimited)):
                await shop.login(user.email, f"{WRONG} {number}", Origin(f"198.51.100.{number}"))

    await attack()
    with pytest.raises(RateLimited):
        await shop.login(user.email)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, user.email)
    token = shop.mailbox.last(user.email).token
    await attack()
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, token, "a new horse battery staple")
    await attack()
    assert (await shop.login(user.email, "a new horse battery staple")).user.id == user.id


async def test_a_locked_out_user_resets_on_one_device_and_logs_in_on_another(shop: Shop) -> None:
    user = await shop.account()
    for number in range(10):
        with pytest.raises(InvalidCredentials):
            await shop.login(user.email, WRONG, Origin(f"198.51.100.{100 + number}"))
    with pytest.raises(AccountLocked):
        await shop.login(user.email, origin=ELSEWHERE)
    await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, user.email)
    new = "a new horse battery staple"
    await shop.auth.passwords.reset(shop.db, shop.guest, HOME, shop.mailbox.last(user.email).token, new)
    assert (await shop.login(user.email, new, ELSEWHERE)).user.id == user.id


async def test_a_reset_admits_three_attempts_at_one_account_from_one_address() -> None:
    guard, _ = throttle()
    await outcomes(guard, 6)
    await guard.allow_after_reset("a", "192.0.2.1")
    assert await outcomes(guard, 5) == ["ok", "ok", "ok", "account", "account"]
    await outcomes(guard, 6, account="b")
    assert await outcomes(guard, 1, account="b") == ["account"]


async def test_password_attempts_of_a_stolen_session_are_rate_limited(shop: Shop) -> None:
    actor = await shop.actor()
    change = shop.auth.passwords.change
    refused = []
    for _ in range(8):
        with pytest.raises(Exception, match=r"wrong") as error:
            await change(shop.db, actor, HOME, WRONG, "a new horse battery staple", end_others=True)
        refused.append(type(error.value).__name__)
    assert refused == ["WrongPassword"] * 4 + ["AccountLocked"] * 4


async def test_the_owner_logs_in_after_the_lockout_has_expired(shop: Shop) -> None:
    user = await shop.account()
    await wrong_logins(shop, user.email)
    with pytest.raises(AccountLocked):
        await shop.login(user.email, PASSWORD, ELSEWHERE)
    shop.clock.advance(timedelta(minutes=1))
    assert (await shop.login(user.email, PASSWORD, ELSEWHERE)).user.id == user.id
