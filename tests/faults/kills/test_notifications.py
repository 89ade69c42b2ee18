"""`kill -9` of workers that send notifications: each arrives; only what a dying worker was sending arrives twice."""

import asyncio
import random
from functools import partial

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.notification.models import NewNotification, NotificationKind
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.messaging.notification_queue import WORKERS
from tests.conditions import wait_until
from tests.faults.kills.lives import live_and_die
from tests.faults.kills.mail_server import MailServer
from tests.faults.processes import Processes
from tests.faults.scale import sizes

POINTS = ("notification.claimed", "notification.rendered", "notification.sent")
KINDS = (NotificationKind.PASSWORD_CHANGED, NotificationKind.ALREADY_REGISTERED)
BATCH = 500
KILLS = 8
SECONDS = 400.0
STATES = "select status::text, count(*) from notifications where dedupe_key like 'test %' group by status"


async def create(platform: Platform, number: int) -> None:
    """Notifications of two priorities to as many addresses."""
    company = await platform.companies.find(None)

    async def work(numbers: range, tx: Tx) -> None:
        new = [
            NewNotification(kind=KINDS[each % 2], dedupe_key=f"test {each}", recipient=f"ann-{each}@example.com")
            for each in numbers
        ]
        await platform.services.notification.notifications.create(tx, new)

    for start in range(0, number, BATCH):
        numbers = range(start, min(start + BATCH, number))
        await platform.database.run(partial(work, numbers), Actor.system(company.id))


async def states(url: str) -> dict[str, int]:
    async with connected(url) as connection:
        return {row["status"]: row["count"] for row in await connection.fetch(STATES)}


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("number", sizes(300, 10_000, 10_000))
async def test_workers_are_killed_and_every_notification_arrives(
    number: int, processes: Processes, platform: Platform, shop_url: str, mail_server: MailServer
) -> None:
    await create(platform, number)
    workers, chance = [processes.worker(**mail_server.settings) for _ in range(2)], random.Random(number)  # noqa: S311
    for _ in range(KILLS // 2):
        await live_and_die(workers, chance, POINTS, BATCH, shop_url)
    await asyncio.gather(*(worker.start() for worker in workers))

    async def is_sent() -> bool:
        return await states(shop_url) == {"SENT": number}

    await wait_until(is_sent, SECONDS)
    assert mail_server.recipients == {f"ann-{each}@example.com" for each in range(number)}
    assert len(mail_server.received) == number
    repeated = mail_server.received.total() - number
    assert repeated <= KILLS * sum(WORKERS.values())
