"""Keyset pagination: every row is listed once in both directions, also with equal values of the sort column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.database import Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import PageArgs

NOWHERE = cast("Reader", None)


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    rank: int


class Shelf:
    """Rows in memory with the generated verbs of a table."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.asked = 0

    async def find_many(
        self,
        _db: Reader,
        /,
        *,
        where: Any,
        order_by: Sequence[Any],
        take: int,
        cursor: Any,
    ) -> list[Row]:
        self.asked += 1
        (direction,) = {way for term in order_by for way in term.values()}
        rows = sorted(self.rows, key=key, reverse=direction == "desc")
        if cursor is not None:
            here = (cursor["rank"], cursor["id"])
            rows = [row for row in rows if (key(row) < here if direction == "desc" else key(row) > here)]
        return rows[:take]

    async def count(self, _db: Reader, /, *, where: Any) -> int:
        return len(self.rows)


def key(row: Row) -> tuple[int, UUID]:
    return (row.rank, row.id)


rows = st.lists(st.builds(Row, id=st.uuids(), rank=st.integers(0, 3)), max_size=25, unique_by=lambda row: row.id)


@given(rows=rows, size=st.integers(1, 7), descending=st.booleans())
async def test_paginating_forward_returns_every_row_once_in_order(
    rows: list[Row], size: int, descending: bool
) -> None:
    shelf, sort, seen = Shelf(rows), Sort("rank", int).running(descending=descending), list[Row]()
    page = await fetch_page(shelf, NOWHERE, PageArgs(first=size), sort=sort)
    seen += page.items
    while page.has_next:
        page = await fetch_page(shelf, NOWHERE, PageArgs(first=size, after=page.cursors[-1]), sort=sort)
        seen += page.items
    assert seen == sorted(rows, key=key, reverse=descending)
    assert shelf.asked == max(1, -(-len(rows) // size))
    assert await page.count() == len(rows)


@given(rows=rows, size=st.integers(1, 7), descending=st.booleans())
async def test_paginating_backward_returns_every_row_once_in_the_same_order(
    rows: list[Row], size: int, descending: bool
) -> None:
    shelf, sort, seen = Shelf(rows), Sort("rank", int).running(descending=descending), list[Row]()
    page = await fetch_page(shelf, NOWHERE, PageArgs(last=size), sort=sort)
    seen = [*page.items, *seen]
    while page.has_previous:
        page = await fetch_page(shelf, NOWHERE, PageArgs(last=size, before=page.cursors[0]), sort=sort)
        seen = [*page.items, *seen]
    assert seen == sorted(rows, key=key, reverse=descending)


async def test_a_cursor_of_the_other_direction_is_refused() -> None:
    shelf = Shelf([Row(UUID(int=1), 1), Row(UUID(int=2), 2)])
    page = await fetch_page(shelf, NOWHERE, PageArgs(first=1), sort=Sort("rank", int))
    with pytest.raises(InvalidInput, match="another order"):
        await fetch_page(shelf, NOWHERE, PageArgs(after=page.cursors[0]), sort=Sort("rank", int, "desc"))
