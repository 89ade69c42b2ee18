"""Pages: contradictory arguments, forged cursors, and pagination through all rows."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import DEFAULT_PAGE, MAX_PAGE, PageArgs, cut, decode_cursor, encode_cursor

texts = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]))
values = st.tuples(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])),
    st.uuids(),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15),
    st.integers(-(2**31), 2**31 - 1),
    texts,
)
KINDS: list[type] = [datetime, UUID, Decimal, int, str]


async def count_nothing() -> int:
    return 0


def page_of(rows: list[int], args: PageArgs) -> tuple[list[int], bool, bool]:
    """The rows of a list query: those after the cursor in order, one more than requested."""
    cursor = decode_cursor(args.cursor, "n", [int])[0] if args.cursor else None
    if args.backward:
        found = [row for row in reversed(rows) if cursor is None or row < cursor]
    else:
        found = [row for row in rows if cursor is None or row > cursor]
    page = cut(found[: args.size + 1], args, lambda row: encode_cursor("n", [row]), count_nothing)
    assert [decode_cursor(cursor, "n", [int])[0] for cursor in page.cursors] == list(page.items)
    return list(page.items), page.has_next, page.has_previous


@given(values=values)
def test_a_decoded_cursor_has_its_encoded_values(values: tuple[Any, ...]) -> None:
    assert tuple(decode_cursor(encode_cursor("newest", values), "newest", KINDS)) == values


@given(values=values)
def test_a_cursor_preserves_null(values: tuple[Any, ...]) -> None:
    holed = [values[0], None, *values[2:]]
    assert decode_cursor(encode_cursor("newest", holed), "newest", KINDS) == holed


def test_a_cursor_of_another_order_is_refused() -> None:
    with pytest.raises(InvalidInput, match="another order"):
        decode_cursor(encode_cursor("name", [1]), "price", [int])
    with pytest.raises(InvalidInput, match="another order"):
        decode_cursor(encode_cursor("name", [1, 2]), "name", [int])


@given(
    cursor=st.one_of(
        st.text(max_size=80), st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    )
)
def test_a_forged_cursor_is_refused_as_invalid_input(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(cursor, "newest", KINDS)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-01-01T00:00:00", datetime),  # without a zone PostgreSQL's driver cannot compare it
        ("0001-01-01T00:00:00+14:00", datetime),  # before the first moment of UTC
        ("9999-12-31T23:59:59-14:00", datetime),
        (1, datetime),
        ("{}", UUID),
        ("NaN", Decimal),
        ("Infinity", Decimal),
        ("1e400", Decimal),
        (2**63, int),
        (10**30, int),
        (5, UUID),
        (5, Decimal),
        (True, int),
        (1.5, int),
        ("a\x00b", str),
        (["a"], str),
    ],
)
def test_a_cursor_with_a_value_out_of_range_is_refused(value: object, kind: type) -> None:
    forged = base64.urlsafe_b64encode(json.dumps(["newest", value]).encode()).decode()
    with pytest.raises(InvalidInput, match="not a cursor of this list"):
        decode_cursor(forged, "newest", [kind])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (PageArgs(first=1, last=1), "either `first` or `last`"),
        (PageArgs(first=1, after="a", before="b"), "either `after` or `before`"),
        (PageArgs(first=-1), "between 0 and 100"),
        (PageArgs(first=MAX_PAGE + 1), "between 0 and 100"),
        (PageArgs(last=MAX_PAGE + 1), "between 0 and 100"),
    ],
)
def test_contradictory_arguments_are_refused(args: PageArgs, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        _ = args.size


def test_a_cursor_requires_the_argument_of_its_direction() -> None:
    with pytest.raises(InvalidInput, match="`last` goes with `before`"):
        _ = PageArgs(last=1, after="a").cursor
    with pytest.raises(InvalidInput, match="`before` goes with `last`"):
        _ = PageArgs(first=1, before="a").cursor


def test_a_page_has_a_default_size() -> None:
    assert PageArgs().size == DEFAULT_PAGE
    assert PageArgs(first=0).size == 0


@given(rows=st.lists(st.integers(-(10**6), 10**6), unique=True, max_size=60).map(sorted), size=st.integers(1, 15))
def test_paginating_forward_returns_every_row_once(rows: list[int], size: int) -> None:
    seen: list[int] = []
    args = PageArgs(first=size)
    for _ in range(len(rows) + 1):
        items, has_next, has_previous = page_of(rows, args)
        assert has_previous is bool(seen)
        seen += items
        assert has_next is (len(seen) < len(rows))
        if not has_next:
            break
        args = PageArgs(first=size, after=encode_cursor("n", [items[-1]]))
    assert seen == rows


@given(rows=st.lists(st.integers(-(10**6), 10**6), unique=True, max_size=60).map(sorted), size=st.integers(1, 15))
def test_paginating_backward_returns_every_row_once(rows: list[int], size: int) -> None:
    seen: list[int] = []
    args = PageArgs(last=size)
    for _ in range(len(rows) + 1):
        items, has_next, has_previous = page_of(rows, args)
        assert has_next is bool(seen)
        seen = items + seen
        assert has_previous is (len(seen) < len(rows))
        if not has_previous:
            break
        args = PageArgs(last=size, before=encode_cursor("n", [items[0]]))
    assert seen == rows
