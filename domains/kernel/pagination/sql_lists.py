"""Keyset pagination of hand-written SQL: conditions, a total order, and the page strictly after a cursor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import asyncpg

from domains.kernel.database import Reader
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor

Condition: TypeAlias = tuple[str, tuple[Any, ...]]
"""A condition with a `{}` for each of its values."""


@dataclass(frozen=True, slots=True)
class Column:
    """A non-null expression that a list is ordered by, and the type of its values."""

    sql: str
    kind: type


@dataclass(frozen=True, slots=True)
class Keyset:
    """One page of a list in a total order: the last column is unique."""

    name: str
    columns: Sequence[Column]
    args: PageArgs
    backwards: bool
    cursor: Sequence[Any] | None

    @classmethod
    def of(cls, args: PageArgs, columns: Sequence[Column], *, order: str, descending: bool) -> Self:
        """The page of these arguments; `order` names the order, so that a cursor of another list is refused.

        Raises InvalidInput for contradictory page arguments and for a cursor of another list.
        """
        name = f"{order}:{'desc' if descending else 'asc'}"
        kinds = [column.kind for column in columns]
        cursor = None if args.cursor is None else decode_cursor(args.cursor, name, kinds)
        return cls(name, columns, args, descending is not args.backward, cursor)

    @property
    def limit(self) -> int:
        """The number of rows to read: one more than the page, which shows whether there is a next page."""
        return self.args.size + 1

    @property
    def order_by(self) -> str:
        """The ORDER BY list, reversed for a page before a cursor."""
        direction = "desc" if self.backwards else "asc"
        return ", ".join(f"{column.sql} {direction}" for column in self.columns)

    @property
    def beyond(self) -> list[Condition]:
        """The condition that a row is strictly after the cursor; None without a cursor."""
        if self.cursor is None:
            return []
        names, marks = ", ".join(column.sql for column in self.columns), ", ".join("{}" for _ in self.columns)
        return [(f"({names}) {'<' if self.backwards else '>'} ({marks})", tuple(self.cursor))]

    def cursor_of(self, row: asyncpg.Record) -> str:
        """The cursor of a row, which ends with the columns of the order."""
        return encode_cursor(self.name, list(row.values())[-len(self.columns) :])


def present_conditions(conditions: Mapping[str, Any]) -> list[Condition]:
    """The conditions of a filter that have a value; a value of None is no condition."""
    return [(condition, (value,)) for condition, value in conditions.items() if value is not None]


def conjunction(conditions: Iterable[Condition], values: list[Any]) -> str:
    """The conditions as ` and … and …`; their values are appended to `args`."""
    made = ""
    for condition, own in conditions:
        values += own
        marks = (f"${place}" for place in range(len(values) - len(own) + 1, len(values) + 1))
        made += f" and {condition.format(*marks)}"
    return made


async def fetch_list(
    db: Reader, keyset: Keyset, *, select: str, source: str, conditions: Sequence[Condition]
) -> Page[asyncpg.Record]:
    """One page of rows; one statement, and one more for the total count.

    `source` is `from … where <alias>.company_id = $1`, with the company as its only value. The records end with the
    columns of the order.
    """
    values: list[Any] = [db.company_id]
    where = conjunction([*conditions, *keyset.beyond], values)
    columns = ", ".join(column.sql for column in keyset.columns)
    rows = await db.fetch(
        f"select {select}, {columns} {source}{where} order by {keyset.order_by} limit {keyset.limit}", *values
    )

    async def count() -> int:
        counted: list[Any] = [db.company_id]
        found: int = await db.fetch_value(f"select count(*) {source}{conjunction(conditions, counted)}", *counted)
        return found

    return cut(rows, keyset.args, keyset.cursor_of, count)
