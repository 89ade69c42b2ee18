"""Keyset pagination: the order, the cursors and the page of every list, and pages of generated tables.

Lists of hand-written SQL are in `sql_lists`; they have the same orders and cursors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, Self, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from domains.kernel.database import Reader
from domains.kernel.errors import CursorInvalid
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor
from domains.kernel.prisma.filters import StrFilter
from domains.kernel.text.validation import NAME_LENGTH, normalize_search

RowT = TypeVar("RowT")
Direction = Literal["asc", "desc"]
Condition: TypeAlias = tuple[str, tuple[Any, ...]]
"""A condition with a `{}` for each of its values."""


class Verbs(Protocol[RowT]):
    """The verbs of a generated table that a list uses."""

    async def find_many(
        self, db: Reader, /, *, where: Any, order_by: Sequence[Any], take: int, cursor: Any
    ) -> list[RowT]:
        """The rows that match, in order, strictly after the cursor."""
        ...

    async def count(self, db: Reader, /, *, where: Any) -> int:
        """How many rows match."""
        ...


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

        Raises InvalidInput for contradictory page arguments, CursorInvalid for a cursor of another list.
        """
        name = f"{order}:{'desc' if descending else 'asc'}"
        kinds = [column.kind for column in columns]
        cursor = None if args.cursor is None else decode_cursor(args.cursor, name, kinds)
        if cursor is not None and None in cursor:
            raise CursorInvalid
        return cls(name, columns, args, descending is not args.backward, cursor)

    @property
    def limit(self) -> int:
        """The number of rows to read: one more than the page, which shows whether there is a next page."""
        return self.args.size + 1

    @property
    def direction(self) -> Direction:
        """The direction in which the rows are read: the list's, reversed for a page before a cursor."""
        return "desc" if self.backwards else "asc"

    @property
    def order_by(self) -> str:
        """The ORDER BY list."""
        return ", ".join(f"{column.sql} {self.direction}" for column in self.columns)

    @property
    def beyond(self) -> list[Condition]:
        """The condition that a row is strictly after the cursor; empty without a cursor."""
        if self.cursor is None:
            return []
        names = ", ".join(column.sql for column in self.columns)
        # A forged integer may be larger than the column can hold.
        marks = ", ".join("{}::bigint" if column.kind is int else "{}" for column in self.columns)
        return [(f"({names}) {'<' if self.backwards else '>'} ({marks})", tuple(self.cursor))]

    def cursor_at(self, values: Sequence[Any]) -> str:
        """The cursor of a row with these values of the columns."""
        return encode_cursor(self.name, values)

    def cursor_of(self, row: asyncpg.Record) -> str:
        """The cursor of a row, which ends with the columns of the order."""
        return self.cursor_at(list(row.values())[-len(self.columns) :])


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: one non-null column of this type, then the id."""

    column: str
    kind: type
    direction: Direction = "asc"

    def running(self, *, descending: bool) -> "Sort":
        """The same column, in this direction."""
        return replace(self, direction="desc" if descending else "asc")

    def keyset(self, args: PageArgs) -> Keyset:
        """A page in this order. Raises as `Keyset.of`."""
        columns = (Column(self.column, self.kind), Column("id", UUID))
        return Keyset.of(args, columns, order=self.column, descending=self.direction == "desc")


def containing(search: str | None, *, max_length: int = NAME_LENGTH) -> StrFilter | None:
    """The filter of a column that a text search looks in: it contains the text, case-insensitively.

    Null and an empty text give no filter. A text without a visible character gives a filter that no row meets.
    Raises TooLong and InvalidInput.
    """
    text = normalize_search(search, max_length=max_length)
    if text is None:
        return None
    return {"contains": text, "mode": "insensitive"} if text else {"in": []}


async def fetch_page(
    verbs: Verbs[RowT], db: Reader, args: PageArgs, *, sort: Sort, where: Mapping[str, Any] | None = None
) -> Page[RowT]:
    """One page of the rows that match; one statement, and one more for the total count.

    Raises as `Keyset.of`, and OutOfRange for more than MAX_PAGE rows.
    """
    keyset = sort.keyset(args)
    names = [column.sql for column in keyset.columns]
    cursor = None if keyset.cursor is None else dict(zip(names, keyset.cursor, strict=True))
    order_by = [{name: keyset.direction} for name in names]
    rows = await verbs.find_many(db, where=where, order_by=order_by, take=keyset.limit, cursor=cursor)

    def cursor_of(row: Any) -> str:
        return keyset.cursor_at([getattr(row, name) for name in names])

    async def count() -> int:
        return await verbs.count(db, where=where)

    return cut(rows, args, cursor_of, count)
