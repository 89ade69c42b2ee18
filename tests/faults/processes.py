"""`commerce` as real processes: a server or a worker that tests start, kill, freeze, stop and start again."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import httpx

from tests.conditions import wait_until
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_SHOWN = 6_000
# Loading those of the machine for a client takes longer than its request, which is plain HTTP.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# What the machine of the tests has set must not change what they start.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "RABBITMQ_URL", "FAIL_POINTS", "PORT")


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class DiedAtStart(Exception):
    """A process ended before it was ready, and not at a fail-point; the text has the end of its log."""


class Process:
    """One command of `commerce`. It can be started again after it died; its log continues in the same file."""

    ready_line = ""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", "gateway.cli", *command]
        inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self._environment = {**inherited, **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the process, which runs or has ended."""
        assert self._process is not None, "the process was not started"
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How the process ended (minus the number of a signal); None while it runs or was not started."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """The end of what the process and its predecessors wrote."""
        return self._log.read_text(errors="replace")[-LOG_SHOWN:] if self._log.exists() else ""

    async def start(self, *fail_points: str) -> None:
        """Start the process, with fail-points such as `relay.claimed:kill:1`, and wait until it is ready.

        One with fail-points may die before; another one must not. Raises DiedAtStart, TimeoutError.
        """
        assert not self.is_running, "the process runs already"
        armed = {"TESTING": "true", "FAIL_POINTS": ",".join(fail_points)} if fail_points else {}
        with self._log.open("ab") as log:
            start_of_log = log.tell()
            self._process = self._spawn(armed, log)
        await wait_until(lambda: not self.is_running or self._says_ready(start_of_log), START_SECONDS)
        if not self.is_running and not (fail_points and self.returncode == -signal.SIGKILL):
            raise DiedAtStart(f"{' '.join(self._command)} ended with {self.returncode}:\n{self.log}")

    def kill(self) -> None:
        """Kill the process at once (SIGKILL), whether it runs, is frozen or has ended, and wait for its end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def terminate(self) -> None:
        """Ask the process to stop (SIGTERM)."""
        self._signal(signal.SIGTERM)

    async def stop(self) -> int:
        """Ask the process to stop and wait for its end; the exit code. Raises TimeoutError."""
        self.terminate()
        return await self.ended(STOP_SECONDS)

    def freeze(self) -> None:
        """Stop the process from running until `thaw` (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process continue."""
        self._signal(signal.SIGCONT)

    async def ended(self, seconds: float = START_SECONDS) -> int:
        """Wait for the end of the process; the exit code, -9 when it was killed. Raises TimeoutError."""
        await wait_until(lambda: not self.is_running, seconds)
        assert self.returncode is not None, "the process was not started"
        return self.returncode

    def _says_ready(self, start_of_log: int) -> bool:
        return self.ready_line in self._log.read_bytes()[start_of_log:].decode(errors="replace")

    def _signal(self, number: signal.Signals) -> None:
        assert self.is_running, "the process does not run"
        os.kill(self.pid, number)

    def _spawn(self, armed: Mapping[str, str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._command,
            cwd=ROOT,
            env={**self._environment, **armed},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class Gateway(Process):
    """`commerce serve`. It keeps its port when it is started again."""

    ready_line = "Serving on "

    def __init__(self, environment: Mapping[str, str], log: Path, *, port: int | None = None) -> None:
        self.port = port or free_port()
        super().__init__(["serve"], {**environment, "PORT": str(self.port)}, log)

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    async def is_able(self) -> bool:
        """Whether the server says that it is able to serve."""
        async with httpx.AsyncClient(base_url=self.url, verify=NO_CERTIFICATES) as client:
            try:
                return (await client.get("/readyz")).status_code == httpx.codes.OK
            except httpx.HTTPError:
                return False


class Worker(Process):
    """`commerce worker`."""

    ready_line = "Delivering events"

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(["worker"], environment, log)


class Job(Process):
    """`commerce jobs run`, which ends by itself unless it is killed."""

    ready_line = "has run."

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(["jobs", "run", name], environment, log)


class Processes:
    """The processes of one test, with the same settings; `close` ends those that run."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = environment
        self._folder = folder
        self._made: list[Process] = []

    def gateway(self, **settings: str) -> Gateway:
        """A server that is not started yet, with further settings by their names in capitals."""
        made = Gateway({**self.environment, **settings}, self._log_of("gateway"))
        self._made.append(made)
        return made

    async def serving(self) -> list[Gateway]:
        """Two started servers for one database; one without Redis, through which they share their limits.

        A run at full size always has a Redis.
        """
        servers = [self.gateway() for _ in range(2 if "REDIS_URL" in self.environment else 1)]
        await asyncio.gather(*(server.start() for server in servers))
        return servers

    def worker(self, **settings: str) -> Worker:
        """A worker that is not started yet."""
        made = Worker({**self.environment, **settings}, self._log_of("worker"))
        self._made.append(made)
        return made

    def job(self, name: str) -> Job:
        """A run of a job that is not started yet."""
        made = Job(name, self.environment, self._log_of("job"))
        self._made.append(made)
        return made

    def close(self) -> None:
        """Kill what runs, and print the end of every log, which pytest shows when the test failed."""
        for each in self._made:
            each.kill()
            sys.stdout.write(f"---- {type(each).__name__}, ended with {each.returncode}\n{each.log}\n")

    def _log_of(self, kind: str) -> Path:
        return self._folder / f"{kind}-{len(self._made)}.log"
