"""Size budgets of files, folders, functions and constructors."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES = 400
FUNCTION_LINES = 50
DEPENDENCIES = 6
FOLDER_MODULES = 20


@cache
def sources() -> Sequence[tuple[Path, str]]:
    """The modules that are not generated, each with its text."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return [
        (Path(name), text)
        for name in listed
        if (ROOT / name).is_file() and "GENERATED" not in (text := (ROOT / name).read_text())[:400]
    ]


@cache
def parsed(text: str) -> ast.Module:
    """The tree of a module. The fixture `trees` forgets all of them."""
    return ast.parse(text)


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, text in sources():
        for node in ast.walk(parsed(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_a_file_has_at_most_400_lines() -> None:
    over = {str(path): lines for path, text in sources() if (lines := text.count("\n")) > FILE_LINES}
    assert over == {}


def test_a_folder_has_at_most_20_modules() -> None:
    folders = Counter(str(path.parent) for path, _ in sources() if path.name != "__init__.py")
    assert {folder: modules for folder, modules in folders.items() if modules > FOLDER_MODULES} == {}


def test_a_function_has_at_most_50_lines() -> None:
    over = {
        f"{path}:{node.name}": lines
        for path, node in functions()
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert over == {}


def test_a_constructor_has_at_most_6_dependencies() -> None:
    over = {
        f"{path}:{node.lineno}": count
        for path, node in functions()
        if node.name == "__init__" and (count := _arguments(node)) > DEPENDENCIES
    }
    assert over == {}


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs) - 1
