"""Statements that run alone or in the WITH clause of another one, and parts of which several domains make one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

PARAMETER: Final = re.compile(r"\$(\d+)")
AFTER: Final = "{after}"


class Statement(Protocol):
    """A statement that changes rows."""

    def sql(self, args: list[Any]) -> str:
        """The SQL text; its values are added to `args`."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """Hand-written SQL with a `{}` for each value, or `{0}`, `{1}`, … when one occurs twice."""

    text: str
    values: tuple[object, ...] = ()

    def sql(self, args: list[Any]) -> str:
        """The SQL text; its values are added to `args`."""
        return self.text.format(*(bind(args, value) for value in self.values))


def bind(args: list[Any], value: object) -> str:
    """Add a parameter and return its placeholder."""
    args.append(value)
    return f"${len(args)}"


def with_clause(statements: Sequence[Statement], args: list[Any]) -> str:
    """The WITH clause that adds these statements to another one; empty when there are none."""
    named = _ctes(statements, args)
    return f"WITH {', '.join(named)} " if named else ""


def _ctes(statements: Sequence[Statement], args: list[Any]) -> list[str]:
    return [f"w{number} AS ({statement.sql(args)})" for number, statement in enumerate(statements) if statement]


def combined(statements: Sequence[Statement], args: list[Any]) -> str:
    """One statement that runs all of these, in unspecified order; empty when there are none."""
    present = [statement for statement in statements if statement]
    if not present:
        return ""
    return with_clause(present[:-1], args) + present[-1].sql(args)


@dataclass(frozen=True, slots=True)
class Part:
    """CTEs that a domain contributes to a statement, with their values, which they number from $1.

    `result` is the CTE whose `columns` are returned, the first never null; `width` is their number, which one part of
    a statement may leave open. `locks` is the CTE that locks rows, if any: its condition `{after}` holds once all
    locks of earlier parts are granted. CTEs of a statement have different names.
    """

    ctes: str
    values: Sequence[object]
    result: str
    columns: str
    width: int | None
    locks: str | None = None


@dataclass(frozen=True, slots=True)
class PartRows:
    """The rows that a part returned, and the index of its first column in each."""

    rows: list[Any]
    start: int


def composed(parts: Sequence[Part], args: list[Any], alongside: Sequence[Statement] = ()) -> str:
    """One statement of several parts and of those `alongside`; `rows_of` finds the rows of each part."""
    ctes, columns, joins, after = _ctes(alongside, args), [], [], "true"
    for number, part in enumerate(parts):
        ctes.append(_numbered(part.ctes, len(args)).replace(AFTER, after))
        args.extend(part.values)
        columns.append(part.columns)
        joins.append(f"left join {part.result} on part.number = {number}")
        if part.locks:
            after = f"(select count(*) from {part.locks}) >= 0"
    numbers = ", ".join(f"({number})" for number in range(len(parts)))
    return (
        f"with {', '.join(ctes)} select part.number, {', '.join(columns)} "
        f"from (values {numbers}) as part (number) {' '.join(joins)}"
    )


def rows_of(parts: Sequence[Part], records: Sequence[Any]) -> list[PartRows]:
    """The rows of each part of a composed statement, in no order."""
    found, start = [], 1
    open_width = len(records[0]) - 1 - sum(part.width or 0 for part in parts) if records else 0
    for number, part in enumerate(parts):
        own = [record for record in records if record[0] == number and record[start] is not None]
        found.append(PartRows(own, start))
        start += open_width if part.width is None else part.width
    return found


@lru_cache(maxsize=256)
def _numbered(text: str, taken: int) -> str:
    """The text with its parameters numbered after those that are taken."""
    if not taken:
        return text
    return PARAMETER.sub(lambda match: f"${int(match[1]) + taken}", text)
