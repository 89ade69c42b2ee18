"""find_unique, update, update_many, delete, and operations that the database computes."""

import asyncio
from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import NotFound
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.errors import LockOutsideTransaction, MisuseError, RecordNotFound, UnknownOperator
from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.sample.data import Material
from tests.domains.kernel.prisma.widgets import VALUES, amounts, inputs, value_of

CHANGEABLE = sorted(set(VALUES) - {"id"})


async def make(tx: Tx, slug: str = "a", **values: Any) -> data.WidgetRow:
    row: Any = {"slug": slug, "name": slug, **values}
    return await data.widget.create(tx, row)


@settings(max_examples=60, deadline=None)
@given(row=inputs(), change=st.fixed_dictionaries({}, optional={name: value_of(name) for name in CHANGEABLE}))
async def test_an_update_changes_only_the_named_columns(samples: Database, row: Any, change: Any) -> None:
    async with samples.transaction(Actor.system(new_id())) as tx:
        before = await data.widget.create(tx, row)
        after = await data.widget.update(tx, id=before.id, data=change)
        for name in before.__slots__:
            if name in change:
                assert getattr(after, name) == change[name], name
            elif name == "updated_at":
                assert (after.updated_at != before.updated_at) == bool(change)
            else:
                assert getattr(after, name) == getattr(before, name), name
        assert await data.widget.find_unique(tx, id=before.id) == after


@settings(max_examples=40, deadline=None)
@given(start=amounts, steps=st.lists(st.tuples(st.sampled_from(["increment", "decrement"]), amounts), max_size=5))
async def test_increments_and_decrements_are_exact(
    samples: Database, start: Decimal, steps: list[tuple[str, Decimal]]
) -> None:
    async with samples.transaction(Actor.system(new_id())) as tx:
        row = await make(tx, price=start)
        for word, amount in steps:
            change: Any = {"price": {word: amount}}
            row = await data.widget.update(tx, id=row.id, data=change)
        assert row.price == start + sum(amount if word == "increment" else -amount for word, amount in steps)


async def test_parallel_increments_are_all_counted(samples: Database, ours: UUID) -> None:
    async with samples.transaction(Actor.system(ours)) as tx:
        widget = await make(tx)

    async def view() -> None:
        async with samples.transaction(Actor.system(ours)) as tx:
            await data.widget.update(tx, id=widget.id, data={"views": {"increment": 1}, "stock": {"decrement": 2}})

    await asyncio.gather(*(view() for _ in range(10)))
    row = await data.widget.find_unique(samples.reader(ours), slug="a")
    assert row is not None
    assert (row.views, row.stock) == (10, -20)


async def test_an_unknown_operation_of_an_update_is_refused(tx: Tx) -> None:
    widget = await make(tx)
    wrong: Any = ({"multiply": 2}, {"increment": 1, "decrement": 1}, {})
    for change in wrong:
        with pytest.raises(UnknownOperator):
            await data.widget.update(tx, id=widget.id, data={"stock": change})


async def test_json_that_looks_like_an_operation_is_a_value(tx: Tx) -> None:
    widget = await make(tx)
    changed = await data.widget.update(tx, id=widget.id, data={"attributes": {"increment": 1}})
    assert changed.attributes == {"increment": 1}


async def test_each_verb_is_one_statement(tx: Tx) -> None:
    with counting() as count:
        widget = await make(tx)
        await data.widget.find_unique(tx, id=widget.id, lock=True)
        await data.widget.update(tx, slug="a", data={"name": "b"})
        await data.widget.update_many(tx, where={"name": "b"}, data={"name": "c"})
        await data.widget.find_first(tx)
        await data.widget.count(tx)
        await data.widget.delete(tx, slug="a")
        await data.widget.delete_many(tx, where={})
    assert count.data == 8


async def test_update_many_changes_matching_rows_and_returns_their_number(tx: Tx) -> None:
    for slug in "abc":
        await make(tx, slug)
    changed = await data.widget.update_many(
        tx, where={"slug": {"in": ["a", "b", "z"]}}, data={"kind": Material.GLASS, "stock": {"increment": 3}}
    )
    assert changed == 2
    rows = await data.widget.find_many(tx, order_by=[{"slug": "asc"}])
    assert [(row.kind, row.stock) for row in rows] == [(Material.GLASS, 3), (Material.GLASS, 3), (Material.WOOD, 0)]
    assert await data.widget.update_many(tx, where={}, data={}) == 0


async def test_every_unique_key_finds_its_row(tx: Tx) -> None:
    widget = await make(tx)
    part = await data.part.create(tx, {"widget_id": widget.id, "position": 3})
    ticket = await data.ticket.create(tx, {"title": "t"})
    counter = await data.counter.create(tx, {"value": 4})
    assert await data.widget.find_unique(tx, id=widget.id) == widget
    assert await data.widget.find_unique(tx, slug="a") == widget
    assert await data.part.find_unique(tx, position=3, widget_id=widget.id) == part
    assert await data.ticket.find_unique(tx, number=ticket.number) == ticket
    assert await data.ticket.find_unique(tx, id=ticket.id) == ticket
    assert await data.counter.find_unique(tx) == counter
    assert await data.widget.find_unique(tx, slug="nothing") is None


async def test_a_filter_that_is_no_unique_key_is_refused(tx: Tx) -> None:
    wrong: Any = ({"name": "a"}, {"id": new_id(), "slug": "a"}, {})
    for key in wrong:
        with pytest.raises(MisuseError, match="not a unique key"):
            await data.widget.find_unique(tx, **key)


async def test_updating_a_missing_row_raises_record_not_found(tx: Tx) -> None:
    for attempt in (
        data.widget.update(tx, id=new_id(), data={"name": "x"}),
        data.widget.update(tx, slug="nothing", data={}),
        data.widget.delete(tx, slug="nothing"),
    ):
        with pytest.raises(RecordNotFound, match="sample_widgets") as caught:
            await attempt
        assert isinstance(caught.value, NotFound)


async def test_delete_returns_the_deleted_row(tx: Tx) -> None:
    widget = await make(tx, tags=["x"], kind=Material.STEEL)
    assert await data.widget.delete(tx, slug="a") == widget
    assert await data.widget.find_unique(tx, id=widget.id) is None


async def test_locking_is_refused_outside_a_transaction(db: Reader) -> None:
    for attempt in (
        data.widget.find_unique(db, slug="a", lock=True),
        data.widget.find_first(db, lock=True),
        data.widget.find_many(db, lock=True),
    ):
        with pytest.raises(LockOutsideTransaction):
            await attempt


async def test_a_locked_row_waits_for_the_other_transaction(samples: Database, ours: UUID) -> None:
    """Two transactions that read and then write lose no update when both lock the row."""
    async with samples.transaction(Actor.system(ours)) as tx:
        await make(tx)

    async def add() -> None:
        async with samples.transaction(Actor.system(ours)) as tx:
            row = await data.widget.find_unique(tx, slug="a", lock=True)
            assert row is not None
            await data.widget.update(tx, id=row.id, data={"stock": row.stock + 1})

    await asyncio.gather(*(add() for _ in range(6)))
    row = await data.widget.find_unique(samples.reader(ours), slug="a")
    assert row is not None
    assert row.stock == 6


async def test_rows_are_built_from_a_joined_record(tx: Tx) -> None:
    widget = await make(tx, kind=Material.STEEL, tags=["x"])
    part = await data.part.create(tx, {"widget_id": widget.id, "position": 1})
    width = len(widget.__slots__)
    record = await tx.fetch_row(
        f"SELECT 7 AS first, {data.widget.columns('w')}, {data.part.columns('p')} "  # noqa: S608 - constants
        "FROM sample_widgets w JOIN sample_parts p ON p.widget_id = w.id WHERE w.company_id = $1",
        tx.company_id,
    )
    assert record is not None
    assert data.widget.from_record(record, 1) == widget
    assert data.part.from_record(record, 1 + width) == part


async def test_a_row_is_immutable_and_compared_by_value(tx: Tx) -> None:
    widget = await make(tx)
    assert widget == data.WidgetRow(**{name: getattr(widget, name) for name in widget.__slots__})
    with pytest.raises(FrozenInstanceError):
        setattr(widget, "name", "x")  # noqa: B010 - the type checker refuses the plain form
