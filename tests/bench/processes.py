"""Two server processes against one; they share rate limits through the Redis of REDIS_URL."""

import os
from typing import Final

from tests.bench.operations import OPERATIONS
from tests.bench.servers import Server
from tests.bench.shops import Shop
from tests.bench.turns import Progress, Report, measure_in_turns, ratio

WORKERS: Final = 2
CONCURRENCY: Final = 16
CORES_NEEDED: Final = 4  # two for the processes beside those of PostgreSQL and of the clients


async def compare(shop: Shop, redis_url: str | None, seconds: float, report: Progress) -> Report:
    """Requests per second of one and of two processes by turns, as far as this machine has cores for them."""
    cores = os.cpu_count() or 1
    if redis_url is None:
        return {"skipped": "REDIS_URL is not set, and several processes need it"}
    settings = {"REDIS_URL": redis_url, "REDIS_NAMESPACE": f"bench-{os.getpid()}:"}
    report(f"{WORKERS} processes against one")
    with shop.serving(settings) as one, shop.serving({**settings, "WORKERS": str(WORKERS)}) as two:
        sides = {"one": shop.side(one, OPERATIONS["listing"]), "two": shop.side(two, OPERATIONS["listing"])}
        figures = await measure_in_turns(sides, CONCURRENCY, seconds)
    return {
        "cores": cores,
        "has_free_cores": cores >= CORES_NEEDED,
        "times_requests_per_second": ratio(
            figures["two"]["requests_per_second"], figures["one"]["requests_per_second"]
        ),
        "times_cpu": ratio(figures["two"]["server_cpu_ms"], figures["one"]["server_cpu_ms"]),
        **figures,
    }


def memory_of(server: Server) -> float:
    """The resident memory of a server, in MiB, rounded."""
    return round(server.memory_mib(), 1)
