"""Requests with a key, sent many times at once to two servers that are killed: one effect and one answer each."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults.api import Answered, Client, Outcome, Refused
from tests.faults.drain import pass_time, settle
from tests.faults.processes import Gateway, Processes
from tests.faults.scale import sizes
from tests.faults.shop import ORDER, PAY, Placed, Shop

TIMES: Final = 20
MOST_BUYERS: Final = 25  # at once
LONGEST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Keyed:
    """A mutation with its input, in which there is a key."""

    client: Client
    document: str
    given: dict[str, Any]

    async def send(self, first: int) -> Outcome:
        """Send it once, to one server first."""
        return await replace(self.client, first=first).mutate(self.document, **self.given)

    async def answer(self) -> Any:
        """Its payload, once it is answered."""
        outcome = await self.client.insist(self.document, **self.given)
        assert isinstance(outcome, Answered), outcome
        return outcome.payload


class Flood:
    """Sends each request many times at once while servers are killed."""

    def __init__(self, servers: Sequence[Gateway], url: str, chance: random.Random) -> None:
        self._servers = servers
        self._url = url
        self._chance = chance
        self.answers = 0

    async def answers_to(self, requests: Sequence[Keyed]) -> list[Any]:
        """The one answer to each request. Raises AssertionError when there were two, or a refusal."""
        sending = asyncio.gather(*(self._send(each) for each in requests))
        await asyncio.sleep(self._chance.uniform(0, LONGEST_WAIT))
        await self._kill_some()
        sent = await sending
        await pass_time(self._url)
        answers = await asyncio.gather(*(each.answer() for each in requests))
        for outcomes, answer in zip(sent, answers, strict=True):
            self._compare(outcomes, answer)
        return answers

    async def _send(self, request: Keyed) -> Sequence[Outcome]:
        return await asyncio.gather(*(request.send(number) for number in range(TIMES)))

    async def _kill_some(self) -> None:
        killed = self._chance.sample(self._servers, self._chance.randint(1, len(self._servers)))
        for server in killed:
            server.kill()
        await asyncio.gather(*(server.start() for server in killed))

    def _compare(self, outcomes: Sequence[Outcome], answer: Any) -> None:
        payloads = [outcome.payload for outcome in outcomes if isinstance(outcome, Answered)]
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Refused) and not outcome.is_transient]
        assert payloads == [answer] * len(payloads)
        assert refusals == []
        self.answers += len(payloads)


@pytest.mark.parametrize("keys", sizes(6, 100, 1_000))
async def test_a_repeated_request_has_one_effect_and_one_answer(
    keys: int, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    servers = processes.gateways()
    await asyncio.gather(*(server.start() for server in servers))
    shop.staff.urls = [server.url for server in servers]
    flood = Flood(servers, shop_url, random.Random(keys))  # noqa: S311 - repeatable
    for begun in range(0, keys // 2, MOST_BUYERS):
        buyers = [shop.buyer() for _ in range(min(MOST_BUYERS, keys // 2 - begun))]
        carts = await asyncio.gather(*(buyer.fill(shop.items[0].line()) for buyer in buyers))
        pairs = zip(buyers, carts, strict=True)
        answers = await flood.answers_to([Keyed(each.client, ORDER, each.order_input(cart)) for each, cart in pairs])
        placed = [Placed.of(answer) for answer in answers]
        shop.told.placed.update({order.id: order for order in placed})
        orders = zip(buyers, placed, strict=True)
        await flood.answers_to([Keyed(each.client, PAY, each.pay_input(order)) for each, order in orders])
        shop.told.paid.update(order.id for order in placed)
    await settle(platform, shop, shop_url)
    assert shop.staff.faults == []
    assert len(shop.told.placed) == keys // 2
    async with connected(shop_url) as connection:
        assert await connection.fetchval("select count(*) from mock_charges") == keys // 2
    assert flood.answers > keys
