"""`make bench`: measures the gateway and its floors in the same run, as one JSON report on standard output.

Everything runs on this machine, on an embedded database in a temporary folder, and is stopped by its process id.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from gateway.infra.embedded_postgres import EmbeddedPostgres
from tests.bench import attacks, events, live, login_timing, purchase
from tests.bench.imports import write_file
from tests.bench.load import Connection, Measured, Request, measure
from tests.bench.servers import ROOT, Server, analyze, running
from tests.rate_limits import HIGHEST

PRODUCTS = 1_000
VARIANTS = 3
CONCURRENCIES = (1, 16)
FIELDS = """
  id name slug price { amount currency } image { url } category { id name slug }
  variants { id sku name price { amount } stock }
"""
LISTING = f"{{ products(first: 24) {{ nodes {{ {FIELDS} }} }} }}"
DETAIL = f"""query ($slug: String!) {{
  product(slug: $slug) {{ {FIELDS} description longDescription rating reviewCount
    attributes {{ name value unit }} }} }}"""
SEARCH = f"query ($words: String!) {{ products(first: 24, search: $words) {{ nodes {{ {FIELDS} }} }} }}"
FACETED = """query ($words: String!) {
  products(first: 24, search: $words) { totalCount nodes { id name } facets { brands { value count } } } }"""
QUERIES: dict[str, tuple[str, dict[str, object]]] = {
    "listing": (LISTING, {}),
    "detail": (DETAIL, {"slug": "product-000500"}),
    "search": (SEARCH, {"words": "linen wool"}),
    "search_with_facets": (FACETED, {"words": "linen wool"}),
}
OPERATIONS = tuple(Request.graphql(name, *query, is_numbered=True) for name, query in QUERIES.items())
CACHED = tuple(Request.graphql(name, *query) for name, query in QUERIES.items())
FLOORS = (Request.get("one_statement", "/listing"), Request.get("constant", "/constant"))


def main() -> None:
    """Run the benchmark and print its report."""
    parser = argparse.ArgumentParser(description="Measures the gateway against floors of the same run.")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measurement lasts")
    parser.add_argument("--products", type=int, default=PRODUCTS, help="how many products, of three variants each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="commerce-bench-") as folder:
        report = run(Path(folder), options.products, options.seconds)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")


def run(home: Path, products: int, seconds: float) -> dict[str, Any]:
    """The whole report; `home` is an empty folder for the database."""
    broker_url = os.environ.pop("RABBITMQ_URL", None)  # for the events; servers deliver by themselves otherwise
    os.environ.pop("DATABASE_URL", None)
    environment = {
        "COMMERCE_HOME": str(home),
        "ACCESS_LOG": "false",
        "REQUIRE_CONFIRMED_EMAIL": "false",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        **HIGHEST,
    }
    report_progress(f"importing {products:,} products of {VARIANTS} variants")
    load_products(home, products, environment)
    database = EmbeddedPostgres(home)
    try:
        with running(["-m", "gateway.cli", "serve"], "/graphql?query={shop{name}}", environment) as server:
            url = database.start()
            report = measure_server(server, url, home, seconds)
        report_progress(f"{live.IDLE:,} idle subscribers, and the lag from commit to client")
        report["live"] = live.compare(url, home, environment, seconds, OPERATIONS[1])
        # With servers of its own, as no other may deliver what the outbox has.
        report_progress(f"events of purchases by {purchase.CLIENTS} clients")
        report["events"] = uvloop.run(events.compare(url, home, environment, broker_url, 4 * seconds))
    finally:
        database.stop()
    return {"products": products, "variants_each": VARIANTS, **report}


def measure_server(server: Server, url: str, home: Path, seconds: float) -> dict[str, Any]:
    """The report on one server."""
    start = {"seconds_to_first_answer": round(server.first_answer, 2), "idle_mib": round(server.memory_mib(), 1)}
    uvloop.run(analyze(url))
    with running(["-m", "tests.bench.floor"], "/constant", {"DATABASE_URL": url}) as floor:
        figures = uvloop.run(measure_all(server, floor, seconds))
    report_progress("a canary beside attacks")
    attacked = uvloop.run(attacks.compare(server.port, seconds))
    guesses = uvloop.run(login_timing.compare(url))
    report_progress(f"purchases by {purchase.CLIENTS} clients")
    bought = uvloop.run(purchase.compare(server.port, url, home, 4 * seconds))  # of four requests each
    start["loaded_mib"] = round(server.memory_mib(), 1)
    return {"start": start, **figures, "purchase": bought, "guessing": guesses, "canary": attacked}


def load_products(home: Path, products: int, environment: dict[str, str]) -> None:
    """Import a made-up file through the command line."""
    file = home / "products.csv"
    with file.open("wb") as opened:
        write_file(opened, products * VARIANTS, VARIANTS)
    subprocess.run(
        [sys.executable, "-m", "gateway.cli", "import", str(file)],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=300,
    )


async def measure_all(server: Server, floor: Server, seconds: float) -> dict[str, Any]:
    """Each operation and each floor at each concurrency, and the operations as shares of the floors."""
    floors = {str(c): {r.name: await measure_one(floor, r, c, seconds) for r in FLOORS} for c in CONCURRENCIES}
    found = {str(c): {r.name: await measure_one(server, r, c, seconds) for r in OPERATIONS} for c in CONCURRENCIES}
    await check_answers(server)
    hits = {str(c): {r.name: await measure_hit(server, floor, r, c, seconds) for r in CACHED} for c in CONCURRENCIES}
    ratios = {
        concurrency: {
            name: {
                f"of_{below}": round(measured.requests_per_second / beneath.requests_per_second, 3)
                for below, beneath in floors[concurrency].items()
            }
            for name, measured in by_name.items()
        }
        for concurrency, by_name in found.items()
    }
    return {"ratios": ratios, "hits": hits, "gateway": as_json(found), "floors": as_json(floors)}


async def measure_hit(
    server: Server, floor: Server, request: Request, concurrency: int, seconds: float
) -> dict[str, float]:
    """An answer from the cache, as a share of a Starlette endpoint that answers as many octets to the same POST.

    Both are measured twice in turns, and the better figure of each counts.
    """
    size = await answer_size(server, request)
    beneath = Request.graphql(request.name, *QUERIES[request.name], path=f"/octets/{size}")
    report_progress(f"cached {request.name} at concurrency {concurrency}")
    rounds = [
        await measure(port, each, concurrency=concurrency, seconds=seconds)
        for _ in range(2)
        for port, each in ((server.port, request), (floor.port, beneath))
    ]
    hit, constant = (max(each.requests_per_second for each in rounds[start::2]) for start in (0, 1))
    return {"octets": size, "requests_per_second": round(hit, 1), "of_constant": round(hit / constant, 3)}


async def answer_size(server: Server, request: Request) -> int:
    """The octets of an answer, which the cache has from now on. Raises RuntimeError when it has not."""
    connection = await Connection.open(server.port)
    body = await connection.send(request)
    head, again = await connection.exchange(request)
    connection.close()
    if again != body or b"commerce; hit" not in head:
        raise RuntimeError(f"{request.name} was not answered from the cache.")
    return len(body)


async def measure_one(server: Server, request: Request, concurrency: int, seconds: float) -> Measured:
    """One measurement."""
    report_progress(f"{request.name} at concurrency {concurrency}")
    return await measure(server.port, request, concurrency=concurrency, seconds=seconds)


async def check_answers(server: Server) -> None:
    """Whether what was measured was the real thing: a full page, its variants and their stock."""
    connection = await Connection.open(server.port)
    nodes = json.loads(await connection.send(OPERATIONS[0]))["data"]["products"]["nodes"]
    connection.close()
    if len(nodes) != 24 or any(len(node["variants"]) != VARIANTS for node in nodes):
        raise RuntimeError("The listing that was measured is not the listing that was meant.")


def as_json(figures: dict[str, dict[str, Measured]]) -> dict[str, dict[str, dict[str, float]]]:
    """The figures for the report."""
    return {
        concurrency: {name: measured.as_json() for name, measured in by_name.items()}
        for concurrency, by_name in figures.items()
    }


def report_progress(line: str) -> None:
    """Progress, beside the report."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main()
