"""Histories: what concurrent clients are answered while servers are killed is linearizable, per SKU and per code."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import pytest

from domains.kernel.fail_points import POINTS
from gateway.bootstrap import Platform
from tests.conditions import wait_until
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.linearizability.checker import NotLinearizable, linearize
from tests.faults.linearizability.held_units import HeldUnits, Phase, Short
from tests.faults.linearizability.history import Operation
from tests.faults.processes import START_SECONDS, Gateway, Processes
from tests.faults.recorded_shop import RecordedShop
from tests.faults.scale import sizes
from tests.faults.shop import Item, Shop

CLIENTS: Final = 6
OPERATIONS: Final = 8  # of each client
SKUS: Final = 2
UNITS: Final = 5
USUAL: Final = 15  # rounds
NEVER: Final = 1_000_000
LONGEST_SECONDS: Final = 3_600.0
USES: Final = 4
SERVED: Final = sorted(name for name in POINTS if not name.startswith("notification."))
OPERATION_WEIGHTS: Final = {
    "buy": 40,
    "pay": 15,
    "cancel": 14,
    "expire": 8,
    "restock": 4,
    "read stock": 8,
    "read uses": 5,
    "read order": 6,
}


class Round:
    """Some clients at once, each doing one thing after the other, while servers die and are started again."""

    def __init__(self, recorded: RecordedShop, servers: "Servers", chance: random.Random) -> None:
        self._recorded = recorded
        self._servers = servers
        self._chance = chance
        self._until_kill = chance.randint(3, CLIENTS * OPERATIONS)  # operations

    async def run(self) -> None:
        """Let all clients do their operations, and complete them."""
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(self._client(f"client {number}"))
        await self._complete()

    async def _complete(self) -> None:
        """Repeat some requests without an answer, give the others up, and read everything once more."""
        lost = self._recorded.unanswered
        repeated = [each for each in lost if self._chance.random() < 0.6]
        given_up = [each for each in lost if each not in repeated]
        for each in given_up:
            self._recorded.give_up(each)
        await self._recorded.complete(repeated)
        await self._read_everything()
        await self._recorded.complete(given_up)

    async def _client(self, who: str) -> None:
        for _ in range(OPERATIONS):
            await wait_until(self._servers.are_able, START_SECONDS)
            self._until_kill -= 1
            if self._until_kill:
                await self._operation(who)
            else:
                await asyncio.gather(self._operation(who), self._servers.kill_one())

    async def _operation(self, who: str) -> None:
        shop, chance = self._recorded, self._chance
        (kind,) = chance.choices(list(OPERATION_WEIGHTS), list(OPERATION_WEIGHTS.values()))
        item = chance.choice(shop.items)
        on_stock: dict[str, Callable[[], Awaitable[object]]] = {
            "restock": lambda: shop.restock(who, item, chance.randint(1, 2)),
            "read stock": lambda: shop.read_stock(who, item),
            "read uses": lambda: shop.read_uses(who),
        }
        if kind in on_stock:
            await on_stock[kind]()
        elif kind == "buy" or not shop.orders:
            await shop.buy(who, self._quantities(), use_code=chance.random() < 0.6, first=chance.randint(0, 1))
        else:
            order = chance.choice(shop.orders[-4:])  # clients meet at recent orders
            of_order: dict[str, Callable[[], Awaitable[object]]] = {
                "pay": lambda: shop.pay(who, order),
                "cancel": lambda: shop.cancel(who, order),
                "expire": lambda: shop.expire(order),
                "read order": lambda: shop.read_order(who, order),
            }
            await of_order[kind]()

    def _quantities(self) -> Mapping[Item, int]:
        chosen = self._chance.sample(self._recorded.items, self._chance.choice([1, 1, 2]))
        return {item: self._chance.choice([1, 1, 2, 3]) for item in chosen}

    async def _read_everything(self) -> None:
        shop = self._recorded
        for item in shop.items:
            await wait_until(partial(shop.read_stock, "end", item), START_SECONDS)
        await wait_until(partial(shop.read_uses, "end"), START_SECONDS)
        for order in shop.orders:
            await wait_until(partial(shop.read_order, "end", order), START_SECONDS)


class Servers:
    """Servers that die again and again, at fail-points and at any time, and are started again."""

    def __init__(self, gateways: Sequence[Gateway], chance: random.Random) -> None:
        self._gateways = gateways
        self._chance = chance
        self.deaths = 0

    @asynccontextmanager
    async def restarted(self) -> AsyncIterator[None]:
        """Start each server again whenever it died; an error of a start ends the block."""
        async with asyncio.TaskGroup() as group:
            keepers = [group.create_task(self._keep_running(each)) for each in self._gateways]
            yield
            for keeper in keepers:
                keeper.cancel()

    async def are_able(self) -> bool:
        """Whether one of them is able to serve."""
        return bool(await self._able())

    async def kill_one(self) -> None:
        """Kill one of those that are able to serve; none while all are being started."""
        if able := await self._able():
            self._chance.choice(able).kill()

    async def _able(self) -> list[Gateway]:
        return [each for each in self._gateways if await each.is_able()]

    async def _keep_running(self, server: Gateway) -> None:
        while True:
            await server.ended(LONGEST_SECONDS)
            self.deaths += 1
            nth = self._chance.choice([*range(1, 7), NEVER, NEVER])
            await server.start(f"{self._chance.choice(SERVED)}:kill:{nth}")


@pytest.mark.parametrize("count", sizes(2, USUAL, 150))
async def test_stock_and_limited_codes_are_linearizable_while_servers_are_killed(
    count: int, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    chance = random.Random(count)  # noqa: S311 - not a secret
    gateways = await processes.serving()
    servers = Servers(gateways, chance)
    shop = shop.behind(shop.staff.http, [each.url for each in gateways])
    recorded = [RecordedShop(shop, platform, shop_url) for _ in range(count)]
    for each in recorded:
        await each.stock(SKUS, UNITS, USES)
    async with servers.restarted():
        for each in recorded:
            await Round(each, servers, chance).run()

    histories = [
        (name, units, each.recorder.histories[name]) for each in recorded for name, units in each.limits.items()
    ]
    for name, units, history in histories:
        require_linearizable(name, units, history)
    seen = Counter(kind_of(operation) for *_, history in histories for operation in history)
    worthwhile = {"taken", "short", "unknown", *Phase} if count >= USUAL else {"taken", "short"}
    assert worthwhile - {*seen} == set(), seen

    for gateway in gateways:
        gateway.kill()
    await gateways[0].start()
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop, deaths=servers.deaths + len(gateways))
    assert shop.staff.faults == []


def require_linearizable(name: str, units: int, history: Sequence[Operation]) -> None:
    """Raise AssertionError with the history unless it is linearizable."""
    try:
        linearize(HeldUnits(units), history)
    except NotLinearizable as error:
        raise AssertionError(f"{name} with {units} units: {error}") from None


def kind_of(operation: Operation) -> str:
    """What an operation contributes to a history that is worth checking."""
    if not operation.is_known:
        return "unknown"
    return "short" if isinstance(operation.outcome, Short) else str(operation.outcome)
