"""Conventions that no linter checks: names, empty package files, module docstrings, unfinished work."""

import ast
import re
from pathlib import Path

from tests.architecture.test_budgets import parsed, sources

CODE = ("domains", "gateway")
UNWANTED_NAMES = re.compile(r"(Manager|Helper|Utils?|Impl)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
MUTED = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)")


def modules(*folders: str) -> dict[Path, ast.Module]:
    return {path: parsed(text) for path, text in sources() if path.parts[0] in (folders or CODE)}


def test_package_files_are_empty() -> None:
    full = [str(path) for path, text in sources() if path.name == "__init__.py" and text.strip()]
    assert full == []


def test_a_module_begins_with_a_docstring_of_its_content() -> None:
    silent = [
        str(path)
        for path, tree in modules("domains", "gateway", "tests").items()
        if path.name != "__init__.py" and path.parts[0] != "tests" and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_modules_are_named_by_nouns() -> None:
    """Words in -ing are allowed where the field uses them as nouns."""
    nouns = {"hashing", "listing", "loading", "locking", "ordering", "pricing", "provisioning", "shipping"}
    nouns |= {"sorting", "spelling", "timing"}
    verbs = [
        str(path) for path, _ in sources() if path.stem.endswith("ing") and path.stem.rpartition("_")[2] not in nouns
    ]
    assert verbs == []


def test_no_class_has_a_meaningless_name() -> None:
    vague = [
        f"{path}:{node.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and UNWANTED_NAMES.search(node.name)
    ]
    assert vague == []


def test_nothing_is_unfinished_or_suppressed_without_a_reason() -> None:
    here = Path("tests/architecture/test_conventions.py")
    left = [
        f"{path}:{number}"
        for path, text in sources()
        if path != here
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line) or MUTED.search(line)
    ]
    assert left == []


def test_every_test_asserts_something() -> None:
    empty = [
        f"{path}:{node.name}"
        for path, tree in modules("tests").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not any(isinstance(inner, ast.Assert) or _expects_an_error(inner) for inner in ast.walk(node))
    ]
    assert empty == []


def _expects_an_error(node: ast.AST) -> bool:
    return isinstance(node, ast.With | ast.AsyncWith) and any("raises" in ast.dump(item) for item in node.items)


def test_generated_data_and_sql_are_imported_by_their_own_domain_only() -> None:
    """`domains.X.data` and the SQL modules of `domains.X` are for `domains.X` alone."""
    trespassers = []
    for path, tree in modules("domains", "gateway").items():
        own = f"domains.{path.parts[1]}." if path.parts[0] == "domains" else "gateway."
        for node in ast.walk(tree):
            for name in _imported(node):
                private = re.fullmatch(r"domains\.\w+\.(\w+\.)?(data|\w*sql)(\..*)?", name)
                if private and not name.startswith(own):
                    trespassers.append(f"{path}:{name}")
    assert trespassers == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []
