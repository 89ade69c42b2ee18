"""create, create_many and upsert."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, settings

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.changes import FEW
from domains.kernel.prisma.errors import MisuseError, RecordNotFound, UnknownColumn, ValueMissing
from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.sample.data import Material
from tests.domains.kernel.prisma.widgets import several

RECENT = timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(rows=several())
async def test_created_rows_are_read_back_unchanged(samples: Database, rows: Any) -> None:
    """One by one and all at once, with lists, JSON and texts full of quotes; defaults where nothing was given."""
    async with (
        samples.transaction(Actor.system(new_id())) as one,
        samples.transaction(Actor.system(new_id())) as many,
    ):
        singly = [await data.widget.create(one, row) for row in rows]
        renewed: list[Any] = [{**row, "id": new_id()} for row in rows]
        assert await data.widget.create_many(many, renewed) == len(rows)
        found = {row.slug: row for row in await data.widget.find_many(many)}
        for given_row, made in zip(rows, singly, strict=True):
            for name, value in given_row.items():
                assert getattr(made, name) == value, name
                assert name == "id" or getattr(found[made.slug], name) == value, name
            for name in made.__slots__:
                if name not in given_row and name not in {"company_id", "created_at", "updated_at"}:
                    assert getattr(found[made.slug], name) == getattr(made, name), name


async def test_missing_values_get_defaults(tx: Tx, ours: UUID) -> None:
    row = await data.widget.create(tx, {"slug": "a", "name": "A"})
    assert (row.company_id, row.kind, row.price, row.tags, row.nickname) == (
        ours,
        Material.WOOD,
        Decimal(0),
        [],
        None,
    )
    assert row.id.version == 7
    assert row.created_at == row.updated_at
    assert abs(datetime.now(UTC) - row.created_at) < RECENT
    assert type(row.kind) is Material
    assert (await data.shop.create(tx, {"name": "S"})).settings == {"open": True}


async def test_timestamps_come_from_the_clock_of_the_database(sample_pool: Any, ours: UUID) -> None:
    clock = FixedClock(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    database, owner = Database(sample_pool, clock), Actor.system(ours)

    async def create(tx: Tx) -> UUID:
        row = await data.widget.create(tx, {"slug": "timed", "name": "A"})
        assert (row.created_at, row.updated_at) == (clock.at, clock.at)
        return row.id

    async def change(tx: Tx, widget: UUID) -> tuple[datetime, datetime]:
        await data.widget.update_many(tx, where={"id": widget}, data={"name": "B"})
        row = await data.widget.update(tx, id=widget, data={"name": "C"})
        return row.created_at, row.updated_at

    made = await database.run(create, owner)
    before = clock.at
    clock.advance(timedelta(days=3))
    assert await database.run(lambda tx: change(tx, made), owner) == (before, clock.at)


async def test_identity_columns_are_numbered_by_the_database(tx: Tx) -> None:
    first = await data.ticket.create(tx, {"title": "one"})
    assert await data.ticket.create_many(tx, [{"title": "two"}, {"title": "three"}]) == 2
    found = await data.ticket.find_many(tx, where={"number": {"gt": first.number}}, order_by=[{"number": "asc"}])
    assert [row.title for row in found] == ["two", "three"]
    assert (
        await data.ticket.create(tx, {"number": first.number + 1000, "title": "given"})
    ).number == first.number + 1000
    with pytest.raises(MisuseError, match="number"):
        await data.ticket.create_many(tx, [{"title": "x"}, {"title": "y", "number": 1}])


@pytest.mark.parametrize("number", [1, 2, FEW, FEW + 1, FEW + 2])
async def test_any_number_of_rows_is_written_alike(tx: Tx, number: int) -> None:
    rows: list[data.WidgetCreate] = [
        {"slug": f"w{place}", "name": "w", "tags": ["a", "b"][:place]} for place in range(number)
    ]
    assert await data.widget.create_many(tx, rows) == number
    found = await data.widget.find_many(tx, order_by=[{"slug": "asc"}])
    assert [(row.slug, row.tags) for row in found] == [(row["slug"], row["tags"]) for row in rows]


async def test_a_thousand_rows_are_one_statement_and_an_empty_list_is_none(tx: Tx) -> None:
    with counting() as count:
        made = await data.widget.create_many(tx, ({"slug": f"w{n}", "name": "w", "tags": ["a"]} for n in range(1000)))
        assert await data.widget.create_many(tx, []) == 0
    assert (made, count.data) == (1000, 1)
    assert await data.widget.count(tx) == 1000


async def test_duplicates_fail_the_statement_or_are_skipped(tx: Tx) -> None:
    await data.widget.create(tx, {"slug": "a", "name": "first"})
    rows: list[data.WidgetCreate] = [{"slug": "a", "name": "second"}, {"slug": "b", "name": "b"}]
    with pytest.raises(asyncpg.UniqueViolationError):
        async with tx.savepoint():
            await data.widget.create_many(tx, rows)
    assert await data.widget.create_many(tx, rows, skip_duplicates=True) == 1
    assert {row.name for row in await data.widget.find_many(tx)} == {"first", "b"}


async def test_a_row_with_a_missing_or_an_unknown_column_is_refused(tx: Tx) -> None:
    lacking: Any = {"slug": "a"}
    surplus: Any = {"slug": "a", "name": "A", "colour": "x"}
    with pytest.raises(ValueMissing, match=r"sample_widgets\.name"):
        await data.widget.create(tx, lacking)
    with pytest.raises(UnknownColumn, match="colour"):
        await data.widget.create(tx, surplus)


async def test_upsert_creates_the_row_and_then_updates_it(tx: Tx) -> None:
    made = await data.widget.upsert(
        tx, where={"slug": "a"}, create={"slug": "a", "name": "new", "stock": 1}, update={"stock": {"increment": 5}}
    )
    with counting() as count:
        changed = await data.widget.upsert(
            tx, where={"slug": "a"}, create={"slug": "a", "name": "newer"}, update={"stock": {"increment": 5}}
        )
    assert count.data == 1
    assert (made.stock, changed.stock, changed.name, changed.id) == (1, 6, "new", made.id)
    assert changed.updated_at > made.updated_at


async def test_upsert_without_changes_returns_the_row_unchanged(tx: Tx) -> None:
    made = await data.label.upsert(tx, where={"code": "a"}, create={"code": "a", "text": "x"}, update={})
    again = await data.label.upsert(tx, where={"code": "a"}, create={"code": "a", "text": "y"}, update={})
    assert again == made


async def test_upsert_by_several_columns_and_by_the_company_alone(tx: Tx) -> None:
    widget = await data.widget.create(tx, {"slug": "a", "name": "A"})
    for note in ("one", "two"):
        part = await data.part.upsert(
            tx,
            where={"position": 1, "widget_id": widget.id},
            create={"widget_id": widget.id, "position": 1, "note": note},
            update={"note": note},
        )
        counter = await data.counter.upsert(tx, where={}, create={"value": 1}, update={"value": {"increment": 1}})
    assert (part.note, counter.value) == ("two", 2)
    assert await data.part.count(tx) == 1


async def test_upsert_refuses_a_key_that_contradicts_create(tx: Tx) -> None:
    named: Any = {"name": "a"}
    with pytest.raises(MisuseError, match="slug"):
        await data.widget.upsert(tx, where={"slug": "a"}, create={"slug": "b", "name": "B"}, update={})
    with pytest.raises(MisuseError, match="not a unique key"):
        await data.widget.upsert(tx, where=named, create={"slug": "b", "name": "a"}, update={})


async def test_upsert_by_id_cannot_change_the_row_of_another_company(
    samples: Database, ours: UUID, theirs: UUID
) -> None:
    async with samples.transaction(Actor.system(theirs)) as other:
        row = await data.widget.create(other, {"slug": "a", "name": "theirs"})
    with pytest.raises(RecordNotFound):
        async with samples.transaction(Actor.system(ours)) as mine:
            await data.widget.upsert(
                mine, where={"id": row.id}, create={"slug": "a", "name": "ours"}, update={"name": "ours"}
            )
    assert await data.widget.find_unique(samples.reader(theirs), id=row.id) == row


async def test_parallel_upserts_of_one_key_create_one_row_and_keep_every_change(
    samples: Database, ours: UUID
) -> None:
    async def visit() -> None:
        async with samples.transaction(Actor.system(ours)) as tx:
            await data.widget.upsert(
                tx, where={"slug": "a"}, create={"slug": "a", "name": "A"}, update={"views": {"increment": 1}}
            )

    await asyncio.gather(*(visit() for _ in range(8)))
    (row,) = await data.widget.find_many(samples.reader(ours))
    assert row.views == 7
