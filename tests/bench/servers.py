"""Starts the programs to measure, waits until they answer, and stops them by their process id."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, its process, and how long it took to its first answer (seconds)."""

    port: int
    pid: int
    first_answer: float

    def memory_mib(self) -> float:
        """Resident memory of the process, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]
        return int(kib) / 1024


@contextlib.contextmanager
def running(command: list[str], path: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server on a free port (`PORT` in its environment) until the block ends."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(process, port, path)
        yield Server(port, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def analyze(url: str) -> None:
    """Let PostgreSQL know its tables, as it does by itself soon after they were filled.

    Before that it plans for empty tables, and reads more and more of them while they fill.
    """
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("analyze")
    finally:
        await connection.close()


def _wait(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    deadline = time.perf_counter() + START_LIMIT
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode} before it answered.")
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection,
        ):
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                return
        time.sleep(0.01)
    raise RuntimeError(f"The server did not answer within {START_LIMIT:.0f} s.")
