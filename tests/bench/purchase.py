"""The whole purchase of a guest over HTTP, by several clients in parallel, compared with plain asyncpg.

Two lines, a code, an address, an order, a payment with the MOCK card; afterwards all invariants are checked.
"""

import asyncio
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from ipaddress import ip_network
from statistics import quantiles
from typing import Any

import asyncpg
import httpx
import orjson

from domains.cart import invariants as cart
from domains.inventory import invariants as inventory
from domains.inventory.models import StockCount
from domains.kernel import invariants as kernel
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import StatementCount, counting
from domains.order import invariants as order
from domains.payment import invariants as payment
from domains.promotion import invariants as promotion
from domains.promotion.models import DiscountType, NewPromotion, PromotionType
from domains.shipping.models import ShippingMethodChanges, ShippingZoneType
from gateway.app import create_app
from gateway.bootstrap import Platform, wired
from gateway.settings import Settings
from tests.bench import cpu, turns
from tests.bench.cpu import postmaster_of
from tests.bench.floors import purchase as purchase_floor
from tests.bench.floors.purchase import Sale
from tests.bench.load import Connection, Request
from tests.bench.servers import Server, analyze
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, medians, ratio, whole

TOUCHED = (kernel, inventory, cart, promotion, payment, order)
CLIENTS = 8
CONCURRENCIES = (1, CLIENTS, 16)
# Every purchase comes from an address of its own, for what one address may do as a guest is limited.
CLIENT_NETWORK = ip_network("10.0.0.0/8")
SKUS = 64
STOCK = 1_000_000
MOST_ORDERS = 20_000
WARM_UP = 10
CODE = "BENCH-TENTH"
PROMOTION: NewPromotion = {
    "name": "A tenth",
    "code": CODE,
    "type": PromotionType.SEASONAL,
    "discount_type": DiscountType.PERCENTAGE,
    "discount_value": Decimal(10),
}
METHOD: ShippingMethodChanges = {"name": "Standard", "min_days": 1, "max_days": 3}
ADDRESS = {
    "fullName": "Vera Field",
    "addressLine1": "3 Kiln Lane",
    "city": "Stoke",
    "postalCode": "ST1 1AA",
    "country": "GB",
}
CARD = {"number": "4242 4242 4242 4242", "expiryMonth": 12, "expiryYear": 2050, "securityCode": "123"}
ADD = """mutation ($input: CartItemsAddInput!) {
  cartItemsAdd(input: $input) { cart { id itemCount } cartToken errors { code message } } }"""
APPLY = """mutation ($input: CartPromotionApplyInput!) {
  cartPromotionApply(input: $input) { cart { totals { discount { amount } total { amount } } }
    errors { code message } } }"""
ORDER = """mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id orderNumber status total { amount currency } } orderToken
    errors { code message } } }"""
PAY = """mutation ($input: OrderPayInput!) {
  orderPay(input: $input) { order { id status } errors { code message } } }"""
HAS_CODE = "select exists (select from promotions where company_id = $1 and code = $2)"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
Send = Callable[[str, str, str, dict[str, Any]], Awaitable[Any]]


async def compare(shop: Shop, server: Server, seconds: float, report: Progress) -> Report:
    """The report: statements of one order, and for each number of clients the gateway, the floor, and their ratio.

    `same_products` is of clients who all buy the same two variants. `deadlocks` counts those of the whole comparison.
    Both sides are warmed up first. Raises RuntimeError when a purchase fails, when the shop has not the orders that
    its clients count, or when anything that must hold over whole tables does not.
    """
    async with wired(Settings(commerce_home=shop.home, access_log=False), shop.url) as platform:
        sale = await create_stock(platform)
        numbers = itertools.count(await count_orders(platform))
        statements = await statements_of_one(platform, sale, numbers)
    measured: Report = {"data_statements": {**statements, "floor": purchase_floor.STATEMENTS}}
    await analyze(shop.url)
    deadlocks = await count_deadlocks(shop.url)
    same = replace(sale, variants=sale.variants[:2])
    rounds = [*((str(clients), clients, sale) for clients in CONCURRENCIES), ("same_products", CLIENTS, same)]
    for name, clients, sold in rounds:
        report(f"purchases by {clients} clients ({name})")
        async with AsyncExitStack() as stack:
            gateway = await over_http(stack, server.port, sold, clients)
            floor = await _by_hand(stack, shop.url, sold, clients)
            measured[name] = await take_turns(shop, server, (gateway, floor), numbers, seconds)
    await check(shop.url, next(numbers))
    return {**measured, "deadlocks": await count_deadlocks(shop.url) - deadlocks}


async def take_turns(
    shop: Shop, server: Server, sides: tuple["Side", "Side"], numbers: Iterator[int], seconds: float
) -> Report:
    """The figures of the gateway and of the floor, whose clients are in this process."""
    gateway, floor = sides
    postmaster = postmaster_of(shop.home / "postgres")
    for side in sides:
        await side.warm_up(numbers)
    taken: dict[str, list[dict[str, float]]] = {"gateway": [], "floor": []}
    for _ in range(turns.ROUNDS):  # by turns, so that what else the machine does meets both
        for name, side, pid in (("gateway", gateway, server.pid), ("floor", floor, os.getpid())):
            taken[name].append(await side.turn(numbers, seconds, (pid, postmaster)))
    found, beneath = (medians(each) for each in taken.values())
    return {
        "of_floor": {
            "orders_per_second": ratio(found["orders_per_second"], beneath["orders_per_second"]),
            "postgres_cpu": ratio(found["postgres_cpu_ms"], beneath["postgres_cpu_ms"]),
            "whole_cpu": ratio(whole(found), whole(beneath)),
        },
        "gateway": {**found, "steps": {name: percentiles(times) for name, times in gateway.took.items()}},
        "floor": {**beneath, **percentiles(floor.took["whole"])},
    }


@dataclass
class Side:
    """Clients that buy all at once, how many orders they made in how many seconds, and how long each step took."""

    buyers: list[Callable[[int], Awaitable[None]]]
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    orders: int = 0
    elapsed: float = 0.0

    @property
    def rate(self) -> float:
        """Orders per second."""
        return self.orders / self.elapsed

    async def warm_up(self, numbers: Iterator[int]) -> None:
        """Let every client buy some times, so that statements are prepared and plans kept, and forget it."""

        async def some(buy: Callable[[int], Awaitable[None]]) -> None:
            for _ in range(WARM_UP):
                await buy(next(numbers))

        await asyncio.gather(*(some(buy) for buy in self.buyers))
        self.took.clear()

    async def buy(self, numbers: Iterator[int], seconds: float) -> None:
        """Let all buy again and again, for so long and no more than MOST_ORDERS."""
        start = time.perf_counter()

        async def again(buy: Callable[[int], Awaitable[None]]) -> None:
            while time.perf_counter() < start + seconds and self.orders < MOST_ORDERS:
                await buy(next(numbers))
                self.orders += 1

        await asyncio.gather(*(again(buy) for buy in self.buyers))
        self.elapsed += time.perf_counter() - start

    async def turn(self, numbers: Iterator[int], seconds: float, pids: tuple[int, int]) -> dict[str, float]:
        """Buy for so long: orders a second, and the CPU of both processes per order (milliseconds)."""
        orders, elapsed, before = self.orders, self.elapsed, [cpu.seconds_of(pid) for pid in pids]
        await self.buy(numbers, seconds)
        made = max(self.orders - orders, 1)
        used = [
            round((cpu.seconds_of(pid) - earlier) * 1000 / made, 3) for pid, earlier in zip(pids, before, strict=True)
        ]
        rate = made / (self.elapsed - elapsed)
        return {"orders_per_second": round(rate, 1), "server_cpu_ms": used[0], "postgres_cpu_ms": used[1]}


async def count_deadlocks(url: str) -> int:
    """The deadlocks of the database so far; PostgreSQL counts them within a second or so."""
    connection = await asyncpg.connect(url)
    try:
        count: int = await connection.fetchval(DEADLOCKS)
    finally:
        await connection.close()
    return count


async def count_orders(platform: Platform) -> int:
    """The number of orders so far, which is the number of the next purchase."""
    company = await platform.companies.find(None)
    count: int = await platform.database.reader(company.id).fetch_value(
        "select count(*) from orders where company_id = $1", company.id
    )
    return count


async def create_stock(platform: Platform) -> Sale:
    """Plenty of stock of some variants, a code and a shipping method, made by the services."""
    sale = await find_sale(platform)

    async def stock(tx: Tx) -> None:
        skus = await tx.fetch(
            "select sku from product_variants where company_id = $1 and id = any($2)",
            sale.company_id,
            [variant for _, variant in sale.variants],
        )
        await platform.services.inventory.ledger.set(tx, [StockCount(row["sku"], STOCK) for row in skus])
        if not await tx.fetch_value(HAS_CODE, sale.company_id, CODE):
            await platform.services.promotion.create_promotion(tx, PROMOTION)
            shipping = platform.services.shipping
            zone = await shipping.zones.create(tx, {"name": "Everywhere", "type": ShippingZoneType.REST_OF_WORLD})
            await shipping.methods.create(tx, {**METHOD, "zone_id": zone.id})

    await platform.database.run(stock, Actor.system(sale.company_id))
    return sale


async def find_sale(platform: Platform) -> Sale:
    """The variants that are for sale, and the code."""
    reader = platform.database.reader(None)
    company = await platform.services.company.default_company(reader)
    variants = await platform.database.reader(company.id).fetch(
        "select product_id, id from product_variants where company_id = $1 order by sku limit $2", company.id, SKUS
    )
    return Sale(company.id, company.currency, CODE, [(row["product_id"], row["id"]) for row in variants])


async def purchase(send: Send, sale: Sale, number: int, email: str | None) -> None:
    """One purchase, of a customer or with the address of a guest, step by step.

    `send` takes the step's name, the mutation's, its text and its input.
    """
    items = [{"productId": str(product), "variantId": str(variant)} for product, variant in sale.two(number)]
    added = await send("add", "cartItemsAdd", ADD, {"items": items})
    token = added["cartToken"]
    await send("apply_code", "cartPromotionApply", APPLY, {"code": sale.code, "cartToken": token})
    wanted = {"cartToken": token, "email": email, "shippingAddress": ADDRESS, "idempotencyKey": str(new_id())}
    placed = await send("order", "orderCreate", ORDER, wanted)
    means = {"orderId": placed["order"]["id"], "orderToken": placed["orderToken"], "card": CARD}
    paid = await send("pay", "orderPay", PAY, {**means, "idempotencyKey": str(new_id())})
    if added["cart"]["itemCount"] != 2 or paid["order"]["status"] != "PAID":
        raise RuntimeError(f"The purchase that was measured is not the one that was meant: {paid}")


async def statements_of_one(platform: Platform, sale: Sale, numbers: Iterator[int]) -> dict[str, int]:
    """The data statements of each step and of the whole, by asking the application in this process.

    The second purchase is counted: the first one also reads the company with its settings.
    """
    app = create_app(platform.api(), platform.settings.http)
    counts: dict[str, StatementCount] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench.test") as client:

        async def send(step: str, field: str, text: str, given: dict[str, Any]) -> Any:
            with counting() as counts[step]:
                answer = await client.post("/graphql", json={"query": text, "variables": {"input": given}})
            return answer.json()["data"][field]

        for number in (next(numbers), next(numbers)):
            await purchase(send, sale, number, f"counted-{number}@example.com")
    by_step = {step: count.data for step, count in counts.items()}
    return {**by_step, "whole": sum(by_step.values())}


async def over_http(stack: AsyncExitStack, port: int, sale: Sale, clients: int) -> Side:
    """Guests who buy over HTTP, each on a connection of their own."""
    took: defaultdict[str, list[float]] = defaultdict(list)

    def buyer(connection: Connection) -> Callable[[int], Awaitable[None]]:
        async def buy(number: int) -> None:
            client = str(CLIENT_NETWORK[number % CLIENT_NETWORK.num_addresses])

            async def send(step: str, field: str, text: str, given: dict[str, Any]) -> Any:
                request = Request.graphql(step, text, {"input": given}, client=client)
                start = time.perf_counter()
                body = await connection.send(request)
                took[step].append(time.perf_counter() - start)
                return orjson.loads(body)["data"][field]

            await purchase(send, sale, number, f"guest-{number}@example.com")

        return buy

    connections = [await Connection.open(port) for _ in range(clients)]
    for connection in connections:
        stack.callback(connection.close)
    return Side([buyer(connection) for connection in connections], took)


async def _by_hand(stack: AsyncExitStack, url: str, sale: Sale, clients: int) -> Side:
    took: defaultdict[str, list[float]] = defaultdict(list)

    def buyer(connection: Any) -> Callable[[int], Awaitable[None]]:
        async def buy(number: int) -> None:
            start = time.perf_counter()
            await purchase_floor.buy(connection, sale, number, f"floor-{number}@example.com")
            took["whole"].append(time.perf_counter() - start)

        return buy

    connections = [await asyncpg.connect(url) for _ in range(clients)]
    for connection in connections:
        stack.push_async_callback(connection.close)
    return Side([buyer(connection) for connection in connections], took)


async def check(url: str, bought: int) -> None:
    """Raise RuntimeError unless so many orders are paid, and what `commerce doctor` asks of their tables holds."""
    connection = await asyncpg.connect(url)
    try:
        paid = await connection.fetchval("select count(*) from orders where status = 'PAID'")
        whole = await connection.fetchval("select count(*) from orders")
        broken = [rule.rule for domain in TOUCHED for rule in domain.INVARIANTS if await rule.violations(connection)]
    finally:
        await connection.close()
    if (paid, whole) != (bought, bought) or broken:
        raise RuntimeError(f"{bought} purchases left {whole} orders, {paid} of them paid. Broken: {broken}")


def percentiles(times: list[float]) -> dict[str, float]:
    """The 50th and the 99th percentile of times (seconds), in milliseconds."""
    cuts = quantiles(times, n=100, method="inclusive")
    return {"p50_ms": round(cuts[49] * 1000, 2), "p99_ms": round(cuts[98] * 1000, 2)}
