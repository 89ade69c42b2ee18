"""What depends on the server is tested on the embedded PostgreSQL too, also where the whole run is on another."""

import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from typing import Final

import pytest

from tests.embedded import ROOT, SELECTED, is_selected

# What a module names whose outcome depends on the server: its start, the plans of statements, its catalogue.
OF_SERVER: Final = re.compile(
    r"EmbeddedPostgres\b|tests\.domains\.query_plans|\bmigrate\(|load_if_empty|\bpg_class\b"
)
# Those that need a database of their own, and no server in particular.
ELSEWHERE: Final = {"tests/domains/auth/test_members.py", "tests/gateway/http/test_readiness.py"}
FILES: Final = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name != "test_embedded.py"]


def test_what_names_the_server_runs_on_the_embedded_one() -> None:
    of_server = {path for path in FILES if OF_SERVER.search(path.read_text())}
    left = {path.relative_to(ROOT).as_posix() for path in of_server if not is_selected(path)}
    assert left == ELSEWHERE


@pytest.mark.parametrize("pattern", SELECTED)
def test_every_pattern_selects_tests(pattern: str) -> None:
    assert [path for path in FILES if fnmatch(path.relative_to(ROOT).as_posix(), pattern)]


def test_the_mark_selects_these_files_alone() -> None:
    named = ["tests/gateway/test_first_purchase.py", "tests/gateway/test_settings.py"]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-m", "embedded", *named]
    # A run of its own: at its end it drops the databases of its run.
    server = os.environ.get("TEST_SERVER_URL") or os.environ.get("DATABASE_URL", "")
    own = {name: value for name, value in os.environ.items() if name not in {"TEST_RUN", "TEST_SERVER_URL"}}
    own["DATABASE_URL"] = server
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True)
    listed = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in listed if line.startswith("tests/")] == named[:1]
