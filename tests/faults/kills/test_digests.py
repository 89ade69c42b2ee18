"""`kill -9` of what makes and sends digests: each item arrives in one message, which comes twice with the same id."""

import asyncio
import random
import re
import signal
from functools import partial
from itertools import chain
from typing import Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.notification.models import NewNotification, NotificationKind
from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.messaging.notification_queue import WORKERS
from tests.conditions import wait_until
from tests.faults.drain import run_job
from tests.faults.kills.lives import live_and_die
from tests.faults.kills.mail_server import MailServer
from tests.faults.processes import Processes
from tests.faults.scale import sampled_sizes

JOB: Final = "send digests"
MAKING: Final = ("command.before_commit", "command.committed")
SENDING: Final = ("notification.claimed", "notification.rendered", "notification.sent", *MAKING)
ITEMS: Final = 7  # of each recipient; of the last one there is one, which is sent as itself
KILLS: Final = 8
SECONDS: Final = 200.0
LEFT: Final = "select count(*) from notifications where recipient like 'ann-%' and status <> 'SENT'"
ELSEWHERE: Final = """
select count(*) from notifications as item join notifications as digest on digest.id = item.digest_id
where digest.recipient is distinct from item.recipient
"""


async def create(platform: Platform, items: int) -> None:
    """So many e-mails of normal priority, each of a cart with its number."""
    company = await platform.companies.find(None)

    async def work(tx: Tx) -> None:
        carts = [{"items": [], "total": "1.00", "currency": "EUR", "url": cart_url(each)} for each in range(items)]
        new = [
            NewNotification(
                kind=NotificationKind.ABANDONED_CART,
                dedupe_key=f"test {each}",
                recipient=f"ann-{each // ITEMS}@example.com",
                variables={"cart": cart, "step": 1},
            )
            for each, cart in enumerate(carts)
        ]
        await platform.services.notification.notifications.create(tx, new)

    await platform.database.run(work, Actor.system(company.id))


async def is_zero(url: str, statement: str) -> bool:
    async with connected(url) as connection:
        return bool(await connection.fetchval(statement) == 0)


def cart_url(number: int) -> str:
    return f"https://shop.example.com/carts/{number}."


def carts_in(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"https://shop\.example\.com/carts/(\d+)\.", text)]


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize("items", sampled_sizes(300, 3_000, 10_000))
async def test_what_makes_and_sends_digests_is_killed_and_each_item_arrives_in_one(
    items: int, processes: Processes, platform: Platform, shop_url: str, mail_server: MailServer
) -> None:
    await create(platform, items)
    workers, chance = [processes.worker(**mail_server.settings) for _ in range(2)], random.Random(items)  # noqa: S311
    for _ in range(KILLS // 2):
        job = processes.job(JOB)
        living = asyncio.create_task(live_and_die(workers, chance, SENDING, ITEMS, shop_url))
        await job.start(f"{chance.choice(MAKING)}:kill:1")
        assert await job.ended() == -signal.SIGKILL
        await living
    await run_job(platform, next(job for job in platform.jobs if job.name == JOB))
    await asyncio.gather(*(worker.start() for worker in workers))
    await wait_until(partial(is_zero, shop_url, LEFT), SECONDS)
    assert await is_zero(shop_url, ELSEWHERE)
    recipients = {f"ann-{each // ITEMS}@example.com" for each in range(items)}
    assert mail_server.recipients == recipients
    assert len(mail_server.received) == len(recipients)
    # Two renderings of a message differ in the link that unsubscribes.
    carts = [{tuple(sorted(carts_in(text))) for text in texts} for texts in mail_server.texts.values()]
    assert {len(each) for each in carts} == {1}
    assert sorted(chain(*chain(*carts))) == list(range(items))
    repeated = mail_server.received.total() - len(recipients)
    assert repeated <= KILLS * sum(WORKERS.values())
