"""The test harness: no connections to other machines, and a one-line error when the database does not answer."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Reader, Tx
from tests.databases import database_url, start_run
from tests.sockets import ForeignConnection

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("place", [("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0)])
def test_a_connection_to_another_machine_is_refused(place: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    with socket.socket(family) as attempt, pytest.raises(ForeignConnection):
        attempt.connect(place)


def test_host_names_of_other_machines_are_not_resolved() -> None:
    with pytest.raises(ForeignConnection):
        socket.create_connection(("shop.example", 443))


def test_a_connection_to_this_machine_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as made:
        assert made.getpeername() == server.getsockname()


def test_an_unreachable_database_url_ends_the_run_with_one_line() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"postgresql://x@127.0.0.1:{deaf.getsockname()[1]}/x"
        environment = {
            name: value for name, value in os.environ.items() if name not in {"TEST_SERVER_URL", "TEST_RUN"}
        }
        result = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/domains/kernel/text/test_text.py"],
            cwd=ROOT, env=environment | {"DATABASE_URL": url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    lines = (result.stdout + result.stderr).strip().splitlines()
    assert len(lines) == 1
    assert "does not answer" in lines[0]


def test_every_run_has_its_own_databases(admin_url: str) -> None:
    assert f"/commerce_test_{start_run()}" in admin_url
    assert database_url("postgresql://u@h:1/a?x=y", "b") == "postgresql://u@h:1/b?x=y"


async def test_the_two_companies_of_a_test_exist_and_differ(
    reader: Reader, company: UUID, other_company: UUID
) -> None:
    rows = await reader.fetch("select id from companies where id = any($1)", [company, other_company])
    assert len(rows) == 2


async def test_the_transaction_of_a_test_belongs_to_its_company(tx: Tx, company: UUID) -> None:
    assert tx.company_id == company
    assert await tx.fetch_value("select current_setting('app.company_id')") == str(company)


def test_the_fixed_clock_does_not_advance(clock: FixedClock) -> None:
    assert clock.now() == clock.now()
