"""Measurements of several sides by turns, so that what else the machine does meets all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from tests.bench import cpu
from tests.bench.load import Measured, Request, measure

ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Side:
    """A request, the port and the process that answer it, and the main process of the PostgreSQL below."""

    request: Request
    port: int
    pid: int
    postmaster: int

    async def measure(self, concurrency: int, seconds: float) -> dict[str, float]:
        """One turn: requests a second, percentiles, and the CPU of both per request (milliseconds)."""

        def read() -> Sequence[float]:
            return cpu.seconds_of(self.pid), cpu.seconds_of(self.postmaster)

        measured = await measure(self.port, self.request, concurrency=concurrency, seconds=seconds, read=read)
        return {**measured.as_json(), **per_request(measured)}


def per_request(measured: Measured) -> dict[str, float]:
    """The CPU of the server and of PostgreSQL per request, in milliseconds."""
    server, postgres = (round(value * 1000 / measured.requests, 4) for value in measured.used)
    return {"server_cpu_ms": server, "postgres_cpu_ms": postgres}


async def measure_in_turns(
    sides: Mapping[str, Side], concurrency: int, seconds: float
) -> dict[str, dict[str, float]]:
    """The medians of the turns of each side."""
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            turns[name].append(await side.measure(concurrency, seconds))
    return {name: medians(each) for name, each in turns.items()}


def medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {figure: round(median(turn[figure] for turn in turns), 4) for figure in turns[0]}


def ratios(found: Mapping[str, float], beneath: Mapping[str, float]) -> dict[str, float]:
    """What one side is of another: the server's CPU, that with PostgreSQL's, and the rate."""
    return {
        "server_cpu": ratio(found["server_cpu_ms"], beneath["server_cpu_ms"]),
        "whole_cpu": ratio(whole(found), whole(beneath)),
        "requests_per_second": ratio(found["requests_per_second"], beneath["requests_per_second"]),
    }


def whole(figures: Mapping[str, float]) -> float:
    """The CPU of server and PostgreSQL together."""
    return figures["server_cpu_ms"] + figures["postgres_cpu_ms"]


def ratio(above: float, below: float) -> float:
    """A quotient for the report; 0 where there is none."""
    return round(above / below, 3) if below else 0.0


Report = dict[str, Any]
Progress = Callable[[str], None]
