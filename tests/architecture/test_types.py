"""The number of places where the type checker is overruled, which may fall and never grow."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.test_budgets import parsed, sources

MAX_CASTS = 15
MAX_IGNORES = 13


def casts(text: str) -> Iterator[int]:
    """The lines of calls of `cast`."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"cast", "typing.cast"}:
            yield node.lineno


def ignores(text: str) -> Iterator[int]:
    """The lines of comments that ignore an error of the type checker."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "type: ignore" in token.string:
            yield token.start[0]


@pytest.mark.parametrize(("find", "most"), [(casts, MAX_CASTS), (ignores, MAX_IGNORES)])
def test_the_type_checker_is_not_overruled_more_often(find: Callable[[str], Iterator[int]], most: int) -> None:
    places = [
        f"{path}:{line}" for path, text in sources() if path.parts[0] in ("domains", "gateway") for line in find(text)
    ]
    assert len(places) <= most, places


def test_casts_and_ignored_errors_are_found() -> None:
    text = """
x = cast("int", y)
z = typing.cast("int", y)  # type: ignore[misc] # why
a = "cast(b) # type: ignore[misc]"
"""
    assert list(casts(text)) == [2, 3]
    assert list(ignores(text)) == [3]
