"""Answers from the cache, against a Starlette endpoint that answers as many octets to the same POST."""

from typing import Final

from tests.bench import reads
from tests.bench.load import Connection, Request, measure
from tests.bench.operations import CACHED, QUERIES
from tests.bench.servers import Server
from tests.bench.turns import Progress, Report, ratio

TURNS: Final = 2


async def compare(server: Server, floor: Server, seconds: float, report: Progress) -> Report:
    """The rate of each operation at each concurrency, and what it is of the floor."""
    found: Report = {}
    for concurrency in reads.CONCURRENCIES:
        found[str(concurrency)] = {}
        for name, request in CACHED.items():
            report(f"cached {name} at {concurrency} connections")
            found[str(concurrency)][name] = await measure_hit(server, floor, request, concurrency, seconds)
    return found


async def measure_hit(
    server: Server, floor: Server, request: Request, concurrency: int, seconds: float
) -> dict[str, float]:
    """An answer from the cache. Both are measured twice in turns, and the better figure of each counts."""
    size = await answer_size(server, request)
    beneath = Request.graphql(request.name, *QUERIES[request.name], path=f"/octets/{size}")
    rounds = [
        await measure(port, each, concurrency=concurrency, seconds=seconds)
        for _ in range(TURNS)
        for port, each in ((server.port, request), (floor.port, beneath))
    ]
    hit, constant = (max(each.requests_per_second for each in rounds[start::2]) for start in (0, 1))
    return {"octets": size, "requests_per_second": round(hit, 1), "of_constant": ratio(hit, constant)}


async def answer_size(server: Server, request: Request) -> int:
    """The octets of an answer, which the cache has from now on. Raises RuntimeError when it has not."""
    connection = await Connection.open(server.port)
    body = await connection.send(request)
    head, again = await connection.exchange(request)
    connection.close()
    if again != body or b"commerce; hit" not in head:
        raise RuntimeError(f"{request.name} was not answered from the cache.")
    return len(body)
