"""Documents of products that are remembered in a process or not: both servers against the floor of dicts."""

from typing import Final

from gateway.settings import Settings
from tests.bench import reads
from tests.bench.operations import FLOORS, OPERATIONS
from tests.bench.servers import Server
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, measure_in_turns, ratios

SETTINGS: Final = ("product_memory", "rendering_cache")
READS: Final = ("listing", "detail")


async def compare(shop: Shop, floor: Server, seconds: float, report: Progress) -> Report:
    """The listing and the detail of a server that remembers no document, as multiples of the floor."""
    forgetful = {name.upper(): "0" for name in SETTINGS if name in Settings.model_fields}
    measured: Report = {}
    with shop.serving(forgetful) as server:
        for name in READS:
            measured[name] = await _measured(shop, server, floor, name, seconds, report)
    return measured


async def _measured(shop: Shop, server: Server, floor: Server, name: str, seconds: float, report: Progress) -> Report:
    sides = {"gateway": shop.side(server, OPERATIONS[name]), "dicts": shop.side(floor, FLOORS[name]["dicts"])}
    found: Report = {}
    for concurrency in reads.CONCURRENCIES:
        report(f"{name} without remembered documents at {concurrency} connections")
        figures = await measure_in_turns(sides, concurrency, seconds)
        found[str(concurrency)] = {"of": {"dicts": ratios(figures["gateway"], figures["dicts"])}, **figures}
    return found
