"""Rate limits of requests: the clients that a process remembers and logs, and the sensitive mutations."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.rate_limits import RateLimit
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.root_fields import sensitive_mutations
from gateway.infra.memory import MemoryCache
from gateway.rate_limits import rate_limits
from gateway.rate_limits.rate_limits import ProcessLimit, RateLimits, RateLimitSettings, Refusals
from tests.gateway.site import SCHEMA

TWO = RateLimit.of("TWO", 2, timedelta(minutes=1))


class Monotonic:
    """A clock of a process."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class RecordingCache(MemoryCache):
    """A cache that tells its keys."""

    @property
    def names(self) -> list[str]:
        return [key.partition(":")[0] for key in self._counters]

    @property
    def clients(self) -> list[str]:
        return [key.partition(":")[2] for key in self._counters]


def test_a_process_remembers_a_limited_number_of_clients_and_forgets_the_idle_ones_first() -> None:
    limit = ProcessLimit(TWO, Monotonic(), maximum=3)
    for key in ("office", "a", "office", "b", "c", "d", "e"):
        limit.admit(key)
    assert len(limit) == 3
    assert [limit.admit(key).remaining for key in ("e", "d", "c")] == [0, 0, 0]
    assert limit.admit("office").remaining == 1


def test_a_client_in_use_is_not_forgotten_by_a_flood_of_others() -> None:
    limit = ProcessLimit(TWO, Monotonic(), maximum=3)
    limit.admit("office")
    for number in range(20):
        limit.admit("office")
        limit.admit(f"other {number}")
    assert not limit.admit("office").is_admitted


def test_clients_whose_units_are_restored_are_forgotten_as_others_come() -> None:
    monotonic = Monotonic()
    limit = ProcessLimit(TWO, monotonic)
    for number in range(50):
        limit.admit(f"{number}")
        monotonic.now += 30
    assert len(limit) <= 2


def test_refusals_are_told_once_a_minute_with_their_number() -> None:
    monotonic = Monotonic()
    refusals = Refusals(monotonic)
    told = []
    for _ in range(7):
        told.append(refusals.count("READS", "office"))
        monotonic.now += 20
    assert told == [1, 0, 0, 3, 0, 0, 3]
    assert [refusals.count("READS", "home"), refusals.count("WRITES", "home")] == [1, 1]


def test_the_refused_clients_that_are_remembered_are_limited_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_LOGGED", 3)
    refusals = Refusals(Monotonic())
    for client in ("office", "a", "b", "office", "c", "d"):
        refusals.count("READS", client)
    assert [refusals.count("READS", client) for client in ("office", "d", "a")] == [0, 0, 1]


async def test_keys_in_the_cache_do_not_reveal_clients(clock: FixedClock) -> None:
    cache = RecordingCache(clock)
    limits = RateLimits(RateLimitSettings(), cache)
    await limits.check_writes(address="192.0.2.7", user_id=UUID(int=7), writes=1, sensitive=1)
    names = ["sensitive_per_account", "sensitive_per_address", "writes_per_account", "writes_per_address"]
    assert sorted(cache.names) == [f"rate_limit_{name}" for name in names]
    assert all(re.fullmatch(r"[0-9a-f]{32}", client) for client in cache.clients)


async def test_guests_have_no_account_to_limit(clock: FixedClock) -> None:
    cache = RecordingCache(clock)
    limits = RateLimits(RateLimitSettings(reads_per_account=1), cache)
    for _ in range(3):
        limits.check_account_read(None)
    await limits.check_writes(address="192.0.2.7", user_id=None)
    assert cache.names == ["rate_limit_writes_per_address"]


async def test_a_read_needs_no_await_and_says_what_is_left(clock: FixedClock) -> None:
    limits = RateLimits(RateLimitSettings(reads_per_address=2), MemoryCache(clock), Monotonic())
    log = [limits.admit_read("2001:db8::1"), limits.admit_read("2001:db8::2"), limits.admit_read("2001:db8::3")]
    assert [each and (each.is_admitted, each.remaining) for each in log] == [(True, 1), (True, 0), (False, 0)]
    with pytest.raises(RequestRefused, match=r"Try again in 30 seconds\."):
        limits.check_read("2001:db8::4")
    assert RateLimits(RateLimitSettings(reads_per_address=0), MemoryCache(clock)).admit_read("192.0.2.7") is None


def test_mutations_that_check_a_credential_send_mail_or_begin_setups_are_sensitive() -> None:
    assert sensitive_mutations(SCHEMA.graphql) == {
        "cartEmailCodeSend",
        "cartEmailConfirm",
        "emailChangeConfirm",
        "emailChangeRequest",
        "emailVerificationResend",
        "announcementTestSend",
        "emailTemplateTestSend",
        "emailVerify",
        "login",
        "notificationRetry",
        "orderConfirmationResend",
        "giftCardCreate",
        "passwordChange",
        "passwordReset",
        "passwordResetRequest",
        "paymentMethodSetupBegin",
        "paymentMethodSetupFinish",
        "productAlertConfirm",
        "productAlertCreate",
        "register",
        "userInvite",
    }
