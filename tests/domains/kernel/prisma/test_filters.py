"""The filters of where-inputs, compared with an implementation in Python."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.errors import UnknownColumn, UnknownOperator
from domains.kernel.prisma.filters import FieldReference
from tests.domains.kernel.prisma.oracle import matches
from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.widgets import ELEMENTS, LISTS, VALUES, several, value_of

TEXTS = ("name", "nickname")
ORDERED = (
    "id",
    "slug",
    "price",
    "discount",
    "weight",
    "stock",
    "rank",
    "views",
    "day",
    "hour",
    "expires_at",
    "created_at",
)
UNORDERED = ("kind", "maker", "content", "address")


def text_filters() -> st.SearchStrategy[dict[str, Any]]:
    word = VALUES["name"]
    patterns = {"contains": word, "startswith": word, "endswith": word, "equals": word}
    sensitive = st.fixed_dictionaries({}, optional={**patterns, "in": st.lists(word, max_size=3), "not": word})
    insensitive = st.fixed_dictionaries({"mode": st.just("insensitive")}, optional={**patterns, "not": word})
    return sensitive | insensitive | st.fixed_dictionaries({"not": sensitive | insensitive})


def column_filters(column: str) -> st.SearchStrategy[Any]:
    value, maybe = VALUES[column], value_of(column)
    if column in LISTS:
        some = {"has_some": value, "has_every": value, "equals": value, "is_empty": st.booleans()}
        has = st.fixed_dictionaries({"has": ELEMENTS[column]})
        return value | has | st.fixed_dictionaries({}, optional=some)
    if column == "attributes":
        return st.none() | st.fixed_dictionaries({}, optional={"equals": maybe, "not": maybe})
    if column == "is_active":
        return value | st.fixed_dictionaries({}, optional={"equals": value, "not": value})
    if column in TEXTS:
        return maybe | text_filters()
    words: dict[str, st.SearchStrategy[Any]] = {"equals": maybe, "not": maybe}
    words |= {"in": st.lists(value, max_size=3), "not_in": st.lists(value, max_size=3)}
    if column in ORDERED:
        words |= dict.fromkeys(("gt", "gte", "lt", "lte"), value)
    if column in {"content", "address"}:
        del words["not_in"]
    flat = st.fixed_dictionaries({}, optional=words)
    nested = flat if column in UNORDERED else flat | st.fixed_dictionaries({"not": flat})
    return maybe | nested


FILTERS = {column: column_filters(column) for column in VALUES}


@st.composite
def wheres(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=2))
    where = {name: draw(FILTERS[name]) for name in names}
    if depth:
        inner = wheres(depth=depth - 1)
        many = st.lists(inner, max_size=2)
        group = draw(st.sampled_from(["AND", "OR", "NOT", None]))
        if group is not None:
            where[group] = draw(many if group == "OR" or draw(st.booleans()) else inner)
    return where


@settings(max_examples=150, deadline=None)
@given(rows=several(), asked=st.lists(wheres(), min_size=1, max_size=6))
async def test_a_filter_finds_the_rows_of_its_definition(samples: Database, rows: Any, asked: list[Any]) -> None:
    async with samples.transaction(Actor.system(new_id())) as tx:
        await data.widget.create_many(tx, rows)
        everything = await data.widget.find_many(tx)
        for where in asked:
            expected = {row.id for row in everything if matches(where, row)}
            assert {row.id for row in await data.widget.find_many(tx, where=where)} == expected
            assert await data.widget.count(tx, where=where) == len(expected)


@settings(max_examples=25, deadline=None)
@given(rows=several(), where=wheres())
async def test_delete_many_deletes_what_find_many_finds(samples: Database, rows: Any, where: Any) -> None:
    async with samples.transaction(Actor.system(new_id())) as tx:
        await data.widget.create_many(tx, rows)
        everything = {row.id for row in await data.widget.find_many(tx)}
        doomed = {row.id for row in await data.widget.find_many(tx, where=where)}
        assert await data.widget.delete_many(tx, where=where) == len(doomed)
        assert {row.id for row in await data.widget.find_many(tx)} == everything - doomed


@pytest.mark.parametrize("text", ["100%", "a_b", "back\\slash", "%", "_", "\\"])
async def test_patterns_match_percent_underscore_and_backslash_literally(tx: Tx, text: str) -> None:
    await data.widget.create_many(tx, [{"slug": "it", "name": f"x{text}y"}, {"slug": "other", "name": "xaby"}])
    wheres: Any = ({"contains": text}, {"startswith": f"x{text}"}, {"endswith": f"{text}y"})
    for where in wheres:
        found = await data.widget.find_many(tx, where={"name": where})
        assert [row.slug for row in found] == ["it"]


async def test_a_column_can_be_compared_with_another_column(tx: Tx) -> None:
    await data.widget.create_many(
        tx,
        [
            {"slug": "less", "name": "x", "stock": 1, "rank": 2},
            {"slug": "same", "name": "x", "stock": 2, "rank": 2},
            {"slug": "more", "name": "x", "stock": 3, "rank": 2},
            {"slug": "none", "name": "x", "stock": 3},
        ],
    )

    async def found(where: Any) -> list[str]:
        return sorted(row.slug for row in await data.widget.find_many(tx, where=where))

    at_most: Any = {"stock": {"lte": FieldReference("rank")}}
    assert await found(at_most) == ["less", "same"]
    assert await found({"NOT": at_most}) == ["more"]
    assert await found({"stock": {"lt": FieldReference("rank"), "gt": 1}}) == []
    with pytest.raises(UnknownColumn):
        await found({"stock": {"lte": FieldReference('rank" or true --')}})


async def test_values_are_parameters_and_never_sql(tx: Tx) -> None:
    injected = "'; DROP TABLE sample_widgets; --"
    await data.widget.create(tx, {"slug": injected, "name": injected})
    assert await data.widget.count(tx, where={"slug": injected, "name": {"contains": injected}}) == 1


async def test_an_unknown_column_is_refused(db: Reader) -> None:
    wrong: Any = ({'slug" = slug OR "slug': "x"}, {"document": "x"}, {"AND": [{"nothing": 1}]})
    for where in wrong:
        with pytest.raises(UnknownColumn):
            await data.widget.find_many(db, where=where)


@pytest.mark.parametrize(
    "where",
    [
        {"slug": {"like": "x"}},
        {"slug": {"gt": "x", "mode": "insensitive"}},
        {"tags": {"contains": "x"}},
        {"slug": {"not": {"like": "x"}}},
    ],
)
async def test_an_unknown_operator_is_refused(db: Reader, where: Any) -> None:
    with pytest.raises(UnknownOperator):
        await data.widget.find_many(db, where=where)


async def test_null_is_matched_by_none_only(tx: Tx, ours: UUID) -> None:
    await data.widget.create_many(tx, [{"slug": "a", "name": "a"}, {"slug": "b", "name": "b", "nickname": "Bee"}])
    assert tx.company_id == ours
    assert [row.slug for row in await data.widget.find_many(tx, where={"nickname": None})] == ["a"]
    assert [row.slug for row in await data.widget.find_many(tx, where={"nickname": {"not": None}})] == ["b"]
    assert await data.widget.find_many(tx, where={"nickname": {"not": "Bee"}}) == []
