"""Reading: a listing, a product, a search, and a search with facets, against their floors."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from tests.bench.catalogue import VARIANTS
from tests.bench.load import Connection, Request
from tests.bench.operations import CONSTANT, FLOORS, OPERATIONS
from tests.bench.servers import Server
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, measure_in_turns, ratios

CONCURRENCIES: Final = (1, 16)
READS: Final = tuple(OPERATIONS)
SAME: Final = ("dicts", "graphql-core")  # floors whose data has the same bytes as the gateway's


async def compare(
    shop: Shop, server: Server, floor: Server, names: Sequence[str], seconds: float, report: Progress
) -> Report:
    """The figures of each operation and of its floors by turns, and what the gateway is of each floor."""
    measured: Report = {}
    for name in names:
        await check_answer(name, server, floor)
        sides = {
            "gateway": shop.side(server, OPERATIONS[name]),
            **{each: shop.side(floor, request) for each, request in FLOORS[name].items()},
            "constant": shop.side(floor, CONSTANT),
        }
        measured[name] = {}
        for concurrency in CONCURRENCIES:
            report(f"{name} of {shop.products:,} products at {concurrency} connections")
            figures = await measure_in_turns(sides, concurrency, seconds)
            gateway = figures.pop("gateway")
            of = {each: ratios(gateway, beneath) for each, beneath in figures.items()}
            measured[name][str(concurrency)] = {"of": of, "gateway": gateway, "floors": figures}
    return measured


async def check_answer(name: str, server: Server, floor: Server) -> None:
    """Raise RuntimeError unless the gateway's answer is a full one and its data that of the floors."""
    answer = await ask(server, OPERATIONS[name])
    data = orjson.loads(answer)["data"]
    if name in {"listing", "detail"}:
        nodes: list[Any] = data["products"]["nodes"] if name == "listing" else [data["product"]]
        if any(len(node["variants"]) != VARIANTS for node in nodes):
            raise RuntimeError(f"The {name} that was measured is not the one that was meant.")
        for each, request in FLOORS[name].items():
            beneath = await ask(floor, request)
            same_bytes = answer.startswith(beneath.removesuffix(b"}"))
            if not same_bytes and (each in SAME or orjson.loads(beneath)["data"] != data):
                raise RuntimeError(f"The gateway and the floor {each} differ in their {name}: {beneath[:500]!r}")
    elif not data["products"]["nodes"]:
        raise RuntimeError(f"The {name} that was measured found nothing.")


async def ask(server: Server, request: Request) -> bytes:
    """The body of an answer."""
    connection = await Connection.open(server.port)
    try:
        return await connection.send(request)
    finally:
        connection.close()
