"""The README is correct: its settings are complete, its diagram shows the floors, its make targets exist."""

import re
import tomllib

from gateway.settings import Settings
from tests.architecture.test_budgets import ROOT

README = (ROOT / "README.md").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_table_of_settings_names_every_setting() -> None:
    table = README.split("## Settings")[1].split("## In production")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == {name.upper() for name in Settings.model_fields}


def test_every_make_target_in_the_readme_exists() -> None:
    assert set(re.findall(r"`?make ([a-z-]+)", README)) <= TARGETS


def test_the_diagram_shows_the_floors_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (floors,) = [contract["layers"] for contract in contracts if contract["id"] == "floors"]
    picture = README.split("│ domains")[1].split("└")[0]
    drawn = [line.strip(" │").partition(":")[0] for line in picture.splitlines()]
    assert [floor for floor in drawn if floor] == [layer.replace(" | ", " · ") for layer in floors]
