"""Create- and update-inputs as the column lists, values and assignments of INSERT and UPDATE."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from domains.kernel.clock import SystemClock
from domains.kernel.prisma.columns import Column, Default
from domains.kernel.prisma.conditions import COMPANY, Columns, bind, find_column
from domains.kernel.prisma.errors import MisuseError, TenantGiven, UnknownColumn, UnknownOperator, ValueMissing

CHANGES = {"increment": "+", "decrement": "-"}
NUMBERS = {"smallint", "integer", "bigint", "numeric", "double precision", "real"}


class Creation:
    """Makes whole rows of create-inputs.

    What the caller leaves out is filled in here and not by the database, so that one statement text serves every row
    of a table. Only columns whose default is the database's own (a sequence) stay out when they are not given.
    """

    def __init__(self, table: str, columns: Columns) -> None:
        self._table = table
        self._columns = columns
        self._own = {name for name, column in columns.items() if column.default is Default.DATABASE}

    def given(self, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
        """The columns to be written for these rows, in the table's order. Raises MisuseError when rows differ."""
        left_out = self._own - rows[0].keys()
        if any(self._own - row.keys() != left_out for row in rows):
            raise MisuseError(f"all rows created in {self._table} give {sorted(self._own)}, or none does")
        return [column for name, column in self._columns.items() if name not in left_out]

    def rows(
        self, columns: Sequence[Column], inputs: Sequence[Mapping[str, Any]], company: Any
    ) -> list[list[object]]:
        """The values of each row, in the order of the columns.

        Raises ValueMissing, TenantGiven and UnknownColumn.
        """
        now = SystemClock().now()
        makers: list[tuple[str, Callable[[], object] | None]] = [
            (column.name, (lambda: company) if column.name == COMPANY else column.filler(lambda: now))
            for column in columns
        ]
        return [self._row(makers, values) for values in inputs]

    def _row(
        self, makers: Sequence[tuple[str, Callable[[], object] | None]], values: Mapping[str, Any]
    ) -> list[object]:
        self._check(values)
        row: list[object] = []
        for name, make in makers:
            if name in values:
                row.append(values[name])
            elif make is None:
                raise ValueMissing(self._table, name)
            else:
                row.append(make())
        return row

    def _check(self, values: Mapping[str, Any]) -> None:
        if COMPANY in values:
            raise TenantGiven
        if not values.keys() <= self._columns.keys():
            raise UnknownColumn(next(name for name in values if name not in self._columns))


def insert_sql(table: str, columns: Sequence[Column], values: Sequence[object], args: list[Any]) -> str:
    """INSERT of one row, whose values are added to `args`."""
    names = ", ".join(column.sql for column in columns)
    places = ", ".join(_place(value, args) for value in values)
    return f'INSERT INTO "{table}" ({names}) VALUES ({places})'


def _place(value: object, args: list[Any]) -> str:
    if isinstance(value, Computed):
        return value.text.format(*(bind(args, each) for each in value.values))
    return bind(args, value)


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that the database works out while a row is created: SQL with a `{}` for each of the values."""

    text: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Insertion:
    """Rows that are to be inserted, by a statement of their own or by that of another verb."""

    table: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]

    def sql(self, args: list[Any]) -> str:
        """INSERT of all rows, whose values are added to `args`."""
        text = insert_many_sql(self.table, tuple(self.columns), len(args))
        args.extend(transposed(self.columns, self.rows))
        return text


def alongside_sql(insertions: Sequence[Insertion], args: list[Any]) -> str:
    """The WITH in front of a statement that inserts rows of other tables as well; empty when there are none."""
    parts = [f"w{number} AS ({each.sql(args)})" for number, each in enumerate(insertions) if each.rows]
    return f"WITH {', '.join(parts)} " if parts else ""


@lru_cache(maxsize=512)
def insert_many_sql(table: str, columns: tuple[Column, ...], taken: int = 0) -> str:
    """INSERT of any number of rows, a parameter for each column that holds the values of all rows.

    Values that are lists or JSON travel as text: PostgreSQL has no list of lists of unequal length, and asyncpg would
    take a JSON list for a dimension.
    """
    names = ", ".join(column.sql for column in columns)
    arrays = ", ".join(
        f"${number}::{'text' if _as_text(column) else column.sql_type}[]"
        for number, column in enumerate(columns, taken + 1)
    )
    picked = ", ".join(f"u.{column.sql}{_cast(column)}" for column in columns)
    return f'INSERT INTO "{table}" ({names}) SELECT {picked} FROM unnest({arrays}) AS u({names})'


def _as_text(column: Column) -> bool:
    return column.is_list or column.sql_type == "jsonb"


def _cast(column: Column) -> str:
    return f"::{column.sql_type}{'[]' if column.is_list else ''}" if _as_text(column) else ""


def transposed(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The rows' values, one list for each column, as `insert_many_sql` takes them."""
    return [
        [_literal(column, value) for value in values] if _as_text(column) else list(values)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]


def _literal(column: Column, value: Any) -> str | None:
    if value is None:
        return None
    return array_literal(value) if column.is_list else orjson.dumps(value, default=str).decode()


def array_literal(values: Sequence[object]) -> str:
    """A list as PostgreSQL's literal: `{"a","b"}` (PostgreSQL manual, §8.15.2 Array Value Input)."""
    return "{" + ",".join(_element(value) for value in values) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def assignments(columns: Columns, changes: Mapping[str, Any], args: list[Any], table: str) -> list[str]:
    """The SET list of an update-input; columns that every update touches are set to the present unless given.

    `{"increment": n}` and `{"decrement": n}` are computed by the database from the row's value of that moment.
    Raises TenantGiven, UnknownColumn and UnknownOperator.
    """
    found = [_assignment(find_column(columns, name), value, args, table) for name, value in changes.items()]
    found.extend(
        f"{column.sql} = {bind(args, SystemClock().now())}"
        for column in columns.values()
        if column.touched and column.name not in changes
    )
    return found


def _assignment(column: Column, value: Any, args: list[Any], table: str) -> str:
    if not isinstance(value, Mapping) or column.sql_type not in NUMBERS:
        return f"{column.sql} = {bind(args, value)}"
    operations = [(CHANGES.get(word), number) for word, number in value.items()]
    if len(operations) != 1 or operations[0][0] is None:
        raise UnknownOperator(column.name, dict(value))
    sign, number = operations[0]
    return f'{column.sql} = "{table}".{column.sql} {sign} {bind(args, number)}'
