"""Random kills: processes die again and again, at fail-points and at any other time, while the shop trades."""

import asyncio
import random
from contextlib import suppress

import pytest

from domains.kernel.fail_points import POINTS
from gateway.bootstrap import Platform
from tests.faults.drain import pass_time, recovered, settle
from tests.faults.kills.journeys import trading
from tests.faults.processes import Gateway, Process, Processes
from tests.faults.scale import SAMPLED, sizes
from tests.faults.shop import Shop

TRADERS = 2
LONGEST_LIFE = 3.0
LAST_TIME = 40  # a fail-point kills at the latest when it is reached for the 40th time


async def live(process: Process, chance: random.Random) -> None:
    """Start a process, and let it live until it reaches a random fail-point or a random time has passed."""
    await process.start(f"{chance.choice(sorted(POINTS))}:kill:{chance.randint(1, LAST_TIME)}")
    with suppress(TimeoutError):
        await process.ended(chance.uniform(0, LONGEST_LIFE))
    process.kill()


@pytest.mark.parametrize("kills", sizes(2, 20, 200))
async def test_a_server_is_killed_at_random_times_and_nothing_is_lost(
    kills: int, gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    chance = random.Random(kills)  # noqa: S311 - repeatable
    async with trading(shop, TRADERS):
        for _ in range(kills):
            await live(gateway, chance)
            await pass_time(shop_url)
        await gateway.start()
    await recovered(platform, shop_url)
    await settle(platform, shop, shop_url, deaths=kills)
    assert shop.staff.faults == []


@pytest.mark.rabbitmq
@pytest.mark.parametrize("kills", [pytest.param(4, marks=SAMPLED), *sizes(4, 20, 200)[1:]])
async def test_a_server_and_a_worker_are_killed_at_random_times_and_nothing_is_lost(
    kills: int, broker: dict[str, str], processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    chance = random.Random(kills)  # noqa: S311 - repeatable
    gateway, worker = processes.gateway(**broker), processes.worker(**broker)
    shop = shop.behind(shop.staff.http, [gateway.url])
    async with trading(shop, TRADERS):
        for _ in range(kills // 2):
            await asyncio.gather(live(gateway, chance), live(worker, chance))
            await pass_time(shop_url)
        await asyncio.gather(gateway.start(), worker.start())
    await recovered(platform, shop_url)
    await settle(platform, shop, shop_url, deaths=kills)
    assert shop.staff.faults == []
