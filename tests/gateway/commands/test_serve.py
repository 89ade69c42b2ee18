"""The program `commerce` as a process: serve, worker, migrate, doctor, create-admin, demo."""

import json
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.commands.serve import DEMO_WARNING
from gateway.infra.postgres import connected
from gateway.server import SEND_BUFFER, PortTaken, allow_open_files, bind, listen_on
from gateway.settings import BadSettings, load
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
UNPRIVILEGED_USER = 65534


@pytest.fixture
def environment(admin_url: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return {**kept, "DATABASE_URL": admin_url, "COMMERCE_HOME": str(tmp_path), "PORT": str(free_port())}


def commerce(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Runs as another user than root, because root may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(UNPRIVILEGED_USER)
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def started(*arguments: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def get(environment: dict[str, str], path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}{path}", timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def ready_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = next((line for line in process.stdout if line.startswith("Serving")), None)
    assert line is not None, process.communicate()
    return line


def test_serve_prints_its_address_and_stops_on_a_signal(environment: dict[str, str]) -> None:
    with started("serve", environment=environment) as server:
        assert ready_line(server) == f"Serving on http://127.0.0.1:{environment['PORT']}/graphql (stop with Ctrl+C)\n"
        assert get(environment, "/healthz") == (200, {"status": "ok"})
        assert get(environment, "/readyz") == (
            200,
            {"status": "ready", "checks": {"database": "ok", "schema": "ok", "background": "ok"}},
        )
        server.send_signal(signal.SIGTERM)
        output, errors = server.communicate(timeout=20)
    assert (server.returncode, output) == (0, "")
    assert "Traceback" not in errors


def test_serve_stops_on_a_signal_when_its_log_cannot_be_written(environment: dict[str, str]) -> None:
    with started("serve", environment=environment) as server:
        ready_line(server)
        assert server.stderr is not None
        server.stderr.close()
        server.stderr = None
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) is not None


def test_the_embedded_database_starts_and_stops_with_the_server(environment: dict[str, str], tmp_path: Path) -> None:
    del environment["DATABASE_URL"]
    with started("serve", environment=environment) as server:
        ready_line(server)
        assert get(environment, "/readyz")[0] == 200
        assert (tmp_path / "postgres" / "postmaster.pid").exists()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)
    assert server.returncode == 0
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_worker_runs_until_it_is_stopped(environment: dict[str, str]) -> None:
    with started("worker", environment=environment) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Delivering events and mail, running jobs (stop with Ctrl+C)\n"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0


@pytest.mark.parametrize("option", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_port_in_use_is_refused_with_a_suggestion(environment: dict[str, str], option: int) -> None:
    environment |= {"WORKERS": "2", "REDIS_URL": "redis://127.0.0.1:1/0"}
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, option, 1)
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        result = commerce("serve", environment=environment)
    port = int(environment["PORT"])
    assert result.returncode == 2
    assert (
        result.stderr
        == f"127.0.0.1:{port} cannot be used (Address already in use). Choose another: PORT={port + 1}\n"
    )


def test_a_port_in_use_is_detected_before_any_change(environment: dict[str, str], tmp_path: Path) -> None:
    del environment["DATABASE_URL"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        result = commerce("serve", environment=environment)
    assert (result.returncode, result.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_port_of_the_metrics_in_use_is_refused_in_one_line(environment: dict[str, str], command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = commerce(command, environment=environment | {"METRICS_PORT": port})
    (line,) = result.stderr.splitlines()
    assert (result.returncode, line.partition(" (")[0]) == (2, f"Metrics cannot be served on 127.0.0.1:{port}")


def test_one_of_two_servers_started_on_one_port_serves(environment: dict[str, str]) -> None:
    first, second = bind("127.0.0.1", int(environment["PORT"])), bind("127.0.0.1", int(environment["PORT"]))
    with first, second:
        listen_on(first)
        with pytest.raises(PortTaken, match="cannot be used"):
            listen_on(second)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "doctor", "demo", "events list", "jobs list"])
def test_a_home_that_is_not_a_folder_is_refused_in_one_line(
    environment: dict[str, str], tmp_path: Path, command: str
) -> None:
    file = tmp_path / "home"
    file.write_text("")
    result = commerce(*command.split(), environment=environment | {"COMMERCE_HOME": str(file)})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"COMMERCE_HOME: {file} cannot be used as a folder (it is a file). "
        "Set COMMERCE_HOME to a folder that this user may write to.\n"
    )


def test_a_home_without_write_permission_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    tmp_path.chmod(0o755)
    with (
        unprivileged(),
        pytest.raises(BadSettings, match=r"home cannot be used as a folder \(Permission denied\)"),
    ):
        load({}, commerce_home=home).require_home()


def test_a_home_that_is_not_used_may_be_missing(environment: dict[str, str], tmp_path: Path) -> None:
    keys = f"a:{secrets.token_hex(32)}"
    settings = load({}, commerce_home=tmp_path / "new", database_url="postgresql://x", jwt_keys=keys, smtp_host="x")
    settings.require_home()
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_printed(environment: dict[str, str]) -> None:
    assert commerce("--version", environment=environment).stdout == f"commerce {version('commerce')}\n"


def test_a_connection_buffers_little_for_a_slow_client() -> None:
    with bind("127.0.0.1", 0, 12.5) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                buffer_size = accepted.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
                assert buffer_size <= 2 * SEND_BUFFER
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 12_500


@pytest.fixture
def few_files() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_limit_of_open_files_is_raised_for_the_connections(few_files: int) -> None:
    for needed in (700, 600):
        allow_open_files(needed)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (700, few_files)


def test_a_limit_of_open_files_that_cannot_be_raised_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (512, 600))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    raised: list[tuple[int, int]] = []
    with capture_logs() as lines:
        allow_open_files(700)
    assert raised == [(600, 600)]
    assert [(line["event"], line["needed"], line["allowed"]) for line in lines] == [("few open files", 700, 600)]


def test_an_invalid_setting_stops_the_start_with_its_name(environment: dict[str, str]) -> None:
    result = commerce("serve", environment=environment | {"COMMERCE_PROT": "1", "LOG_LEVEL": "loud"})
    assert result.returncode == 2
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == ["COMMERCE_PROT", "LOG_LEVEL:"]


def test_an_invalid_list_of_operations_stops_the_start_with_file_and_entry(
    environment: dict[str, str], tmp_path: Path
) -> None:
    good, bad, missing = (tmp_path / f"{name}.json" for name in ("good", "bad", "missing"))
    good.write_text(json.dumps({"a": "{ __typename }"}))
    bad.write_text(json.dumps({"a": "{ __typename }", "b": 7}))
    del environment["DATABASE_URL"]
    environment |= {"COMMERCE_HOME": str(tmp_path / "home")}
    for files, message in (
        ((good, bad), f"{bad}: Entry 'b': The text of the operation is missing.\n"),
        ((good, missing), f"{missing}: It cannot be read (No such file or directory). Name an existing file.\n"),
    ):
        listed = ", ".join(map(str, files))
        result = commerce("serve", environment=environment | {"OPERATIONS_FILES": listed})
        assert (result.returncode, result.stdout, result.stderr) == (2, "", message)
    assert list((tmp_path / "home").iterdir()) == []


def test_an_unreachable_database_stops_the_start_in_one_line(environment: dict[str, str]) -> None:
    url = f"postgresql://shop:secret@127.0.0.1:{free_port()}/shop"
    result = commerce("serve", environment=environment | {"DATABASE_URL": url})
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "does not answer" in result.stderr
    assert "secret" not in result.stderr


async def test_migrate_updates_an_empty_database_once(environment: dict[str, str], empty_database: str) -> None:
    environment["DATABASE_URL"] = empty_database
    first, second = (commerce("migrate", environment=environment) for _ in range(2))
    assert first.stdout.splitlines()[0] == "Applied 20261121000000_init"
    assert (second.returncode, second.stdout) == (0, "The database is up to date.\n")


def test_the_doctor_passes_a_valid_installation(environment: dict[str, str]) -> None:
    result = commerce("doctor", environment=environment)
    assert result.stdout.splitlines()[0] == "ok   Settings are good"
    assert "ok   Migrations are applied" in result.stdout
    assert result.stderr == ""


async def test_the_doctor_says_to_migrate_before_the_first_migration(
    environment: dict[str, str], empty_database: str
) -> None:
    result = commerce("doctor", environment=environment | {"DATABASE_URL": empty_database})
    assert result.returncode == 1
    assert "BAD  Migrations are applied\n       Run `commerce migrate`:" in result.stdout


def test_an_administrator_is_created_with_a_password_from_standard_input(environment: dict[str, str]) -> None:
    email = f"Root-{secrets.token_hex(4)}@example.com"
    command = [sys.executable, "-m", "gateway.cli", "create-admin", email, "--password-stdin"]
    answers = [
        subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False)
        for given in ("password1\n", "a kettle for the queen\n", "a kettle for the queen\n")
    ]
    assert [answer.returncode for answer in answers] == [2, 0, 2]
    assert answers[1].stdout == f"{email.lower()} can log in and is administrator of the whole platform.\n"
    assert answers[2].stderr.count("\n") == 1
    assert "kettle" not in "".join(answer.stdout + answer.stderr for answer in answers)


async def test_an_existing_account_is_promoted_and_keeps_its_password(
    environment: dict[str, str], empty_database: str
) -> None:
    environment["DATABASE_URL"] = empty_database
    made = commerce("migrate", environment=environment)
    assert made.returncode == 0
    command = [sys.executable, "-m", "gateway.cli", "create-admin"]

    def admin(*more: str, given: str = "") -> tuple[int, str]:
        run = [*command, *more, "--password-stdin"]
        done = subprocess.run(
            run, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    # Without a line on the standard input: each is refused before a password is asked for.
    assert admin("no address")[1].startswith("This is not an e-mail address")
    assert admin("a@example.com", "--promote") == (
        2,
        "a@example.com has no account. Omit --promote to create one.\n",
    )
    assert admin("a@example.com", "--company", "none") == (2, "There is no active company 'none'.\n")
    assert admin("a@example.com", "--company", "default", given="a kettle for the queen\n")[0] == 0
    advice = "a@example.com already has an account. Add --promote to give it the role; the password stays.\n"
    assert admin("a@example.com") == (2, advice)
    async with connected(empty_database) as connection:
        before = await connection.fetchval("select password_hash from users")
        assert admin("A@example.com", "--promote") == (
            0,
            "a@example.com can log in and is administrator of the whole platform.\n",
        )
        after = await connection.fetchrow("select password_hash, code from users u join roles r on r.id = u.role_id")
    assert tuple(after) == (before, "SUPER_ADMIN")


def test_the_demo_in_an_external_database_prints_a_warning(environment: dict[str, str]) -> None:
    environment["DATABASE_URL"] = f"postgresql://shop:secret@127.0.0.1:{free_port()}/shop"
    assert commerce("serve", environment=environment).stdout == ""
    assert commerce("serve", "--demo", environment=environment).stdout == f"{DEMO_WARNING}\n"


def test_help_names_every_command(environment: dict[str, str]) -> None:
    result = commerce("--help", environment=environment)
    for command in (
        "serve",
        "worker",
        "migrate",
        "doctor",
        "schema",
        "import",
        "export",
        "create-admin",
        "events",
        "jobs",
        "operations",
        "person",
    ):
        assert f"\n  {command} " in result.stdout


def test_the_schema_is_printed(environment: dict[str, str]) -> None:
    result = commerce("schema", environment=environment)
    assert "\ntype Query {" in result.stdout
