"""The README is true: its settings are all there are, and what it says of the class diagram is in the code."""

import ast
import re

from gateway.settings import Settings
from tests.architecture.test_budgets import ROOT

README = (ROOT / "README.md").read_text()
SERVICES = {
    "AuthService",
    "RoleService",
    "CatalogService",
    "InventoryService",
    "CartService",
    "OrderService",
    "PromotionService",
    "ApiGateway",
}
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def test_the_table_of_settings_names_every_setting() -> None:
    table = README.split("## Settings")[1].split("## In production")[0]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == {name.upper() for name in Settings.model_fields}


def test_every_method_of_the_diagram_stands_where_the_table_says() -> None:
    rows = re.findall(r"^\| `(\w+)` ([a-z]\w+, .*?) \| `([\w/.]+)`: (.*?) \|$", README, re.MULTILINE)
    assert {row[0] for row in rows} == SERVICES
    for name, diagram, path, code in rows:
        (body,) = [
            node.body
            for node in ast.parse((ROOT / path).read_text()).body
            if isinstance(node, ast.ClassDef) and node.name == name
        ]
        methods = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        promised = re.findall(r"`(\w+)`", code)
        assert promised == [snake(method) for method in diagram.split(", ")]
        assert set(promised) <= methods, name


def test_every_path_it_names_exists() -> None:
    paths = set(re.findall(r"`((?:domains|gateway)/[\w/.]+)`", README))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_make_target_it_names_exists() -> None:
    assert set(re.findall(r"`?make ([a-z-]+)", README)) <= TARGETS
