"""Ordering and cursors, compared with a sort in Python and with plain SQL."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.errors import MisuseError, UnknownColumn, UnknownOperator
from tests.conftest import Pool
from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.sample.data import Material
from tests.domains.kernel.prisma.widgets import several

SORTED = ("slug", "kind", "price", "discount", "stock", "rank", "is_active", "day", "expires_at", "created_at")


@st.composite
def orders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to three columns in any direction, nulls where they like, and the id to make it a total order."""
    names = draw(st.lists(st.sampled_from(SORTED), max_size=3, unique=True))
    order: list[dict[str, Any]] = [{name: draw(directions())} for name in names]
    return [*order, {"id": draw(directions())}]


def directions() -> st.SearchStrategy[Any]:
    plain = st.sampled_from(["asc", "desc"])
    return plain | st.fixed_dictionaries({"sort": plain, "nulls": st.sampled_from(["first", "last"])})


def in_order(rows: Sequence[Any], order: Sequence[dict[str, Any]]) -> list[Any]:
    """The rows sorted in Python: by the last term first, each sort keeping what the ones before have done."""
    result = list(rows)
    for part in reversed(order):
        ((name, wanted),) = part.items()
        direction = wanted if isinstance(wanted, str) else wanted["sort"]
        first = direction == "desc" if isinstance(wanted, str) else wanted["nulls"] == "first"
        missing = [row for row in result if getattr(row, name) is None]
        present = [row for row in result if getattr(row, name) is not None]
        present.sort(key=lambda row, name=name: _rank(getattr(row, name)), reverse=direction == "desc")
        result = missing + present if first else present + missing
    return result


def _rank(value: Any) -> Any:
    return list(Material).index(value) if isinstance(value, Material) else value


def values_of(row: Any, order: Sequence[dict[str, Any]]) -> dict[str, object]:
    return {name: getattr(row, name) for part in order for name in part}


@settings(max_examples=100, deadline=None)
@given(rows=several(10), order=orders(), size=st.integers(1, 4), skip=st.integers(0, 3))
async def test_pages_by_cursor_are_slices_of_the_order(
    samples: Database, rows: Any, order: Any, size: int, skip: int
) -> None:
    async with samples.transaction(Actor.system(new_id())) as tx:
        await data.widget.create_many(tx, rows)
        expected = in_order(await data.widget.find_many(tx), order)
        assert await data.widget.find_many(tx, order_by=order) == expected
        assert await data.widget.find_many(tx, order_by=order, skip=skip, take=size) == expected[skip : skip + size]
        paged: list[Any] = []
        page = await data.widget.find_many(tx, order_by=order, take=size)
        while page:
            paged += page
            assert len(paged) <= len(expected)
            cursor = values_of(page[-1], order)
            page = await data.widget.find_many(tx, order_by=order, take=size, cursor=cursor)
        assert paged == expected


@settings(max_examples=40, deadline=None)
@given(rows=several(10), order=orders(), pick=st.integers(0, 9))
async def test_a_cursor_does_not_need_its_row(samples: Database, rows: Any, order: Any, pick: int) -> None:
    """The row of a cursor may be deleted: the next page is the same."""
    async with samples.transaction(Actor.system(new_id())) as tx:
        await data.widget.create_many(tx, rows)
        expected = in_order(await data.widget.find_many(tx), order)
        if pick >= len(expected):
            return
        gone = await data.widget.delete(tx, id=expected[pick].id)
        found = await data.widget.find_many(tx, order_by=order, cursor=values_of(gone, order))
        assert found == expected[pick + 1 :]


async def test_the_order_equals_that_of_plain_sql(sample_pool: Pool, samples: Database) -> None:
    company = new_id()
    async with samples.transaction(Actor.system(company)) as tx:
        rows: list[Any] = [{"slug": f"s{n}", "name": "é" * (n % 3), "rank": n % 4 or None} for n in range(20)]
        await data.widget.create_many(tx, rows)
    select = f"SELECT {data.widget.columns('w')} FROM sample_widgets w WHERE company_id = $1 "  # noqa: S608 - constant
    plain = await sample_pool.fetch(select + "ORDER BY rank DESC NULLS LAST, name, id DESC", company)
    found = await data.widget.find_many(
        samples.reader(company),
        order_by=[{"rank": {"sort": "desc", "nulls": "last"}}, {"name": "asc"}, {"id": "desc"}],
    )
    assert found == [data.widget.from_record(record) for record in plain]


async def test_find_first_returns_the_first_row_of_the_order(tx: Tx) -> None:
    await data.widget.create_many(tx, [{"slug": slug, "name": slug} for slug in ("b", "c", "a")])
    first = await data.widget.find_first(tx, where={"slug": {"not": "a"}}, order_by=[{"slug": "asc"}])
    assert first is not None
    assert first.slug == "b"
    assert await data.widget.find_first(tx, where={"slug": "z"}) is None


async def test_a_cursor_must_match_the_order(db: Reader) -> None:
    by_slug: Any = [{"slug": "asc"}]
    for order, cursor in ((by_slug, {"id": new_id()}), ([], {"id": new_id()}), (by_slug, {})):
        with pytest.raises(MisuseError):
            await data.widget.find_many(db, order_by=order, cursor=cursor)


async def test_directions_columns_and_limits_are_never_sql(db: Reader) -> None:
    direction: Any = "asc; DROP TABLE sample_widgets"
    column: Any = "slug; DROP TABLE sample_widgets"
    limit: Any = "1; DROP TABLE sample_widgets"
    with pytest.raises(UnknownOperator):
        await data.widget.find_many(db, order_by=[{"slug": direction}])
    with pytest.raises(UnknownColumn):
        await data.widget.find_many(db, order_by=[{column: "asc"}])
    with pytest.raises(ValueError, match="format code 'd'"):
        await data.widget.find_many(db, take=limit)
