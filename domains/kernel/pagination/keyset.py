"""Keyset pagination of generated tables: one statement per page, ordered by the sort column and the id."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor
from domains.kernel.text.validation import NAME_LENGTH, searched_text

RowT = TypeVar("RowT")
Direction = Literal["asc", "desc"]
REVERSED: dict[Direction, Direction] = {"asc": "desc", "desc": "asc"}


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
class Sort:
    """The order of a list: one non-null column of this type, then the id."""

    column: str
    kind: type
    direction: Direction = "asc"

    @property
    def name(self) -> str:
        """The name of the order, which its cursors contain so that no other order accepts them."""
        return f"{self.column}:{self.direction}"

    def running(self, *, descending: bool) -> "Sort":
        """The same column, in this direction."""
        return replace(self, direction="desc" if descending else "asc")


def containing(search: str | None, columns: Iterable[str], *, most: int = NAME_LENGTH) -> dict[str, Any]:
    """The condition of a text search: one of the columns contains the text, case-insensitively.

    Null and an empty text give no condition. A text without a visible character gives a condition that no row meets.
    Raises TooLong and InvalidInput.
    """
    text = searched_text(search, most=most)
    if text is None:
        return {}
    return {"OR": [{column: {"contains": text, "mode": "insensitive"}} for column in columns] if text else []}


async def fetch_page(
    verbs: Verbs[RowT], db: Reader, args: PageArgs, *, sort: Sort, where: Mapping[str, Any] | None = None
) -> Page[RowT]:
    """One page of the rows that match; one statement, and one more for the total count.

    Raises InvalidInput for contradictory page arguments and for a cursor of another list.
    """
    direction = REVERSED[sort.direction] if args.backward else sort.direction
    cursor = None
    if args.cursor is not None:
        value, last_id = decode_cursor(args.cursor, sort.name, [sort.kind, UUID])
        cursor = {sort.column: value, "id": last_id}
    rows = await verbs.find_many(
        db, where=where, order_by=[{sort.column: direction}, {"id": direction}], take=args.size + 1, cursor=cursor
    )

    def cursor_of(row: Any) -> str:
        return encode_cursor(sort.name, [getattr(row, sort.column), row.id])

    async def count() -> int:
        return await verbs.count(db, where=where)

    return cut(rows, args, cursor_of, count)
