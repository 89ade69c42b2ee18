"""`kill -9` of workers that send webhooks: each event arrives at each endpoint; what comes twice has the same id."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from domains.catalog.events import CategoryDeleted
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.webhook.models import IssuedSecret
from gateway.bootstrap import Platform, wired
from gateway.infra.postgres import connected
from tests.conditions import wait_until
from tests.faults.conftest import settings_of
from tests.faults.kills.lives import live_and_die
from tests.faults.processes import Processes
from tests.faults.scale import sampled_sizes
from tests.gateway.messaging.webhooks.receiver import Receiver, answer, receiving
from tests.gateway.messaging.webhooks.test_dispatch import is_signed

POINTS: Final = ("webhook.claimed", "webhook.sent", "command.before_commit", "command.committed")
ENDPOINTS: Final = 3
SLOTS: Final = 2 * ENDPOINTS  # an endpoint gets two requests at a time
ROUNDS: Final = 4  # in each of which two workers die
REFUSED: Final = 20  # requests of each round that the receiver answers with 500
BATCH: Final = 10
MOST: Final = 60
SECONDS: Final = 300.0
STATES: Final = "select status::text, count(*) from webhook_deliveries group by status"


@pytest.fixture
async def platform(shop_url: str, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on the database of the test, which allows endpoints on this machine."""
    settings = settings_of(shop_url, tmp_path).model_copy(update={"testing": True})
    async with wired(settings, shop_url) as made:
        yield made


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server that receives webhooks."""
    async with receiving() as made:
        yield made


async def listen(platform: Platform, actor: Actor, url: str) -> str:
    """Create an endpoint, and return its secret."""

    async def create(tx: Tx) -> IssuedSecret:
        return await platform.services.webhook.endpoints.create(tx, {"url": url, "topics": [CategoryDeleted.topic]})

    return (await platform.database.run(create, actor)).secret.reveal()


async def emit(platform: Platform, actor: Actor, ids: Sequence[UUID]) -> None:
    """Commit an event about each of these ids, a few at a time."""

    async def commit(some: Sequence[UUID], tx: Tx) -> None:
        for each in some:
            tx.emit(CategoryDeleted(category_id=each))

    for start in range(0, len(ids), BATCH):
        await platform.database.run(partial(commit, ids[start : start + BATCH]), actor)
        await asyncio.sleep(0)


async def states(url: str) -> dict[str, int]:
    async with connected(url) as connection:
        return {row["status"]: row["count"] for row in await connection.fetch(STATES)}


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("number", sampled_sizes(200, 2_000, 10_000))
async def test_workers_are_killed_and_every_event_arrives_at_every_endpoint(
    number: int, processes: Processes, platform: Platform, shop_url: str, receiver: Receiver
) -> None:
    actor = Actor.system((await platform.companies.find(None)).id)
    secrets = {f"/hook?source=shop&{each}": "" for each in range(ENDPOINTS)}
    for each, path in enumerate(secrets):
        secrets[path] = await listen(platform, actor, f"{receiver.url}&{each}")
    ids, chance = [new_id() for _ in range(number)], random.Random(number)  # noqa: S311 - repeatable
    workers = [processes.worker(TESTING="true") for _ in range(2)]
    for each in range(ROUNDS):
        receiver.answers = [answer(500)] * REFUSED
        emitting = asyncio.create_task(emit(platform, actor, ids[each::ROUNDS]))
        await live_and_die(workers, chance, POINTS, MOST, shop_url)
        await emitting
    receiver.answers = []
    await asyncio.gather(*(worker.start() for worker in workers))

    async def are_delivered() -> bool:
        return await states(shop_url) == {"SUCCEEDED": number * ENDPOINTS}

    await wait_until(are_delivered, SECONDS)
    require_each_once(receiver, ids, secrets)
    repeated = len(receiver.requests) - number * ENDPOINTS
    assert repeated <= ROUNDS * (REFUSED + SLOTS)
    assert receiver.most_running <= SLOTS


def require_each_once(receiver: Receiver, ids: Sequence[UUID], secrets: dict[str, str]) -> None:
    """Each endpoint got a message of each event, signed for it; messages with the same id are the same."""
    bodies: defaultdict[str, set[bytes]] = defaultdict(set)
    told: Counter[tuple[str, object]] = Counter()
    for request in receiver.requests:
        path, name = request.line.split(" ")[1], request.headers["webhook-id"]
        assert is_signed(request, secrets[path])
        if name not in bodies:
            told[path, request.json["aggregateId"]] += 1
        bodies[name].add(request.body)
    assert told == Counter({(path, str(each)): 1 for path in secrets for each in ids})
    assert {len(each) for each in bodies.values()} == {1}
