"""The cache of answers: guests' queries of the catalogue, in the process's memory and in Redis."""

import time
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.events import Event
from domains.kernel.ports import Cache
from gateway.answers.changed_tags import answer_tags, changed_tags, is_of_shop
from gateway.answers.changes import Changes, Mark
from gateway.answers.dependencies import SECONDS
from gateway.answers.memory import AnswerMemory
from gateway.answers.stored import AnswerKey, Request, StoredAnswer, from_bytes, stored_answer
from gateway.infra.single_flight import SingleFlight
from gateway.request_log import Operation

log = structlog.get_logger("gateway.answers")
MEMORY: Final = 64 * 1024 * 1024
MAX_LIFE: Final = 2 * SECONDS  # of an answer of another process, whose clock may differ
MAX_AGE: Final = 1.0  # seconds since the outbox was read, after which a change may have been missed


@dataclass(frozen=True, slots=True)
class Shown:
    """What was loaded for an answer: its body, the tags of what it shows, and for how many seconds it may be kept."""

    body: bytes
    tags: AbstractSet[str]
    seconds: float


class Budget:
    """Bounds what a process stores in Redis within a minute: what exceeds it is stored for a second only."""

    LIFE: Final = timedelta(minutes=1)
    SHORT_LIFE: Final = timedelta(seconds=1)

    def __init__(self, limit: int, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._began = monotonic()
        self._spent = 0

    def life(self) -> timedelta:
        """How long a value may be stored now."""
        if self._monotonic() - self._began > self.LIFE.total_seconds():
            self._began, self._spent = self._monotonic(), 0
        return self.LIFE if self._spent < self._limit else self.SHORT_LIFE

    def spend(self, octets: int) -> None:
        """Count a stored value."""
        self._spent += octets


Load: TypeAlias = Callable[[], Awaitable[Shown]]


class AnswerCache:
    """Answers of guests' queries, until something that they show changes.

    A commit of this process removes the answers that depend on it at once; those of other processes do so when the
    outbox is read (`gateway.answers.outbox`). While it is not read, no answer is taken from the cache.
    With `shared`, which is Redis, processes use each other's answers, and one of them loads while the others wait.
    `taken` counts answers by where they came from.
    """

    def __init__(
        self,
        clock: Clock,
        shared: Cache | None = None,
        *,
        memory: int = MEMORY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._shared = shared
        self._memory = AnswerMemory(memory)
        self._monotonic = monotonic
        self._changes = Changes(monotonic)
        self._flights: SingleFlight[StoredAnswer] = SingleFlight()
        self._budget = Budget(memory, monotonic)
        self._read_at = -float("inf")
        self.taken = dict.fromkeys(("memory", "redis", "loaded"), 0)
        self._shop_changed = 0

    @property
    def is_current(self) -> bool:
        """Whether the outbox was read within the last second."""
        return self._monotonic() - self._read_at < MAX_AGE

    @property
    def size(self) -> int:
        """The octets of the stored answers."""
        return self._memory.size

    def mark(self) -> Mark:
        """The present moment, at which a request or the loading of an answer begins."""
        return self._changes.mark()

    def find(self, request: Hashable) -> StoredAnswer | None:
        """The answer to a request that was answered before."""
        answer = self._memory.find(request, self._now()) if self.is_current else None
        self.taken["memory"] += answer is not None
        return answer

    def add_request(self, request: Hashable, size: int, answer: StoredAnswer, began: Mark) -> None:
        """Answer this request of `size` octets with an answer from now on.

        Unless a company has changed since the request began, by which it could have become that of another company.
        """
        if began.sequence >= self._shop_changed:
            self._memory.add_request(request, size, answer.request.digest)

    async def get(self, key: AnswerKey, actor: Actor, operation: Operation, load: Load) -> StoredAnswer:
        """The answer of a key, or what `load` returns. Concurrent callers share one load, and its error.

        `actor` is a guest of the key's company.
        """
        request = Request(key.digest(), actor, operation)
        found = self._memory.get(request.digest, self._now()) if self.is_current else None
        if found is not None:
            self.taken["memory"] += 1
            return found
        # A caller that comes after a change does not wait for what was begun before it.
        flight = f"{request.digest}:{self.mark().sequence}"
        return await self._flights.run(flight, lambda: self._load(request, load))

    def on_commit(self, company_id: UUID | None, events: Sequence[Event]) -> None:
        """Remove the answers that events of a commit of this process have changed."""
        tags = set().union(*(changed_tags(each.topic, company_id, each.payload()) for each in events))
        if tags:
            self._changes.committed(tags)
            self._remove(tags)

    def on_start(self, horizon: int, ceiling: int, *, began: float) -> None:
        """Begin with a snapshot of the database, see `Changes`, that was taken after `began` (monotonic)."""
        self._memory.clear()
        self._changes.started(horizon, ceiling)
        self._shop_changed = self.mark().sequence
        self._read_at = began

    def on_read(
        self, transactions: Mapping[int, AbstractSet[str]], horizon: int, ceiling: int, *, mark: Mark, began: float
    ) -> None:
        """Remove the answers that these transactions have changed, by their tags; the reading began at a mark."""
        self._changes.read(transactions, horizon, ceiling, began=mark)
        for tags in transactions.values():
            self._remove(tags)
        self._read_at = began

    def _remove(self, tags: Collection[str]) -> None:
        self._memory.invalidate(tags)
        if any(map(is_of_shop, tags)):
            self._memory.clear_requests()
            self._shop_changed = self.mark().sequence

    async def _load(self, request: Request, load: Load) -> StoredAnswer:
        if self._shared is None or not self.is_current:
            return await self._fresh(request, load)
        return await self._from_shared(self._shared, request, load)

    async def _fresh(self, request: Request, load: Load) -> StoredAnswer:
        """Load an answer, and store it unless something that it shows has changed meanwhile."""
        began = self.mark()
        self.taken["loaded"] += 1
        shown, now = await load(), self._now()
        answer = stored_answer(
            request,
            shown.body,
            tags=answer_tags(request.actor.company_id, shown.tags),
            horizon=began.horizon,
            expires_at=now + shown.seconds,
        )
        if self._changes.are_unchanged(answer.tags, began):
            self._memory.add(answer)
        return answer

    async def _from_shared(self, shared: Cache, request: Request, load: Load) -> StoredAnswer:
        """The answer that any process has stored, or a fresh one, which is stored for all of them."""
        own: list[StoredAnswer] = []

        async def fetch() -> bytes:
            own.append(await self._fresh(request, load))
            return own[0].to_bytes()

        name = f"answer:{request.digest}"
        life = self._budget.life()
        value = await shared.cache_aside(name, fetch, life, lambda value: self._accept(request, value))
        if own:
            self._budget.spend(len(value))
            return own[0]
        answer = from_bytes(value, request)
        if answer is None or not self._is_valid(answer):
            return await self._fresh(request, load)
        self._memory.add(answer)
        self.taken["redis"] += 1
        return answer

    def _accept(self, request: Request, value: bytes) -> bool:
        """Whether a value of Redis is a valid answer to a request."""
        answer = from_bytes(value, request)
        if answer is None:
            log.warning("foreign value under the key of an answer", company=str(request.actor.company_id))
            return False
        return self._is_valid(answer)

    def _is_valid(self, answer: StoredAnswer) -> bool:
        is_fresh = 0 < answer.expires_at - self._now() <= MAX_LIFE
        return is_fresh and self._changes.are_shown(answer.tags, answer.horizon)

    def _now(self) -> float:
        return self._clock.now().timestamp()
