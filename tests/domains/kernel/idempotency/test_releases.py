"""Claims of failed requests are released in the background: one task, bounded in number, in time and at the end."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.idempotency import releases
from domains.kernel.idempotency.keys import LEASE, Request
from domains.kernel.idempotency.releases import release
from domains.kernel.ids import new_id
from tests.conditions import wait_until

ACTOR = Actor.system(new_id())


class Outage:
    """A database that does not answer for some requests."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.fails: Callable[[str], bool] = lambda _key: True
        self.released: list[str] = []
        self.tries = 0

    async def run(self, work: Callable[[Any], Any], _actor: Actor) -> None:
        """Release the claim of the request."""
        await work(self)

    async def try_release(self, request: Request) -> None:
        """Note a try."""
        self.tries += 1
        await asyncio.sleep(0)
        if self.fails(request.key):
            raise OSError("connection refused")
        self.released.append(request.key)

    async def fail(self, key: str) -> None:
        """Let a request with a key fail."""
        database: Any = self
        await release(database, ACTOR, Request("user:1", "checkout", key, "digest"), self.clock.now())


@pytest.fixture
def outage(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    async def try_release(outage: Outage, request: Request, _claimed_at: Any) -> None:
        await outage.try_release(request)

    monkeypatch.setattr("domains.kernel.idempotency.keys.release", try_release)
    monkeypatch.setattr(releases, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(releases, "MAX_WAITING", 5)
    yield Outage(clock)
    for worker in releases._workers:
        worker.cancel()


async def test_an_outage_leaves_one_task_and_a_bounded_number_of_claims(outage: Outage) -> None:
    for number in range(8):
        await outage.fail(str(number))
    assert (len(releases._workers), len(releases._waiting)) == (1, 5)
    outage.fails = lambda _key: False
    await wait_until(lambda: not releases._workers)
    assert sorted(outage.released) == ["0", "1", "2", "3", "4"]


async def test_a_request_that_fails_at_the_end_of_the_task_starts_another(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await outage.fail("1")
    (ending,) = releases._workers
    failing: list[asyncio.Task[None]] = []

    async def try_release(request: Request) -> None:
        if request.key == "1":
            failing.append(asyncio.create_task(outage.fail("2")))  # runs before the callback of the task's end
        elif ending in releases._workers:
            raise OSError("connection refused")
        outage.released.append(request.key)

    monkeypatch.setattr(outage, "try_release", try_release)
    await wait_until(lambda: not releases._workers)
    await asyncio.gather(*failing)
    assert outage.released == ["1", "2"]


async def test_a_claim_that_cannot_be_released_keeps_back_no_other(outage: Outage) -> None:
    await outage.fail("held")
    await outage.fail("free")
    outage.fails = lambda key: key == "held"
    await wait_until(lambda: outage.released == ["free"])
    outage.fails = lambda _key: False
    await wait_until(lambda: not releases._workers)
    assert outage.released == ["free", "held"]


async def test_a_claim_is_given_up_when_its_lease_has_ended(outage: Outage) -> None:
    await outage.fail("1")
    outage.clock.advance(LEASE - timedelta(seconds=1))
    tries = outage.tries
    await wait_until(lambda: outage.tries > tries)
    outage.clock.advance(timedelta(seconds=1))
    await wait_until(lambda: not releases._workers)
    assert outage.released == []


async def test_the_end_of_the_process_is_not_delayed_when_an_error_replaces_the_cancellation(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def replaces(_request: Request) -> None:
        if reached.is_set():
            return
        reached.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("connection lost") from None

    await outage.fail("1")
    monkeypatch.setattr(outage, "try_release", replaces)
    await asyncio.wait_for(reached.wait(), 5)
    (worker,) = releases._workers
    worker.cancel()
    await asyncio.wait([worker], timeout=5)
    assert worker.cancelled()
    assert list(releases._waiting) == []
