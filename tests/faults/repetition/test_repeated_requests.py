"""Requests with a key, sent many times at once to two servers that are killed: one effect and one answer each."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults.drain import pass_time, settle
from tests.faults.processes import Gateway, Processes
from tests.faults.repetition.keyed_requests import TIMES, Keyed
from tests.faults.scale import sizes
from tests.faults.shop import ORDER, PAY, Placed, Shop

MOST_BUYERS: Final = 25  # at once
LONGEST_WAIT: Final = 1.0


class Flood:
    """Sends each request many times at once while one server after the other is killed."""

    def __init__(self, servers: Sequence[Gateway], url: str, chance: random.Random) -> None:
        self._servers = servers
        self._url = url
        self._chance = chance
        self.answers = 0
        self.kills = 0

    async def answer_to(self, requests: Sequence[Keyed]) -> list[Any]:
        """The answer to each request. Raises AssertionError when its senders got different ones, or a refusal."""
        sending = asyncio.gather(*(each.answers() for each in requests))
        await self._kill()
        answers = await sending
        assert [each for each in answers if each != [each[0]] * TIMES] == []
        self.answers += len(answers) * TIMES
        return [each[0] for each in answers]

    async def _kill(self) -> None:
        """Kill the servers at random times, and start them when none is left."""
        for server in self._chance.sample(self._servers, len(self._servers)):
            await asyncio.sleep(self._chance.uniform(0, LONGEST_WAIT))
            server.kill()
            self.kills += 1
        await pass_time(self._url)
        await asyncio.gather(*(server.start() for server in self._servers))


@pytest.mark.parametrize("keys", sizes(6, 100, 1_000))
async def test_a_repeated_request_has_one_effect_and_one_answer(
    keys: int, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    servers = await processes.serving()
    shop.staff.urls = [server.url for server in servers]
    flood = Flood(servers, shop_url, random.Random(keys))  # noqa: S311 - repeatable
    for begun in range(0, keys // 2, MOST_BUYERS):
        buyers = [shop.buyer() for _ in range(min(MOST_BUYERS, keys // 2 - begun))]
        carts = await asyncio.gather(*(buyer.fill(shop.items[0].line()) for buyer in buyers))
        pairs = zip(buyers, carts, strict=True)
        answers = await flood.answer_to([Keyed(each.client, ORDER, each.order_input(cart)) for each, cart in pairs])
        placed = [Placed.of(answer) for answer in answers]
        shop.told.placed.update({order.id: order for order in placed})
        orders = zip(buyers, placed, strict=True)
        await flood.answer_to([Keyed(each.client, PAY, each.pay_input(order)) for each, order in orders])
        shop.told.paid.update(order.id for order in placed)
    await settle(platform, shop, shop_url, deaths=flood.kills)
    assert shop.staff.faults == []
    assert len(shop.told.placed) == keys // 2
    async with connected(shop_url) as connection:
        assert await connection.fetchval("select count(*) from mock_charges") == keys // 2
    assert flood.answers == keys * TIMES
