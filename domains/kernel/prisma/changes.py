"""Create and update inputs as the columns, values and assignments of INSERT and UPDATE."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain, count
from typing import Any, Final

import orjson

from domains.kernel.ids import new_id
from domains.kernel.prisma.columns import Column, Default
from domains.kernel.prisma.conditions import COMPANY, Columns, find_column
from domains.kernel.prisma.errors import MisuseError, TenantGiven, UnknownColumn, UnknownOperator, ValueMissing
from domains.kernel.prisma.statements import bind

CHANGE_OPERATORS = {"increment": "+", "decrement": "-"}
DEFAULT_FACTORIES: Final[Mapping[Default, Callable[[], object]]] = {Default.ID: new_id, Default.EMPTY: list}
FEW: Final = 4  # rows up to which VALUES is cheaper than arrays; each number of rows is another statement
NUMBERS = {"smallint", "integer", "bigint", "numeric", "double precision", "real"}


class Creation:
    """Builds complete rows from create inputs.

    Defaults are filled in here and not by the database, so that all rows of a table share one statement text. Only
    columns with a default of the database (a sequence) are omitted when they are not given.
    """

    def __init__(self, table: str, columns: Columns) -> None:
        self._table = table
        self._columns = columns
        self._all = list(columns.values())
        self._database_defaults = {name for name, column in columns.items() if column.default is Default.DATABASE}
        self._timed = [name for name, column in columns.items() if column.is_timed]
        defaults = {name: column.default for name, column in columns.items()}
        self._constants = {name: value for name, value in defaults.items() if not isinstance(value, Default)}
        self._generated = {
            name: DEFAULT_FACTORIES[default]
            for name, default in defaults.items()
            if isinstance(default, Default) and default in DEFAULT_FACTORIES
        }

    def columns_for(self, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
        """The columns to write for these rows, in the table's order. Raises MisuseError when rows differ."""
        if not self._database_defaults:
            return self._all
        omitted = self._database_defaults - rows[0].keys()
        if any(self._database_defaults - row.keys() != omitted for row in rows):
            raise MisuseError(
                f"either all rows created in {self._table} or none must give {sorted(self._database_defaults)}"
            )
        return [column for name, column in self._columns.items() if name not in omitted]

    def rows(
        self, columns: Sequence[Column], inputs: Sequence[Mapping[str, Any]], company: Any, now: datetime
    ) -> list[list[object]]:
        """The values of each row in the order of the columns; `now` is the default of timestamps.

        Raises ValueMissing, TenantGiven and UnknownColumn.
        """
        shared = {**self._constants, **dict.fromkeys(self._timed, now), COMPANY: company}
        return [self._row(columns, shared, values) for values in inputs]

    def _row(self, columns: Sequence[Column], shared: Mapping[str, Any], values: Mapping[str, Any]) -> list[object]:
        self._check(values)
        generated = {name: make() for name, make in self._generated.items() if name not in values}
        row = {**shared, **generated, **values}
        try:
            return [row[column.name] for column in columns]
        except KeyError as missing:
            raise ValueMissing(self._table, missing.args[0]) from None

    def _check(self, values: Mapping[str, Any]) -> None:
        if COMPANY in values:
            raise TenantGiven
        if not values.keys() <= self._columns.keys():
            raise UnknownColumn(next(name for name in values if name not in self._columns))


def insert_sql(table: str, columns: Sequence[Column], values: Sequence[object], args: list[Any]) -> str:
    """INSERT of one row; its values are added to `args`."""
    places = ", ".join(bind(args, value) for value in values)
    return f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({places})'


@lru_cache(maxsize=512)
def insert_few_sql(table: str, columns: tuple[Column, ...], rows: int, taken: int = 0) -> str:
    """INSERT of `rows` rows with a parameter for each value."""
    numbers = count(taken + 1)
    places = ", ".join(f"({', '.join(f'${next(numbers)}' for _ in columns)})" for _ in range(rows))
    return f'INSERT INTO "{table}" ({_names(columns)}) VALUES {places}'


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(column.sql for column in columns)


@dataclass(frozen=True, slots=True)
class Insertion:
    """Rows to insert, by a separate statement or in the WITH of another one."""

    table: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]

    def __len__(self) -> int:
        return len(self.rows)

    def sql(self, args: list[Any]) -> str:
        """INSERT of all rows; their values are added to `args`."""
        if len(self.rows) <= FEW:
            text = insert_few_sql(self.table, tuple(self.columns), len(self.rows), len(args))
            args.extend(chain.from_iterable(self.rows))
            return text
        text = insert_many_sql(self.table, tuple(self.columns), len(args))
        args.extend(transposed(self.columns, self.rows))
        return text


@dataclass(frozen=True, slots=True)
class Alteration:
    """Rows to update, by a separate statement or in the WITH of another one."""

    write: Callable[[list[Any]], str]

    def sql(self, args: list[Any]) -> str:
        """UPDATE of all rows that match; its values are added to `args`."""
        return self.write(args)


@lru_cache(maxsize=512)
def insert_many_sql(table: str, columns: tuple[Column, ...], taken: int = 0) -> str:
    """INSERT of any number of rows, with one array parameter for each column.

    Lists and JSON are passed as text: PostgreSQL has no arrays of arrays of unequal length, and asyncpg reads a JSON
    list as a dimension.
    """
    names = _names(columns)
    arrays = ", ".join(
        f"${number}::{'text' if _as_text(column) else column.sql_type}[]"
        for number, column in enumerate(columns, taken + 1)
    )
    selected = ", ".join(f"u.{column.sql}{_cast(column)}" for column in columns)
    return f'INSERT INTO "{table}" ({names}) SELECT {selected} FROM unnest({arrays}) AS u({names})'


def _as_text(column: Column) -> bool:
    return column.is_list or column.sql_type == "jsonb"


def _cast(column: Column) -> str:
    return f"::{column.sql_type}{'[]' if column.is_list else ''}" if _as_text(column) else ""


def transposed(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The values of the rows as one list for each column, the arguments of `insert_many_sql`."""
    return [
        [_literal(column, value) for value in values] if _as_text(column) else list(values)
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]


def _literal(column: Column, value: Any) -> str | None:
    if value is None:
        return None
    return array_literal(value) if column.is_list else orjson.dumps(value, default=str).decode()


def array_literal(values: Sequence[object]) -> str:
    """A list as an array literal: `{"a","b"}` (PostgreSQL manual, §8.15.2 Array Value Input)."""
    return "{" + ",".join(_element(value) for value in values) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def assignments(
    columns: Columns,
    timed: Sequence[Column],
    changes: Mapping[str, Any],
    args: list[Any],
    table: str,
    now: datetime,
) -> list[str]:
    """The SET list of an update input; the `@updatedAt` columns are `timed`, which are set to `now` unless given.

    The database computes `{"increment": n}` and `{"decrement": n}` from the current value of the row.
    Raises TenantGiven, UnknownColumn and UnknownOperator.
    """
    assigned = [_assignment(find_column(columns, name), value, args, table) for name, value in changes.items()]
    assigned.extend(f"{column.sql} = {bind(args, now)}" for column in timed if column.name not in changes)
    return assigned


def _assignment(column: Column, value: Any, args: list[Any], table: str) -> str:
    if column.sql_type not in NUMBERS or not isinstance(value, Mapping):
        return f"{column.sql} = {bind(args, value)}"
    operations = [(CHANGE_OPERATORS.get(word), number) for word, number in value.items()]
    if len(operations) != 1 or operations[0][0] is None:
        raise UnknownOperator(column.name, dict(value))
    sign, number = operations[0]
    return f'{column.sql} = "{table}".{column.sql} {sign} {bind(args, number)}'
