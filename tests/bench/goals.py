"""The goals of the benchmark, and whether a report reaches them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.bench import growth
from tests.bench.notifications import lags

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of the report by its path, and its limit: at most, or with `is_least` at least."""

    name: str
    path: tuple[str, ...]
    limit: float
    is_least: bool = False

    def figure(self, report: Report) -> float | None:
        """The figure, or None when it was not measured."""
        found: Any = report
        for part in self.path:
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, float | int) else None

    def is_reached(self, figure: float) -> bool:
        """Whether the figure is within the limit."""
        return figure >= self.limit if self.is_least else figure <= self.limit


def _of_dicts(part: str, label: str, cpu: float, rate: float, reads: tuple[str, ...]) -> Iterator[Goal]:
    """The goals of reads against the floor of dicts, at one and at sixteen connections."""
    for read in reads:
        for connections in ("1", "16"):
            name, path = f"{read}{label}, {connections} connections", (part, read, connections, "of", "dicts")
            yield Goal(f"{name}: server's CPU of dicts", (*path, "server_cpu"), cpu)
            yield Goal(f"{name}: requests/s of dicts", (*path, "requests_per_second"), rate, is_least=True)


GOALS: Final = (
    *_of_dicts("reads", "", 1.5, 0.6, ("listing", "detail")),
    *_of_dicts("unremembered", ", none remembered", 2.0, 0.5, ("listing", "detail")),
    Goal(
        "search, 1 connection: CPU of a hand-written one", ("reads", "search", "1", "of", "dicts", "whole_cpu"), 2.5
    ),
    Goal(
        "search, 16 connections: CPU of a hand-written one",
        ("reads", "search", "16", "of", "dicts", "whole_cpu"),
        2.5,
    ),
    *(
        Goal(f"{name}: times at most products", ("growth", name, "times"), limit)
        for name, limit in growth.LIMITS.items()
    ),
    Goal("purchase: data statements", ("purchase", "data_statements", "whole"), 14),
    Goal("purchase, 8 clients: orders/s of the floor", ("purchase", "8", "of_floor", "orders_per_second"), 0.4, True),
    Goal("first eight purchases: times of later ones", ("cold", "first_of_later"), 2.5),
    Goal("import: new rows a second", ("import", "rows_per_second"), 3_000, True),
    Goal("ledger: statements of a report", ("ledger", "most_statements"), 4),
    Goal("ledger, revenue of a year: times of a query over the sums", ("ledger", "of_sums"), 3.0),
    Goal("ledger, revenue of a year: times of a query over the lines", ("ledger", "of_lines"), 0.1),
    *(
        Goal(
            f"notifications, {priority}: 99th percentile of the lag of {target:.0f} s",
            ("notifications", priority, "p99_of_target"),
            1.0,
        )
        for priority, target in lags.TARGETS.items()
    ),
    Goal("two processes: times of one", ("processes", "times_requests_per_second"), 1.7, True),
)


def table(title: str, report: Report) -> Iterator[str]:
    """The goals that were measured, a line each, with figure, limit and result."""
    yield f"{title:<62} {'found':>8} {'limit':>8}  result"
    for goal in GOALS:
        figure = goal.figure(report)
        if figure is not None:
            sign = "≥" if goal.is_least else "≤"
            result = "pass" if goal.is_reached(figure) else "short"
            yield f"{goal.name:<62} {figure:>8.2f} {sign} {goal.limit:>6.2f}  {result}"
