"""A cold process: its first statements on ten connections at once, and its first purchases, against later ones."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from statistics import mean, median
from typing import Final

from gateway.bootstrap import wired
from gateway.settings import Settings
from tests.bench import cpu
from tests.bench.floors.purchase import Sale
from tests.bench.load import Connection
from tests.bench.operations import OPERATIONS
from tests.bench.purchase import count_orders, create_stock, over_http
from tests.bench.servers import Server
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, medians, ratio

STARTS: Final = 3
AT_ONCE: Final = 10
FIRST, LATER = 8, 40
SECONDS_UNTIL_IDLE: Final = 1.0


async def prepare(shop: Shop) -> tuple[Sale, Iterator[int]]:
    """What is for sale, and the numbers of the next purchases."""
    async with wired(Settings(commerce_home=shop.home, access_log=False), shop.url) as platform:
        return await create_stock(platform), itertools.count(await count_orders(platform))


async def measure(shop: Shop, report: Progress) -> Report:
    """The medians of some starts; each has a process of its own."""
    sale, numbers = await prepare(shop)
    starts = []
    for number in range(STARTS):
        report(f"a cold process, {number + 1} of {STARTS}")
        with shop.serving() as server:
            await asyncio.sleep(SECONDS_UNTIL_IDLE)
            read = await first_reads(server)
            bought = await first_purchases(server, sale, numbers)
            starts.append({"seconds_to_first_answer": server.first_answer, **read, **bought})
    figures = medians(starts)
    return {**figures, "first_of_later": ratio(figures["first_purchases_ms"], figures["later_purchases_ms"])}


async def first_reads(server: Server) -> dict[str, float]:
    """The time until ten listings on ten connections are answered (ms): the first time, and once all is warm."""
    connections = [await Connection.open(server.port) for _ in range(AT_ONCE)]

    async def all_at_once() -> float:
        start = time.perf_counter()
        await asyncio.gather(*(connection.send(OPERATIONS["listing"]) for connection in connections))
        return (time.perf_counter() - start) * 1000

    first, cpu_before = await measured_with_cpu(server, all_at_once)
    later = [await all_at_once() for _ in range(20)]
    for connection in connections:
        connection.close()
    return {"ten_listings_ms": first, "ten_listings_cpu_ms": cpu_before, "later_ten_listings_ms": median(later[5:])}


async def measured_with_cpu(server: Server, work: Callable[[], Awaitable[float]]) -> tuple[float, float]:
    """What some work returns, and the CPU of the server meanwhile (ms)."""
    before = cpu.seconds_of(server.pid)
    result = await work()
    return result, (cpu.seconds_of(server.pid) - before) * 1000


async def first_purchases(server: Server, sale: Sale, numbers: Iterator[int]) -> dict[str, float]:
    """The mean time of the first eight purchases of a process, one after the other, and of later ones (ms)."""
    async with AsyncExitStack() as stack:
        (buy,) = (await over_http(stack, server.port, sale, 1)).buyers
        took = [await timed(buy, next(numbers)) for _ in range(FIRST + LATER)]
    return {"first_purchases_ms": mean(took[:FIRST]), "later_purchases_ms": mean(later_of(took))}


def later_of(took: Sequence[float]) -> Sequence[float]:
    """The times of the second half."""
    return took[len(took) // 2 :]


async def timed(buy: Callable[[int], Awaitable[None]], number: int) -> float:
    """The time of a purchase (ms)."""
    start = time.perf_counter()
    await buy(number)
    return (time.perf_counter() - start) * 1000
