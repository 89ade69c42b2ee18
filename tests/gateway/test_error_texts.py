"""Texts of errors have no values that a database quotes, and no e-mail addresses."""

from typing import Any

import asyncpg
import pytest

from gateway.error_texts import text_of, traceback_of
from gateway.messaging.failures import failure_text

VALUE = "vera@example.com"
STATEMENTS: list[tuple[str, list[Any]]] = [
    ("create temporary table t (email text primary key); insert into t values ('x\nVera'), ('x\nVera')", []),
    ("select $1::text::integer", ["Vera Field"]),
    ("select $1::integer", ["Vera Field"]),
    ("select $1::text::timestamptz", ["Vera Field"]),
    ("select $1::text[]::integer[]", [["Vera Field"]]),
    ("select $1::integer[]", [["Vera Field"]]),
    ("select $1::text::jsonb", ['{"name": Vera}']),
]


async def error_of(pool: Any, sql: str, values: list[Any]) -> Exception:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as raised:
        await pool.execute(sql, *values)
    return raised.value


def traced(error: BaseException) -> str:
    return traceback_of((type(error), error, error.__traceback__))


@pytest.mark.parametrize(("sql", "values"), STATEMENTS)
async def test_errors_of_the_database_are_shown_without_values(owner: Any, sql: str, values: list[Any]) -> None:
    error = await error_of(owner, sql, values)
    assert "Vera" in f"{error} {getattr(error, 'detail', '')}"
    text, stored, shown = text_of(error), failure_text(error), traced(error)
    assert text
    assert not [each for each in (text, stored, shown) if "Vera" in each]
    assert shown.endswith(f"{type(error).__module__}.{type(error).__name__}: {text}")


async def test_causes_and_members_of_groups_are_shown_without_values(owner: Any) -> None:
    first, *others = [await error_of(owner, sql, values) for sql, values in STATEMENTS]
    outer = RuntimeError("outer")
    outer.__cause__ = ExceptionGroup("several", others)
    outer.__cause__.__context__ = first
    shown = traced(outer)
    assert "Vera" not in shown
    assert "UniqueViolationError" in shown
    assert shown.endswith("RuntimeError: outer")


def test_addresses_are_hidden_in_every_message() -> None:
    error = KeyError(f"{VALUE}, or a.b+c@mail.example.co.uk of {VALUE}")
    assert text_of(error) == "'…, or … of …'"
    assert "example" not in traced(error)
