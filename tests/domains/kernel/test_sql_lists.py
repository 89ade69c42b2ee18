"""Keyset pagination of hand-written SQL: every row is listed once in both directions; values are parameters."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.keyset import Column, Keyset
from domains.kernel.pagination.pages import Page, PageArgs, encode_cursor
from domains.kernel.pagination.sql_lists import (
    RelatedList,
    conjunction,
    fetch_list,
    fetch_related,
    present_conditions,
)

NAMES = ["lamp", "lamp", "mug", "mug", "mug", "rug"]
SOURCE = "from roles r where r.company_id = $1"
ORDER = (Column("r.name", str), Column("r.id", UUID))


@pytest.fixture
async def stocked(owner: Any, company: UUID) -> UUID:
    rows = [(new_id(), company, name, f"ROLE_{place}", place) for place, name in enumerate(NAMES)]
    await owner.executemany(
        "insert into roles (id, company_id, name, code, priority, updated_at) values ($1, $2, $3, $4, $5, now())",
        rows,
    )
    return company


async def page(
    database: Database, company: UUID, args: PageArgs, *, descending: bool = False, **only: Any
) -> Page[Any]:
    keyset = Keyset.of(args, ORDER, order="name", descending=descending)
    conditions = present_conditions({"r.priority >= {}": only.get("least"), "r.priority < {}": only.get("below")})
    return await fetch_list(
        database.reader(company), keyset, select="r.priority", source=SOURCE, conditions=conditions
    )


@pytest.mark.parametrize("descending", [False, True])
async def test_paginating_in_both_directions_returns_every_row_once(
    database: Database, stocked: UUID, *, descending: bool
) -> None:
    expected = sorted(range(6), reverse=descending)
    forth: list[int] = []
    after = None
    while True:
        found = await page(database, stocked, PageArgs(first=2, after=after), descending=descending)
        forth += [row["priority"] for row in found.items]
        if not found.has_next:
            break
        after = found.cursors[-1]
    assert forth == expected
    last = await page(database, stocked, PageArgs(last=2), descending=descending)
    before = await page(database, stocked, PageArgs(last=3, before=last.cursors[0]), descending=descending)
    assert [row["priority"] for row in (*before.items, *last.items)] == expected[1:]
    assert (before.has_previous, before.has_next) == (True, True)


async def test_a_filter_applies_to_the_page_and_the_count(database: Database, stocked: UUID) -> None:
    found = await page(database, stocked, PageArgs(first=1), least=1, below=4)
    assert [row["priority"] for row in found.items] == [1]
    assert await found.count() == 3


async def test_pages_of_several_parents_take_one_statement_and_their_counts_another(
    database: Database, stocked: UUID
) -> None:
    by_name = RelatedList(
        select="r.name",
        source=SOURCE,
        parent="md5(r.name)::uuid",
        order="priority",
        columns=(Column("r.priority", int), Column("r.id", UUID)),
    )
    lamps, mugs, none = (
        UUID(hashlib.md5(name, usedforsecurity=False).hexdigest()) for name in (b"lamp", b"mug", b"")
    )
    reader, newest, oldest = database.reader(stocked), PageArgs(first=2), PageArgs(last=1)

    with counting() as count:
        pages = await fetch_related(
            reader, by_name, [(mugs, newest), (none, newest), (lamps, newest), (mugs, newest)]
        )
    assert count.data == 1
    assert [[row["priority"] for row in page.items] for page in pages] == [[4, 3], [], [1, 0], [4, 3]]
    assert [page.has_next for page in pages] == [True, False, False, True]
    with counting() as count:
        assert [await page.count() for page in pages] == [3, 0, 2, 3]
    assert count.data == 1

    following = PageArgs(first=2, after=pages[0].cursors[-1])
    (rest, last) = await fetch_related(reader, by_name, [(mugs, following), (lamps, oldest)])
    assert [row["priority"] for row in (*rest.items, *last.items)] == [2, 0]
    assert (rest.has_previous, rest.has_next, last.has_previous) == (True, False, True)


def test_a_cursor_of_another_order_is_refused() -> None:
    made = Keyset.of(PageArgs(), ORDER, order="name", descending=False)
    cursor = made.cursor_of({"priority": 1, "name": "lamp", "id": new_id()})  # type: ignore[arg-type] # as a record
    assert Keyset.of(PageArgs(after=cursor), ORDER, order="name", descending=False).cursor is not None
    with pytest.raises(InvalidInput):
        Keyset.of(PageArgs(after=cursor), ORDER, order="name", descending=True)


def test_a_cursor_without_a_value_is_refused() -> None:
    cursor = encode_cursor("name:asc", [None, new_id()])
    with pytest.raises(InvalidInput):
        Keyset.of(PageArgs(after=cursor), ORDER, order="name", descending=False)


def test_values_are_parameters_in_the_order_of_the_conditions() -> None:
    values: list[Any] = ["company"]
    sql = conjunction([("a = {}", (1,)), ("b between {} and {}", (2, 3)), ("c", ())], values)
    assert (sql, values) == (" and a = $2 and b between $3 and $4 and c", ["company", 1, 2, 3])
