"""Keyset pagination of hand-written SQL: pages of one list, and pages of the lists of several parents at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column, Condition, Keyset
from domains.kernel.pagination.pages import Page, PageArgs, cut


def present_conditions(conditions: Mapping[str, Any]) -> list[Condition]:
    """The conditions of a filter that have a value; a value of None is no condition."""
    return [(condition, (value,)) for condition, value in conditions.items() if value is not None]


def conjunction(conditions: Iterable[Condition], values: list[Any]) -> str:
    """The conditions as ` and … and …`; their values are appended to `values`."""
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
    rows = await db.fetch(_page(keyset, select, source, conditions, values), *values)

    async def count() -> int:
        counted: list[Any] = [db.company_id]
        found: int = await db.fetch_value(f"select count(*) {source}{conjunction(conditions, counted)}", *counted)
        return found

    return cut(rows, keyset.args, keyset.cursor_of, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedList:
    """The list of the rows that belong to a parent, such as the reviews of a product.

    `select` and `source` are as in `fetch_list`; `parent` is the column with the parent's id. `order` is the name of
    the order by `columns`, of which the last is unique.
    """

    select: str
    source: str
    parent: str
    order: str
    columns: Sequence[Column]
    descending: bool = True


async def fetch_related(
    db: Reader, related: RelatedList, keys: Sequence[tuple[UUID, PageArgs]]
) -> list[Page[asyncpg.Record]]:
    """A page of the rows of each (parent, page arguments).

    One statement for all parents with the same arguments, and one more for the total counts of all. Raises as
    `Keyset.of`, and OutOfRange for more than MAX_PAGE rows.
    """
    parents: defaultdict[PageArgs, set[UUID]] = defaultdict(set)
    for parent_id, args in keys:
        parents[args].add(parent_id)
    counts = _Counts(db, related, sorted({parent_id for parent_id, _ in keys}))
    pages: dict[tuple[UUID, PageArgs], Page[asyncpg.Record]] = {}
    for args, ids in parents.items():
        keyset = Keyset.of(args, related.columns, order=related.order, descending=related.descending)
        rows = await _rows_by_parent(db, related, keyset, sorted(ids))
        for parent_id in ids:
            count = partial(counts.of, parent_id)
            pages[parent_id, args] = cut(rows.get(parent_id, ()), args, keyset.cursor_of, count)
    return [pages[key] for key in keys]


async def _rows_by_parent(
    db: Reader, related: RelatedList, keyset: Keyset, ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[asyncpg.Record]]:
    values: list[Any] = [db.company_id, ids]
    select, of_parent = f"{related.select}, parent.id as parent_id", (f"{related.parent} = parent.id", ())
    page = _page(keyset, select, related.source, [of_parent], values)
    rows: defaultdict[UUID, list[asyncpg.Record]] = defaultdict(list)
    sql = f"select related.* from unnest($2::uuid[]) as parent (id) cross join lateral ({page}) as related"
    for row in await db.fetch(sql, *values):
        rows[row["parent_id"]].append(row)
    return rows


def _page(keyset: Keyset, select: str, source: str, conditions: Sequence[Condition], values: list[Any]) -> str:
    """The rows of a page as SQL, in order; the values of the conditions are appended to `values`."""
    where = conjunction([*conditions, *keyset.beyond], values)
    columns = ", ".join(column.sql for column in keyset.columns)
    return f"select {select}, {columns} {source}{where} order by {keyset.order_by} limit {keyset.limit}"


class _Counts:
    """The lengths of the lists of several parents: one statement for all, when the first is needed."""

    def __init__(self, db: Reader, related: RelatedList, parent_ids: Sequence[UUID]) -> None:
        self._db = db
        self._related = related
        self._parent_ids = parent_ids
        self._counts: dict[UUID, int] | None = None
        self._lock = asyncio.Lock()

    async def of(self, parent_id: UUID) -> int:
        """The length of the list of a parent."""
        async with self._lock:
            if self._counts is None:
                parent = self._related.parent
                sql = f"select {parent}, count(*) {self._related.source} and {parent} = any($2) group by {parent}"
                rows = await self._db.fetch(sql, self._db.company_id, self._parent_ids)
                self._counts = {row[0]: row[1] for row in rows}
        return self._counts.get(parent_id, 0)
