"""A test that hangs fails: its process ends, names it, and shows where it hangs."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.time_limits import limit

ROOT: Final = Path(__file__).parents[1]
HANG: Final = "await asyncio.Event().wait()"
IN_TEST: Final = f"import asyncio\nasync def test_hangs():\n    {HANG}\n"
IN_FIXTURE: Final = f"""import asyncio, pytest
@pytest.fixture(scope="%s")
async def hanging():
    yield
    {HANG}
async def test_hangs(hanging):
    pass
"""
AT_END: Final = """import threading
from tests import time_limits
def pytest_configure(config):
    if hasattr(config, "workerinput"):
        time_limits.END_SECONDS = 1
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        threading.Event().wait()
"""


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the tests of a folder with the settings of the project, but for a limit of a second."""
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "tests.time_limits"]
    command = [sys.executable, "-m", "pytest", *options, "--timeout", "1", "-n", "1", "--dist", "loadfile"]
    return subprocess.run([*command, folder], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("source", [IN_TEST, IN_FIXTURE % "function", IN_FIXTURE % "session"])
def test_a_test_that_hangs_is_named_with_the_line_and_ends_the_run(source: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(source)
    ended = run(tmp_path)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "crashed while running 'test_it.py::test_hangs'" in ended.stdout
    assert "test_it.py::test_hangs takes longer than 1 second" in ended.stderr
    assert HANG in ended.stderr


def test_a_process_that_hangs_after_its_last_test_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(AT_END)
    (tmp_path / "test_it.py").write_text("def test_passes():\n    pass\n")
    ended = run(tmp_path)
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 passed" in ended.stdout
    assert "in pytest_sessionfinish" in ended.stderr


@pytest.mark.parametrize(
    ("markers", "usual", "full"),
    [
        (set(), None, None),
        ({"redis"}, None, None),
        ({"faults"}, 900, 3600),
        ({"faults", "redis"}, 900, 3600),
        ({"clients"}, 600, 3600),
        ({"faults", "sample"}, None, 3600),
    ],
)
def test_tests_that_are_long_on_purpose_have_more_time(
    markers: set[str], usual: int | None, full: int | None
) -> None:
    assert [limit(markers, is_full=is_full) for is_full in (False, True)] == [usual, full]
