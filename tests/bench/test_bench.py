"""The benchmark itself, on a shop so small that every part runs within seconds."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import uvloop

from tests.bench import cold, documents, growth, import_rate, purchase, reads, turns
from tests.bench.cpu import children_of, postmaster_of
from tests.bench.goals import GOALS, Goal, table
from tests.bench.ledger import reports as ledger_reports
from tests.bench.notifications import lags
from tests.bench.shops import Shop, opened
from tests.bench.turns import Report
from tests.faults.processes import is_running

PRODUCTS = 400
SECONDS = 0.2


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The databases of these tests, which are filled once."""
    with TemporaryDirectory(prefix="commerce-bench-", ignore_cleanup_errors=True) as name:  # open to another user
        yield Path(name)


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    with opened(folder, PRODUCTS, print) as shop:
        yield shop


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "ROUNDS", 1)
    monkeypatch.setattr(cold, "STARTS", 1)
    monkeypatch.setattr(import_rate, "ROWS", 60)
    monkeypatch.setattr(reads, "CONCURRENCIES", (16,))
    monkeypatch.setattr(purchase, "CONCURRENCIES", (8,))
    for name in ("DATABASE_URL", "REDIS_URL", "RABBITMQ_URL"):
        monkeypatch.delenv(name, raising=False)


def test_every_part_that_has_goals_runs(shop: Shop) -> None:
    """All of them, but for several processes, which need a Redis."""
    with shop.serving() as server, shop.floor() as floor:
        report: Report = {
            "reads": uvloop.run(reads.compare(shop, server, floor, reads.READS, SECONDS, print)),
            "purchase": uvloop.run(purchase.compare(shop, server, SECONDS, print)),
            "growth": uvloop.run(growth.compare([(shop, server)], SECONDS, print)),
        }
    with shop.floor() as floor:
        report["unremembered"] = uvloop.run(documents.compare(shop, floor, SECONDS, print))
    report["cold"] = uvloop.run(cold.measure(shop, print))
    report["import"] = uvloop.run(import_rate.compare(shop, print))
    report["ledger"] = uvloop.run(ledger_reports.compare(shop, print, orders=30, days=3))
    report["notifications"] = uvloop.run(lags.compare(shop, None, SECONDS, 20, print))
    missing = [goal.name for goal in GOALS if not goal.figure(report) and "1 connection" not in goal.name]
    assert missing == ["two processes: times of one"]
    assert report["import"]["of_copy"] > 0
    assert (report["ledger"]["most_statements"], report["ledger"]["violations"]) == (1, 0)
    assert (report["notifications"]["NORMAL"]["emails"], report["notifications"]["normal"]["left"]) == (20, 0)


def test_a_signal_ends_what_the_benchmark_has_started(folder: Path) -> None:
    """Twice, as `timeout` sends it."""
    options = f"--only listing --products {PRODUCTS} --seconds 60 --home {folder}".split()
    command = [sys.executable, "-m", "tests.bench", *options]
    bench = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert bench.stderr is not None
    assert any("listing" in line for line in bench.stderr)
    started = [*children_of(bench.pid), postmaster_of(folder / str(PRODUCTS) / "postgres")]
    bench.send_signal(signal.SIGTERM)
    bench.send_signal(signal.SIGTERM)
    bench.communicate(timeout=30)
    assert len(started) == 3  # a gateway, the floors and PostgreSQL
    assert not any(map(is_running, started))


@pytest.mark.parametrize(
    ("is_least", "figure", "result"),
    [(False, 2.0, "pass"), (False, 2.1, "short"), (True, 2.1, "pass"), (True, 1.9, "short")],
)
def test_the_table_says_what_is_reached(
    monkeypatch: pytest.MonkeyPatch, *, is_least: bool, figure: float, result: str
) -> None:
    """At most, and at least."""
    monkeypatch.setattr("tests.bench.goals.GOALS", (Goal("a goal", ("part", "figure"), 2.0, is_least),))
    assert list(table("all", {"part": {"figure": figure}}))[1].endswith(result)
    assert len(list(table("none", {}))) == 1
