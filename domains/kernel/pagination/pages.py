"""Pages of a list: Relay's page arguments, keyset cursors, and the page that is returned."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

import orjson

from domains.kernel.errors import CursorInvalid, InvalidInput, OutOfRange

T = TypeVar("T")
U = TypeVar("U")
MAX_PAGE = 100
DEFAULT_PAGE = 20
MAX_DIGITS = 100
MIN_TIME = datetime.min.replace(tzinfo=UTC)
MAX_TIME = datetime.max.replace(tzinfo=UTC)
_READ: dict[type, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, UUID: UUID, Decimal: Decimal}


@dataclass(frozen=True, slots=True)
class PageArgs:
    """The requested part of a list (GraphQL Cursor Connections: `first`/`after` or `last`/`before`)."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def backward(self) -> bool:
        """Whether the page is before a cursor or at the end of the list."""
        return self.last is not None

    @property
    def size(self) -> int:
        """The number of items. Raises InvalidInput for contradictory arguments, OutOfRange above MAX_PAGE."""
        if self.first is not None and self.last is not None:
            raise InvalidInput("Give either `first` or `last`, not both.", field=("first",))
        if self.after is not None and self.before is not None:
            raise InvalidInput("Give either `after` or `before`, not both.", field=("after",))
        name, size = ("last", self.last) if self.backward else ("first", self.first)
        size = DEFAULT_PAGE if size is None else size
        if not 0 <= size <= MAX_PAGE:
            raise OutOfRange(f"`{name}` must be between 0 and {MAX_PAGE}; it is {size}.", field=(name,))
        return size

    @property
    def cursor(self) -> str | None:
        """The cursor of the page, if one was given."""
        if self.backward and self.after is not None:
            raise InvalidInput("`last` goes with `before`, not with `after`.", field=("after",))
        if not self.backward and self.before is not None:
            raise InvalidInput("`before` goes with `last`.", field=("before",))
        return self.before if self.backward else self.after


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, with a cursor for each item; `count` counts the whole list when it is called."""

    items: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]

    def map(self, convert: Callable[[T], U]) -> "Page[U]":
        """The same page with each item converted."""
        return Page(
            [convert(item) for item in self.items], self.cursors, self.has_next, self.has_previous, self.count
        )

    def map_present(self, convert: Callable[[T], U | None]) -> "Page[U]":
        """The same page with each item converted, without those that are None."""
        converted = [convert(item) for item in self.items]
        present = [index for index, item in enumerate(converted) if item is not None]
        cursors = self.cursors if len(present) == len(converted) else [self.cursors[index] for index in present]
        items = [item for item in converted if item is not None]
        return Page(items, cursors, self.has_next, self.has_previous, self.count)


class Cursors(Sequence[str]):
    """The cursors of a page's rows, each encoded when it is read: most requests read the last one or none."""

    def __init__(self, rows: Sequence[T], cursor_of: Callable[[T], str]) -> None:
        self._rows = rows
        self._cursor_of: Callable[[Any], str] = cursor_of

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Cursors": ...
    def __getitem__(self, index: int | slice) -> "str | Cursors":
        if isinstance(index, slice):
            return Cursors(self._rows[index], self._cursor_of)
        return self._cursor_of(self._rows[index])


def cut(
    rows: Sequence[T],
    args: PageArgs,
    cursor_of: Callable[[T], str],
    count: Callable[[], Awaitable[int]],
) -> Page[T]:
    """The page from `size + 1` fetched rows in the order of the query (reversed for a backward page)."""
    size = args.size
    more = len(rows) > size
    kept = list(rows[:size])
    if args.backward:
        kept.reverse()
    came_from = args.cursor is not None
    return Page(
        items=kept,
        cursors=Cursors(kept, cursor_of),
        has_next=came_from if args.backward else more,
        has_previous=more if args.backward else came_from,
        count=count,
    )


def encode_cursor(order: str, values: Sequence[Any]) -> str:
    """A cursor: the name of the order and the sort values of one row, opaque to the client."""
    return base64.urlsafe_b64encode(orjson.dumps([order, *values], default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, order: str, kinds: Sequence[type]) -> list[Any]:
    """The sort values of a cursor made by `encode_cursor` for the same order, each of its kind.

    Raises CursorInvalid when the cursor is invalid or belongs to another order.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        made_for, *values = orjson.loads(base64.urlsafe_b64decode(padded))
        if made_for != order or len(values) != len(kinds):
            raise CursorInvalid("This cursor belongs to a list with another order.")
        return [_parse(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, binascii.Error, InvalidOperation) as error:
        raise CursorInvalid from error


def _parse(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if not isinstance(value, str if kind in _READ else kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    parsed = _READ[kind](value) if kind in _READ else value
    if not _storable(parsed):
        raise ValueError(f"no row holds {value!r}")
    return parsed


def _storable(value: Any) -> bool:
    """Whether PostgreSQL can compare a column with the value: a forged cursor must not cause a fault."""
    match value:
        case bool():
            return False
        case int():
            return -(2**63) <= value < 2**63
        case datetime():
            return value.tzinfo is not None and MIN_TIME < value < MAX_TIME
        case Decimal():
            return value.is_finite() and abs(value.adjusted()) < MAX_DIGITS
        case str():
            return "\x00" not in value
        case _:
            return True
