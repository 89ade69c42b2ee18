"""The hooks before a commit run what `make check` runs, and the development container installs them."""

import json
import re
import shlex

import yaml

from tests.architecture.test_budgets import ROOT

HOOKS = [
    hook
    for repository in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in repository["hooks"]
]
# What only a hook says, and what only the whole run does: `.` and `--force-exclude` choose the files.
OF_FILES = {".", "--force-exclude"}


def test_the_hooks_run_what_make_check_runs() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    checks = [_words(line.strip().replace("$(BIN)", ".venv/bin")) for line in recipe[1].splitlines()]
    assert [_words(hook["entry"]) for hook in HOOKS] == checks


def test_every_hook_uses_the_environment_of_the_project() -> None:
    assert {hook["language"] for hook in HOOKS} == {"system"}
    assert {hook["entry"].split("/")[0] for hook in HOOKS} == {".venv"}


def test_the_development_container_installs_the_environment_and_the_hooks() -> None:
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text()
    container = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    assert container["postCreateCommand"] == "make .venv/dev && .venv/bin/pre-commit install"
    assert container["forwardPorts"] == [8000]


def _words(command: str) -> list[str]:
    return [word for word in shlex.split(command) if word not in OF_FILES]
