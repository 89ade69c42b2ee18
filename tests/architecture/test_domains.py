"""The list of domains: declarations, floors and permissions."""

import ast
import tomllib
from pathlib import Path

from domains.kernel.permissions import PermissionResource
from gateway.services import domains_of
from tests.architecture.test_budgets import ROOT, parsed, sources

LISTED = domains_of()


def test_every_folder_is_a_listed_domain_with_a_declaration_and_a_service() -> None:
    folders = {path.name for path in (ROOT / "domains").iterdir() if (path / "__init__.py").is_file()} - {"kernel"}
    assert folders == LISTED.keys()
    assert [name for name in sorted(folders) if not (ROOT / "domains" / name / "service.py").is_file()] == []


def test_every_domain_has_a_floor_in_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(each["layers"] for each in contracts if each["id"] == "floors")
    placed = [name.strip() for floor in floors for name in floor.split("|")]
    assert sorted(placed) == sorted([*LISTED, "kernel"])


def test_the_list_of_domains_is_in_the_order_of_imports() -> None:
    """A domain is built after those that it imports."""
    order = list(LISTED)
    backwards = [
        f"{path}: {other}"
        for path, text in sources()
        if path.parts[0] == "domains" and path.parts[1] in LISTED
        for other in _domains_imported(text)
        if other in LISTED and order.index(other) > order.index(path.parts[1]) and path.name != "domain.py"
    ]
    assert backwards == []


def _domains_imported(text: str) -> set[str]:
    modules = {node.module for node in ast.walk(parsed(text)) if isinstance(node, ast.ImportFrom) and node.module}
    return {Path(module.replace(".", "/")).parts[1] for module in modules if module.startswith("domains.")}


def test_every_resource_belongs_to_one_domain() -> None:
    claimed = [resource for domain in LISTED.values() for resource in domain.permissions]
    assert sorted(claimed) == sorted(PermissionResource)


def test_no_two_invariants_have_the_same_rule() -> None:
    rules = [rule.rule for domain in LISTED.values() for rule in domain.invariants]
    assert len(rules) == len(set(rules))
