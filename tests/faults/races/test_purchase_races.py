"""The races of a purchase against real processes: two servers of one database, and one with two worker processes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from typing import Any, Final

import pytest

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from tests.faults.api import Answered, Refused
from tests.faults.drain import settle
from tests.faults.kills.journeys import bought, ordered
from tests.faults.processes import Gateway, Processes
from tests.faults.repetition.keyed_requests import TIMES, Keyed
from tests.faults.scale import sizes
from tests.faults.shop import ORDER, PAY, Buyer, Placed, Shop

psutil: Any = import_module("psutil")
DEPLOYMENTS: Final[Mapping[str, Sequence[dict[str, str]]]] = {
    "two servers": ({}, {}),
    "two worker processes": ({"WORKERS": "2"},),
}
BUYERS: Final = 20
UNITS: Final = 6
PLACED: Final = "placed"
PLENTY: Final = 1_000
CHARGES: Final = """
select count(*) from mock_charges m join payments p on p.id = m.reference
where m.status = 'APPROVED' and p.order_id = any($1::text[]::uuid[])
"""
REFUNDS: Final = """
select sum(m.amount) from mock_refunds m join refunds r on r.id = m.reference
where m.status = 'APPROVED' and r.order_id = any($1::text[]::uuid[])
"""


class Races:
    """Requests of many clients at once, each race with units, codes and orders of its own.

    Each compares the outcomes; `charged` and `refunded` have the orders that the provider must have treated once.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.charged: list[str] = []
        self.refunded: list[str] = []

    async def last_units(self) -> None:
        """Twenty buyers want six units."""
        (item,) = await self._shop.add_items(1, UNITS)
        buyers = self._buyers(BUYERS)
        carts = await asyncio.gather(*(buyer.fill(item.line()) for buyer in buyers))
        assert await _orders(buyers, carts) == {PLACED: UNITS, "INSUFFICIENT_STOCK": BUYERS - UNITS}

    async def opposite_order(self) -> None:
        """Carts have the same two SKUs in opposite order."""
        items = await self._shop.add_items(2, UNITS)
        lines = [item.line() for item in items]
        buyers = self._buyers(BUYERS)
        carts = await asyncio.gather(
            *(buyer.fill(*lines[:: 1 - 2 * (number % 2)]) for number, buyer in enumerate(buyers))
        )
        assert await _orders(buyers, carts) == {PLACED: UNITS, "INSUFFICIENT_STOCK": BUYERS - UNITS}

    async def last_use_of_a_code(self) -> None:
        """Ten buyers have a code that one order can use."""
        (item,), code = await self._shop.add_items(1, PLENTY), await self._shop.add_code(1)
        buyers = self._buyers(10)
        carts = await asyncio.gather(*(buyer.fill(item.line(), code=code) for buyer in buyers))
        outcomes = await _orders(buyers, carts)
        late = outcomes.pop("PROMOTION_EXHAUSTED", 0) + outcomes.pop("PROMO_CODE_REFUSED", 0)
        assert (outcomes, late) == ({PLACED: 1}, 9)

    async def one_cart(self) -> None:
        """A cart is ordered ten times, with as many keys."""
        (item,) = await self._shop.add_items(1, PLENTY)
        (buyer,) = self._buyers(1)
        cart = await buyer.fill(item.line())
        assert await _orders(_everywhere(buyer, 10), [cart] * 10) == {PLACED: 1, "CART_EMPTY": 9}

    async def one_key(self) -> None:
        """An order and its payment are each sent twenty times with one key."""
        (item,) = await self._shop.add_items(1, PLENTY)
        (buyer,) = self._buyers(1)
        cart = await buyer.fill(item.line())
        answers = await Keyed(buyer.client, ORDER, buyer.order_input(cart)).answers()
        assert answers == [answers[0]] * TIMES
        order = Placed.of(answers[0])
        self._shop.told.placed[order.id] = order
        paid = await Keyed(buyer.client, PAY, buyer.pay_input(order)).answers()
        assert paid == [paid[0]] * TIMES
        self._shop.told.paid.add(order.id)
        self.charged.append(order.id)

    async def two_payments(self) -> None:
        """An order is paid ten times, with as many keys."""
        (buyer,) = self._buyers(1)
        order = await ordered(buyer, self._shop)
        outcomes = await asyncio.gather(*(each.pay(order) for each in _everywhere(buyer, 10)))
        assert _names(outcomes)[Answered.__name__] == 1, outcomes
        self.charged.append(order.id)

    async def payment_and_cancellation(self) -> None:
        """Orders are paid and cancelled at once."""
        buyers = self._buyers(6)
        orders = await asyncio.gather(*(ordered(buyer, self._shop) for buyer in buyers))
        pairs = list(zip(buyers, orders, strict=True))
        work = [(_at(buyer, 0).pay(order), _at(buyer, 1).cancel(order)) for buyer, order in pairs]
        outcomes = await asyncio.gather(*(asyncio.gather(*each) for each in work))
        assert all(Answered.__name__ in _names(each) for each in outcomes), outcomes

    async def two_refunds(self) -> None:
        """All that was paid is refunded ten times, with as many keys."""
        order = await bought(self._shop.buyer(), self._shop)
        outcomes = await asyncio.gather(*(self._shop.refund(order) for _ in range(10)))
        assert _names(outcomes)[Answered.__name__] == 1, outcomes
        self.refunded.append(order.id)

    def _buyers(self, number: int) -> list[Buyer]:
        return [self._shop.buyer(first=each % 2) for each in range(number)]


def _at(buyer: Buyer, first: int) -> Buyer:
    return replace(buyer, client=replace(buyer.client, first=first))


def _everywhere(buyer: Buyer, times: int) -> list[Buyer]:
    """A buyer several times, at one server after the other."""
    return [_at(buyer, number) for number in range(times)]


def _names(outcomes: Iterable[Any]) -> Counter[str]:
    return Counter(each.code if isinstance(each, Refused) else type(each).__name__ for each in outcomes)


async def _orders(buyers: Sequence[Buyer], carts: Sequence[str | None]) -> dict[str, int]:
    """Order all carts at once; how many are placed, and refused for which reasons."""
    pairs = zip(buyers, carts, strict=True)
    outcomes = await asyncio.gather(*(buyer.order(cart) for buyer, cart in pairs))
    return dict(Counter(each.code if isinstance(each, Refused) else PLACED for each in outcomes))


RACES: Final[Sequence[Callable[[Races], Coroutine[Any, Any, None]]]] = (
    *(Races.last_units, Races.opposite_order, Races.last_use_of_a_code, Races.one_cart),
    *(Races.one_key, Races.two_payments, Races.payment_and_cancellation, Races.two_refunds),
)


def serving(servers: Sequence[Gateway]) -> list[int]:
    """The ids of the processes that hold connections of clients."""
    roots = [psutil.Process(server.pid) for server in servers]
    every = [each for root in roots for each in (root, *root.children(recursive=True))]
    ports = {server.port for server in servers}
    return [
        each.pid
        for each in every
        if any(c.status == psutil.CONN_ESTABLISHED and c.laddr.port in ports for c in each.net_connections("tcp"))
    ]


@pytest.mark.redis
@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.parametrize("runs", sizes(1, 3, 20))
async def test_two_processes_pass_the_races_of_the_purchase(
    runs: int, deployment: str, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    servers = [processes.gateway(**settings) for settings in DEPLOYMENTS[deployment]]
    await asyncio.gather(*(server.start() for server in servers))
    shop.staff.urls = [server.url for server in servers]
    races = Races(shop)
    for _ in range(runs):
        async with asyncio.TaskGroup() as group:
            for race in RACES:
                group.create_task(race(races), name=race.__name__)
    assert len(serving(servers)) == 2
    assert shop.staff.faults == []
    async with connected(shop_url) as connection:
        assert await connection.fetchval(CHARGES, races.charged) == 2 * runs
        refunded = sum(Decimal(shop.told.placed[each].total) for each in races.refunded)
        assert await connection.fetchval(REFUNDS, races.refunded) == refunded
    await settle(platform, shop, shop_url)
