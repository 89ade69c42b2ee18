"""A small load generator: keep-alive connections that repeat one request and measure the responses."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import quantiles

import orjson

WARM_UP = 30
LEAST = 3  # requests on a connection, however long they take
NUMBER = b"0000000000"
NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, ready to be sent. A numbered one has another number in its variables each time."""

    name: str
    data: bytes
    is_numbered: bool = False

    def next(self) -> bytes:
        """What to send now."""
        return self.data.replace(NUMBER, b"%010d" % next(NUMBERS)) if self.is_numbered else self.data

    @classmethod
    def get(cls, name: str, path: str) -> "Request":
        """A GET request."""
        return cls(name, f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    @classmethod
    def graphql(
        cls,
        name: str,
        query: str,
        variables: dict[str, object] | None = None,
        *,
        client: str = "127.0.0.1",
        token: str | None = None,
        path: str = "/graphql",
        is_numbered: bool = False,
    ) -> "Request":
        """A GraphQL operation as a POST, from a network address for which a proxy vouches.

        Numbered requests differ in a variable that the operation does not use, so that no answer is in a cache.
        """
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        number = {"number": NUMBER.decode()} if is_numbered else {}
        body = orjson.dumps({"query": query, "variables": (variables or {}) | number})
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nX-Forwarded-For: {client}\r\n{authorization}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return cls(name, head.encode() + body, is_numbered)


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of one run of one request: requests a second, and the 50th and 99th percentile in milliseconds.

    `used` is by how much the figures of the measurement have risen meanwhile, such as CPU seconds.
    """

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    used: Sequence[float] = ()

    def as_json(self) -> dict[str, float]:
        """The figures, rounded for a reader."""
        return {
            "requests_per_second": round(self.requests_per_second, 1),
            "p50_ms": round(self.p50_ms, 2),
            "p99_ms": round(self.p99_ms, 2),
        }


class Connection:
    """One keep-alive connection to a server on this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Connect to 127.0.0.1."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))

    async def send(self, request: Request) -> bytes:
        """Send and read the whole answer; its body. Raises RuntimeError for anything but a 200 without errors."""
        head, body = await self.exchange(request)
        if not head.startswith(b"HTTP/1.1 200") or b'"errors":[{' in body[:2000]:
            raise RuntimeError(f"{request.name}: {head[:60]!r} {body[:500]!r}")
        return body

    async def exchange(self, request: Request) -> tuple[bytes, bytes]:
        """Send and read the whole answer, whatever its status: its head and body."""
        self._writer.write(request.next())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"
        )
        return head, await self._reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def measure(
    port: int, request: Request, *, concurrency: int, seconds: float, read: Callable[[], Sequence[float]] = tuple
) -> Measured:
    """Send a request over and over on so many connections for so long, after a warm-up.

    `read` returns figures that rise, such as CPU seconds.
    """
    connections = [await Connection.open(port) for _ in range(concurrency)]
    for connection in connections:
        for _ in range(max(WARM_UP // concurrency, 2)):
            await connection.send(request)
    before, start = read(), time.perf_counter()
    took = await asyncio.gather(*(_repeat(connection, request, start + seconds) for connection in connections))
    elapsed = time.perf_counter() - start
    used = [value - earlier for value, earlier in zip(read(), before, strict=True)]
    for connection in connections:
        connection.close()
    times = sorted(value for part in took for value in part)
    percentiles = quantiles(times, n=100, method="inclusive")
    return Measured(len(times) / elapsed, percentiles[49] * 1000, percentiles[98] * 1000, len(times), used)


async def _repeat(connection: Connection, request: Request, until: float) -> list[float]:
    times: list[float] = []
    now = time.perf_counter()
    while now < until or len(times) < LEAST:
        await connection.send(request)
        after = time.perf_counter()
        times.append(after - now)
        now = after
    return times
