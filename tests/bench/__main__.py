"""`make bench`: measures the gateway and its floors in the same run, as one JSON report on standard output.

Everything runs on this machine, on embedded databases in a temporary folder, and is stopped by its process id. What a
report has is chosen by `--only`, such as `--only listing,purchase`; the table of goals goes to standard error.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from gateway.server import STOPS
from tests.bench import cold, documents, events, growth, hits, import_rate, processes, reads
from tests.bench import purchase as purchases
from tests.bench.abuse import attacks, login_timing
from tests.bench.goals import table
from tests.bench.ledger import reports as ledger_reports
from tests.bench.live import connections as live
from tests.bench.notifications import lags
from tests.bench.operations import OPERATIONS
from tests.bench.processes import memory_of
from tests.bench.shops import Shop, opened
from tests.bench.turns import Report

SIZES: Final = (1_000, 100_000)
SECONDS: Final = 1.0
CACHE_MEGABYTES: Final = "64"
LONG: Final = 4  # times as long as a turn: what is measured once, and not by turns
CATALOGUE: Final = (*reads.READS, "purchase", "growth", "documents", "cold", "processes", "import")
OTHERS: Final = ("hits", "attacks", "guessing", "live", "events", "notifications", "ledger")
OF_EVERY_SHOP: Final = frozenset({*reads.READS, "purchase", "growth"})  # the others are of the smallest
PARTS: Final = (*CATALOGUE, *OTHERS)


@dataclass(frozen=True, slots=True)
class Options:
    """What to measure: the parts, the numbers of products, the seconds of a turn, and the folder of the databases.

    `notifications` is the number of those that wait while the lags of others are measured.
    """

    parts: frozenset[str]
    sizes: Sequence[int]
    seconds: float
    notifications: int
    home: Path | None = None

    @property
    def shops(self) -> Sequence[int]:
        """The sizes of the shops that the parts need."""
        return self.sizes if self.parts & OF_EVERY_SHOP else self.sizes[:1]


def main() -> None:
    """Run the benchmark, print its report and the table of its goals."""
    options = parsed()
    end_on_signals()
    with contextlib.ExitStack() as stack:
        folder = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commerce-bench-")))
        report = Bench(folder, options).run()
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    for title, part in [*((f"{size:,} products", report[str(size)]) for size in options.shops), ("growth", report)]:
        sys.stderr.writelines(f"{line}\n" for line in table(title, part))


def end_on_signals() -> None:
    """On SIGTERM or SIGINT end the servers and databases that were started; a second one changes nothing.

    `timeout` sends its signal twice, to the process and to its group.
    """

    def end(_number: int, _frame: object) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in STOPS:
        signal.signal(each, end)


def parsed() -> Options:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description="Measures the gateway against floors of the same run.")
    parser.add_argument("--only", type=_listed, default=PARTS, help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--products", type=_numbers, default=SIZES, help="how many products, of three variants each")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each turn lasts")
    parser.add_argument("--notifications", type=int, default=lags.NOTIFICATIONS, help="how many wait")
    parser.add_argument("--home", type=Path, help="a folder that keeps the databases for the next run")
    given = parser.parse_args()
    return Options(frozenset(given.only), given.products, given.seconds, given.notifications, given.home)


def _listed(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is not one of {', '.join(PARTS)}")
    return parts


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part.replace("_", "")) for part in text.split(",")))


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of the benchmark in a folder."""

    folder: Path
    options: Options

    def run(self) -> Report:
        """The whole report."""
        broker_url, redis_url = (os.environ.pop(name, None) for name in ("RABBITMQ_URL", "REDIS_URL"))
        os.environ.pop("DATABASE_URL", None)
        os.environ["MOCK_PAYMENTS"] = "true"
        started = time.perf_counter()
        with contextlib.ExitStack() as stack:
            shops = [stack.enter_context(opened(self.folder, size, report_progress)) for size in self.options.shops]
            report: Report = {str(shop.products): {} for shop in shops}
            if self.options.parts & OF_EVERY_SHOP:
                self._beside_each_other(shops, report)
            # With servers of their own, one after the other: without Redis a database has one server.
            self._alone(shops[0], report[str(shops[0].products)], redis_url)
            self._with_a_cache(shops[0], report)
            self._live(shops[0], report, broker_url)
            if "notifications" in self.options.parts:
                report_progress("e-mails of purchases beside those that wait")
                seconds, number = LONG * self.options.seconds, self.options.notifications
                report["notifications"] = uvloop.run(
                    lags.compare(shops[0], broker_url, seconds, number, report_progress)
                )
            if "ledger" in self.options.parts:
                report["ledger"] = uvloop.run(ledger_reports.compare(shops[0], report_progress))
        return {"cores": os.cpu_count(), "seconds": round(time.perf_counter() - started), **report}

    def _beside_each_other(self, shops: Sequence[Shop], report: Report) -> None:
        """What is measured on one server above each shop."""
        with contextlib.ExitStack() as stack:
            served = [(shop, stack.enter_context(shop.serving())) for shop in shops]
            floors = [stack.enter_context(shop.floor()) for shop in shops]
            for (shop, server), floor in zip(served, floors, strict=True):
                found = report[str(shop.products)]
                found["start"] = {
                    "seconds_to_first_answer": round(server.first_answer, 2),
                    "idle_mib": memory_of(server),
                }
                names = [name for name in reads.READS if name in self.options.parts]
                found["reads"] = uvloop.run(
                    reads.compare(shop, server, floor, names, self.options.seconds, report_progress)
                )
                if "purchase" in self.options.parts:
                    found["purchase"] = uvloop.run(
                        purchases.compare(shop, server, self.options.seconds, report_progress)
                    )
                found["start"]["loaded_mib"] = memory_of(server)
            if "growth" in self.options.parts and len(served) > 1:
                report["growth"] = uvloop.run(growth.compare(served, self.options.seconds, report_progress))

    def _with_a_cache(self, shop: Shop, report: Report) -> None:
        """Answers from the cache, and what abuse costs others and tells about accounts."""
        parts, seconds = self.options.parts, self.options.seconds
        if parts & {"hits", "attacks"}:
            with shop.serving({"ANSWER_CACHE": CACHE_MEGABYTES}) as server, shop.floor() as floor:
                if "hits" in parts:
                    report["hits"] = uvloop.run(hits.compare(server, floor, seconds, report_progress))
                if "attacks" in parts:
                    report_progress("a canary beside attacks")
                    report["canary"] = uvloop.run(attacks.compare(server.port, LONG * seconds))
        if "guessing" in parts:
            report_progress("how long guesses take")
            report["guessing"] = uvloop.run(login_timing.compare(shop.url))

    def _alone(self, shop: Shop, found: Report, redis_url: str | None) -> None:
        """What needs servers with other settings or fresh ones."""
        parts, seconds = self.options.parts, self.options.seconds
        if "documents" in parts:
            with shop.floor() as floor:
                found["unremembered"] = uvloop.run(documents.compare(shop, floor, seconds, report_progress))
        if "cold" in parts:
            found["cold"] = uvloop.run(cold.measure(shop, report_progress))
        if "processes" in parts:
            found["processes"] = uvloop.run(processes.compare(shop, redis_url, seconds, report_progress))
        if "import" in parts:
            found["import"] = uvloop.run(import_rate.compare(shop, report_progress))

    def _live(self, shop: Shop, report: Report, broker_url: str | None) -> None:
        """Subscriptions and events."""
        seconds = LONG * self.options.seconds
        if "live" in self.options.parts:
            report_progress(f"{live.IDLE:,} idle subscribers, and the lag from commit to client")
            report["live"] = live.compare(shop.url, shop.home, shop.environment, seconds, OPERATIONS["detail"])
        if "events" in self.options.parts:
            report_progress(f"events of purchases by {purchases.CLIENTS} clients")
            report["events"] = uvloop.run(
                events.compare(shop.url, shop.home, shop.environment, broker_url, LONG * seconds)
            )


def report_progress(line: str) -> None:
    """Progress, beside the report."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main()
