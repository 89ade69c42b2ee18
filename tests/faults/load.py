"""Purchases that guests and customers make one after the other, all at the same time, while something fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from tests.conditions import wait_until
from tests.faults.api import Answered
from tests.faults.shop import Buyer, Item, Placed, Shop

CANCELLED: Final = 5
"""Every fifth order is cancelled after its payment."""


class Load:
    """The purchases of a shop; `finished` are those that were paid, and some of them cancelled."""

    def __init__(self, shop: Shop, items: Sequence[Item]) -> None:
        self._shop = shop
        self._items = items
        self._is_stopped = False
        self.finished = 0

    async def grows(self, by: int, seconds: float = 120) -> None:
        """Wait until so many more purchases are finished. Raises TimeoutError."""
        goal = self.finished + by
        await wait_until(lambda: self.finished >= goal, seconds)

    async def run(self, number: int) -> None:
        """Purchase until the load is stopped, beginning with one server; a purchase that has begun is finished."""
        while not self._is_stopped:
            await self._purchase(number)
            self.finished += 1

    def stop(self) -> None:
        """Begin no further purchases."""
        self._is_stopped = True

    async def _purchase(self, number: int) -> None:
        if number % 2:
            await self._buy(self._shop.buyer(first=number), number)
            return
        async with self._shop.customer(first=number) as buyer:
            await self._buy(buyer, number)

    async def _buy(self, buyer: Buyer, number: int) -> None:
        item = self._items[number % len(self._items)]
        order = await buyer.order(await buyer.fill(item.line()))
        assert isinstance(order, Placed), order
        paid = await buyer.pay(order)
        assert isinstance(paid, Answered), paid
        if self.finished % CANCELLED == 0:
            cancelled = await buyer.cancel(order)
            assert isinstance(cancelled, Answered), cancelled


@asynccontextmanager
async def purchases(shop: Shop, items: Sequence[Item], *, buyers: int = 8) -> AsyncIterator[Load]:
    """So many buyers who purchase during the block. Raises an error of any of them."""
    load = Load(shop, items)
    async with asyncio.TaskGroup() as group:
        for number in range(buyers):
            group.create_task(load.run(number))
        try:
            yield load
        finally:
            load.stop()
