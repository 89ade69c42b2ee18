"""A statement uses only tables of its own domain; others are joined through fragments that their domains export."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from gateway.services import domains_of
from tests.architecture.test_budgets import ROOT, parsed, sources

# The fragments that a domain exports, and so what of its tables others may read.
FRAGMENTS = {
    "account": {"PAID_ORDERS"},
    "auth": {"CONFIRMED_MAILBOXES", "SEARCHED_USERS"},
    "catalog": {"PRODUCT_RATINGS"},
    "inventory": {"SELLABLE_UNITS"},
    "payment": {"ATTEMPTS", "ORDER_SUMS", "REFUNDED_UNITS"},
    "role": {"GRANTED_ROLES", "ROLES"},
}
FLOORS = ["kernel", *domains_of()]
MODEL = re.compile(r"/// @domain (\w+)\nmodel \w+ \{\n.*?@@map\(\"(\w+)\"\)", re.DOTALL)
NAMED = re.compile(r"\b(?:from|join|into|update|table)\s+(?:only\s+)?\"?([a-z_]+)\"?")


def owners() -> dict[str, str]:
    """The domain of each table."""
    return {table: domain for domain, table in MODEL.findall((ROOT / "schema.prisma").read_text())}


def statements(tree: ast.Module) -> Iterator[str]:
    """The texts of a module that are no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            yield node.value


def foreign_tables(domain: str) -> set[tuple[str, str]]:
    """The tables of other domains that statements of a domain name, each with its module."""
    tables = owners()
    return {
        (str(path), table)
        for path, text in sources()
        if path.parts[:2] == ("domains", domain)
        for statement in statements(parsed(text))
        for table in NAMED.findall(statement)
        if tables.get(table, domain) != domain and not _is_checked(path, tables[table])
    }


def _is_checked(path: Path, owner: str) -> bool:
    """Whether a rule of `commerce doctor` compares a domain with one below it, which is what such rules are for."""
    return path.name == "invariants.py" and FLOORS.index(owner) < FLOORS.index(path.parts[1])


def test_every_table_has_an_owner() -> None:
    assert len(owners()) == (ROOT / "schema.prisma").read_text().count("\nmodel ")


@pytest.mark.parametrize("domain", sorted(domains_of()))
def test_statements_use_tables_of_their_own_domain_only(domain: str) -> None:
    assert foreign_tables(domain) == set()


def test_the_exported_fragments_are_listed() -> None:
    exported = {}
    for path in (ROOT / "domains").glob("*/fragments.py"):
        module = import_module(f"domains.{path.parent.name}.fragments")
        exported[path.parent.name] = {name for name in vars(module) if name.isupper()}
    assert exported == FRAGMENTS


def test_a_foreign_table_is_found() -> None:
    tree = ast.parse(
        '"""Not from users."""\nSQL = f"select 1 from orders o join {X} x on true"\nMORE = "update users"'
    )
    assert sorted(NAMED.findall(text)[0] for text in statements(tree) if NAMED.search(text)) == ["orders", "users"]
    assert (owners()["orders"], owners()["users"]) == ("order", "auth")
