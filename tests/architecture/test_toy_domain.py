"""Adding a domain touches its own folders, a migration, the data model, the list of domains and the floors."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.test_budgets import ROOT
from tests.architecture.toy_domain import ADDED, CHANGED, IMPORT, SCRIPT

COPIED = ("domains", "gateway", "migrations", "pyproject.toml", "schema.prisma")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the code with the toy domain in it."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name, text in ADDED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    insert(tmp_path / "gateway/services.py", *IMPORT)
    for name, (before, lines) in CHANGED.items():
        insert(tmp_path / name, before, lines)
    return tmp_path


def insert(file: Path, before: str, lines: str) -> None:
    """Insert lines before one that stands in the file once."""
    text = file.read_text()
    assert text.count(before) == 1, f"{before!r} in {file}"
    file.write_text(text.replace(before, lines + before))


def run(project: Path, *command: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(project), "COMMERCE_HOME": str(project / "home")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_toy_domain_satisfies_the_import_contract(project: Path) -> None:
    linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    assert "4 kept, 0 broken" in run(project, "-c", linter)


def test_the_toy_domain_is_built_queried_and_receives_events(project: Path, empty_database: str) -> None:
    out = run(project, "-c", SCRIPT, empty_database).splitlines()
    assert out[-6:] == [
        "{'bookmarkAdd': {'errors': []}}",
        "{'bookmarkAdd': {'errors': [{'path': ['input', 'name']}]}}",
        "{'bookmarkCount': 1}",
        "['bookmark.added']",
        "['count bookmarks']",
        "['Every bookmark has a name']",
    ]
