"""Servers of the tests' own, which they may kill, freeze and start again: PostgreSQL, RabbitMQ and Redis."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.infra import embedded_postgres
from tests.conditions import wait_until
from tests.ports import free_port

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0
SYNC_SECONDS: Final = 6.0  # RabbitMQ writes them at least every five
SYSTEM_USER: Final = "pgserver"  # PostgreSQL and PgBouncer refuse to run as root; the wheel's server has this user
RABBITMQ: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
psutil: Any = import_module("psutil")


Server = TypeVar("Server", bound="OwnServer")


class NotAvailable(Exception):
    """A program is not installed; the text says which."""


class OwnServer:
    """A server process with its children. It can be started again after its end; its log continues in one file."""

    ready_line = ""
    """What it writes to its log when clients can use it."""
    stop_signal = signal.SIGTERM

    def __init__(self, command: Sequence[str | Path], log: Path, *, user: str | None = None) -> None:
        self._command = command
        self._log = log
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-6000:] if self._log.exists() else ""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the server."""
        return os.environ

    async def start(self) -> None:
        """Start the server and wait until clients can use it. Raises RuntimeError with the log when it ends."""
        with self._log.open("ab") as log:
            start_of_log = log.tell()
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it is quick
                [str(part) for part in self._command],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                start_new_session=True,
            )
        await wait_until(lambda: self._is_ready(start_of_log), START_SECONDS)

    async def stop(self) -> None:
        """Stop the server in its own way, also when it is frozen, and wait until it has ended."""
        if self._process is None or self._process.poll() is not None:
            return
        self.thaw()
        self._process.send_signal(self.stop_signal)
        try:
            await wait_until(lambda: self._process is None or self._process.poll() is not None, STOP_SECONDS)
        except TimeoutError:
            self.kill()

    def kill(self) -> None:
        """End the server and its children at once (SIGKILL), as a failing machine does."""
        children = self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)
        psutil.wait_procs(children, STOP_SECONDS)

    def freeze(self) -> None:
        """Let the server and its children neither run nor answer; their connections stay open (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server continue."""
        self._signal(signal.SIGCONT)

    async def heal(self) -> None:
        """Let the server run, whatever was done to it."""
        if self._process is None or self._process.poll() is not None:
            await self.start()
        else:
            self.thaw()

    def _signal(self, number: signal.Signals) -> Sequence[Any]:
        """Send a signal to the server and its children, the server first, so that it starts and replaces none."""
        if self._process is None or self._process.poll() is not None:
            return []
        root = psutil.Process(self._process.pid)
        children: list[Any] = root.children(recursive=True)
        for each in (root, *children):
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)
        return children

    def _is_ready(self, start_of_log: int) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"{self._command[0]} ended with {self._process.returncode}:\n{self.log}")
        return self.ready_line in self._log.read_bytes()[start_of_log:].decode(errors="replace")


class PostgresServer(OwnServer):
    """A cluster of the wheel's PostgreSQL on a TCP port, with every guarantee of durability."""

    ready_line = "ready to accept connections"
    stop_signal = signal.SIGINT  # the fast shutdown: clients are disconnected

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "32MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        super().__init__([programs / "postgres", "-D", folder / "data", *options], folder / "log", user=user)

    @property
    def url(self) -> str:
        """The URL of its database `postgres`."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


class RabbitMQServer(OwnServer):
    """A node of its own name, folder and ports, next to whatever else runs on this machine."""

    ready_line = "completed with 0 plugins"

    def __init__(self, folder: Path, epmd_port: int) -> None:
        self.port = free_port()
        self._folder = folder
        self._epmd_port = epmd_port
        (folder / "rabbitmq.conf").write_text(f"listeners.tcp.local = 127.0.0.1:{self.port}\n")
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "rabbitmq-env.conf").write_text("")
        super().__init__([RABBITMQ], folder / "log")

    @property
    def url(self) -> str:
        """The URL of its default virtual host."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing of the node that the machine may have."""
        folder = self._folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        return inherited | {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"faults-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "logs"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
        }

    async def settled(self) -> None:
        """Wait until the queues survive a kill. RabbitMQ writes its tables of quorum queues some seconds after their
        declaration; when it is killed before, they have no leader ever after.
        """
        tables = [file for name in ("names", "meta") for file in self._folder.glob(f"mnesia/*/quorum/*/{name}.dets")]
        assert len(tables) == 2, tables
        await wait_until(lambda: max(file.stat().st_mtime for file in tables) < time.time() - SYNC_SECONDS)


class RedisServer(OwnServer):
    """A Redis, without persistence unless its options say otherwise."""

    ready_line = "Ready to accept connections"

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        settings = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder)]
        super().__init__([program, *settings, *options], folder / "log")

    @classmethod
    def installed(cls, folder: Path, *options: str) -> "RedisServer":
        """A server of the program on this machine. Raises NotAvailable."""
        if (program := shutil.which("redis-server")) is None:
            raise NotAvailable("redis-server is not installed")
        return cls(program, folder, *options)

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"


@asynccontextmanager
async def postgres_server() -> AsyncIterator[PostgresServer]:
    """A running PostgreSQL with an empty cluster."""
    library = embedded_postgres._library()
    programs: Path = library.POSTGRES_VERSIONS[max(library.POSTGRES_VERSIONS)]
    if user := system_user():
        library.ensure_prefix_permissions(programs / "postgres")
    with folder_of(user) as folder:
        await asyncio.to_thread(_initialize, programs, folder, user)
        async with running(PostgresServer(programs, folder, user)) as server:
            yield server


@asynccontextmanager
async def rabbitmq_server() -> AsyncIterator[RabbitMQServer]:
    """A running RabbitMQ without queues, with an `epmd` (Erlang's table of nodes) of its own. Raises NotAvailable."""
    if not RABBITMQ.exists():
        raise NotAvailable("rabbitmq-server is not installed")
    with folder_of(None) as folder:
        port = free_port()
        epmd = subprocess.Popen(  # noqa: ASYNC220 - it is quick
            ["epmd", "-port", str(port), "-address", "127.0.0.1"], stdout=subprocess.DEVNULL
        )
        try:
            async with running(RabbitMQServer(folder, port)) as server:
                yield server
        finally:
            epmd.kill()
            epmd.wait()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running Redis without keys, for whoever runs no event loop. Raises NotAvailable."""
    with folder_of(None) as folder:
        server = RedisServer.installed(folder)
        try:
            asyncio.run(server.start())
            yield server
        finally:
            server.kill()


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    """Start a server and end it with the block."""
    try:
        await server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def folder_of(user: str | None) -> Iterator[Path]:
    """A folder that a user may reach and write to, which the folders of pytest are not; deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="commerce-faults-", ignore_cleanup_errors=True) as name:
        if user is not None:
            shutil.chown(name, user)
        yield Path(name)


def system_user() -> str | None:
    """The user of servers that refuse to run as root, which is created once; None when this is not root."""
    if os.geteuid() != 0:
        return None
    embedded_postgres._library().ensure_user_exists(SYSTEM_USER)
    return SYSTEM_USER


def _initialize(programs: Path, folder: Path, user: str | None) -> None:
    options = ["-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust"]
    subprocess.run([programs / "initdb", "-D", folder / "data", *options], check=True, capture_output=True, user=user)
