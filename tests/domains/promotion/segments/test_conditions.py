"""The conditions of segments: read, stored, refused when they contradict each other, and met by buyers. Pure."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domains.kernel.errors import DomainError, InvalidInput, OutOfRange, TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import ValidationErrors
from domains.promotion.eligibility import is_in_segment
from domains.promotion.rules import Buyer
from domains.promotion.segments.conditions import (
    MAX_DEPTH,
    MAX_NODES,
    Condition,
    Kind,
    Segment,
    checked,
    parsed,
    stored,
)
from domains.promotion.segments.contradictions import contradiction
from domains.promotion.segments.references import longest_chain, loop_at

NOW = datetime(2026, 11, 30, tzinfo=UTC)
OWN, OTHER = UUID(int=1), UUID(int=2)
ADA = UUID(int=7)
FLAGS = ("is_member", "is_guest", "is_customer", "has_confirmed_email")
COUNTS = ("paid_orders_at_least", "paid_orders_at_most")
PERIODS = ("last_order_within_days", "no_order_within_days", "first_order_within_days")
LEAVES = st.one_of(
    st.sampled_from(FLAGS).map(lambda name: {name: True}),
    st.tuples(st.sampled_from(COUNTS), st.integers(1, 6)).map(lambda each: {each[0]: each[1]}),
    st.tuples(st.sampled_from(PERIODS), st.integers(1, 60)).map(lambda each: {each[0]: each[1]}),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda part: {"not": part}),
        st.tuples(st.sampled_from(("all", "any")), st.lists(inner, min_size=1, max_size=3)).map(
            lambda each: {each[0]: each[1]}
        ),
    ),
    max_leaves=8,
)


@st.composite
def buyers(draw: st.DrawFn) -> Buyer:
    """A buyer whose facts agree with each other."""
    ago = sorted(draw(st.lists(st.integers(0, 70), max_size=7)), reverse=True)
    paid = [NOW - timedelta(days=days, hours=1) for days in ago]
    user_id = draw(st.sampled_from((None, ADA)))
    return Buyer(
        user_id,
        draw(st.sampled_from((None, "ada@example.com"))),
        len(paid),
        first_paid_at=paid[0] if paid else None,
        last_paid_at=paid[-1] if paid else None,
        lists=frozenset({OWN}) if user_id and draw(st.booleans()) else frozenset(),
    )


def holds(given: Any, buyer: Buyer, others: dict[UUID, Any] | None = None) -> bool:
    trees = {OWN: given, **(others or {})}
    return is_in_segment(Segment(OWN, {key: parsed(tree) for key, tree in trees.items()}), buyer, NOW)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


BOUGHT = Buyer(ADA, "ada@example.com", 3, first_paid_at=days_ago(40), last_paid_at=days_ago(10))


@pytest.mark.parametrize(
    ("condition", "meets", "anonymous"),
    [
        ({"paid_orders_at_least": 3}, True, False),
        ({"paid_orders_at_least": 4}, False, False),
        ({"paid_orders_at_most": 3}, True, True),
        ({"paid_orders_at_most": 2}, False, True),
        ({"last_order_within_days": 11}, True, False),
        ({"last_order_within_days": 10}, False, False),
        ({"no_order_within_days": 10}, True, True),
        ({"no_order_within_days": 11}, False, True),
        ({"first_order_within_days": 41}, True, False),
        ({"first_order_within_days": 40}, False, False),
        ({"is_guest": True}, False, True),
        ({"is_customer": True}, True, False),
        ({"has_confirmed_email": True}, True, False),
        ({"is_member": True}, False, False),
        ({"not": {"is_member": True}}, True, True),
        ({"all": [{"is_customer": True}, {"is_member": True}]}, False, False),
        ({"any": [{"is_guest": True}, {"paid_orders_at_least": 1}]}, True, True),
    ],
)
def test_a_buyer_meets_a_condition(condition: Any, meets: bool, anonymous: bool) -> None:
    assert (holds(condition, BOUGHT), holds(condition, Buyer())) == (meets, anonymous)


def test_a_list_is_that_of_the_segment_whose_condition_reads_it() -> None:
    on_other = Buyer(ADA, lists=frozenset({OTHER}))
    in_other = {"in_segment": str(OTHER)}
    assert not holds({"is_member": True}, on_other)
    assert holds(in_other, on_other, {OTHER: {"is_member": True}})
    assert not holds({"all": [in_other, {"is_member": True}]}, on_other, {OTHER: {"is_member": True}})


@settings(max_examples=300, deadline=None)
@given(tree=TREES, buyer=buyers())
def test_a_condition_is_stored_as_it_was_given_and_its_negation_is_its_opposite(tree: Any, buyer: Buyer) -> None:
    assert stored(parsed(tree)) == tree
    assert holds({"not": tree}, buyer) is not holds(tree, buyer)


@settings(max_examples=500, deadline=None)
@given(parts=st.lists(TREES, min_size=1, max_size=4), buyer=buyers())
def test_nobody_meets_all_of_conditions_that_contradict_each_other(parts: list[Any], buyer: Buyer) -> None:
    """Only the outermost `all` is asked: a contradiction deeper inside may be one of several alternatives."""
    tree = parsed({"all": parts})
    inner = any(contradiction(part) for part in tree.parts)
    if contradiction(tree) and not inner:
        assert not holds({"all": parts}, buyer)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            [{"paid_orders_at_least": 5}, {"paid_orders_at_most": 2}],
            "A buyer cannot have at least 5 and at most 2 paid orders.",
        ),
        (
            [{"paid_orders_at_least": 5}, {"not": {"paid_orders_at_least": 3}}],
            "A buyer cannot have at least 5 and at most 2 paid orders.",
        ),
        (
            [{"paid_orders_at_least": 5}, {"all": [{"paid_orders_at_most": 4}]}],
            "A buyer cannot have at least 5 and at most 4 paid orders.",
        ),
        ([{"is_member": True}, {"not": {"is_member": True}}], "`is_member` and its negation exclude each other."),
        (
            [{"any": [{"is_guest": True}, {"is_member": True}]}, {"not": {"any": [{"is_guest": True}]}}],
            None,
        ),
        (
            [{"is_guest": True}, {"is_customer": True}],
            "`is_guest` and `is_customer` exclude each other: a guest has no account.",
        ),
        (
            [{"is_guest": True}, {"is_member": True}],
            "`is_guest` and `is_member` exclude each other: a guest has no account.",
        ),
        (
            [{"last_order_within_days": 30}, {"no_order_within_days": 30}],
            "A buyer without an order in 30 days has none in the last 30: `last_order_within_days`.",
        ),
        ([{"last_order_within_days": 31}, {"no_order_within_days": 30}], None),
        (
            [{"first_order_within_days": 7}, {"paid_orders_at_most": 0}],
            "`first_order_within_days` needs a paid order, and at most 0 are allowed.",
        ),
        ([{"paid_orders_at_least": 2}, {"paid_orders_at_most": 2}], None),
    ],
)
def test_conditions_that_exclude_each_other_are_found(parts: list[Any], reason: str | None) -> None:
    assert contradiction(parsed({"all": parts})) == reason
    assert contradiction(parsed({"any": [{"all": parts}, {"is_guest": True}]})) == reason
    assert contradiction(parsed({"any": parts})) is None


@pytest.mark.parametrize(
    ("tree", "kind", "path"),
    [
        ({}, InvalidInput, ()),
        ({"is_guest": True, "is_customer": True}, InvalidInput, ()),
        ({"is_guest": False}, InvalidInput, ("is_guest",)),
        ({"all": []}, Required, ("all",)),
        ({"not": None}, Required, ("not",)),
        (
            {"any": [{"is_guest": True}, {"paid_orders_at_least": 0}]},
            OutOfRange,
            ("any", "1", "paid_orders_at_least"),
        ),
        ({"not": {"no_order_within_days": 36_501}}, OutOfRange, ("not", "no_order_within_days")),
    ],
)
def test_an_invalid_condition_is_refused_with_its_path(tree: Any, kind: type[DomainError], path: Any) -> None:
    with pytest.raises(kind) as refused:
        checked(tree)
    assert (type(refused.value), refused.value.field) == (kind, path)


def test_all_invalid_conditions_are_refused_at_once() -> None:
    with pytest.raises(ValidationErrors) as refused:
        checked({"all": [{"paid_orders_at_most": -1}, {"is_guest": True}, {"any": []}]})
    assert [error.field for error in refused.value.errors] == [
        ("all", "0", "paid_orders_at_most"),
        ("all", "2", "any"),
    ]


def nested(depth: int) -> Any:
    return {"is_guest": True} if depth == 1 else {"not": nested(depth - 1)}


def test_depth_and_number_of_conditions_are_bounded() -> None:
    checked(nested(MAX_DEPTH))
    checked({"any": [{"is_guest": True}] * (MAX_NODES - 1)})
    for tree in (nested(MAX_DEPTH + 1), nested(100), {"any": [{"is_guest": True}] * MAX_NODES}):
        with pytest.raises(TooMany):
            checked(tree)


def test_a_loop_is_found_with_the_way_back() -> None:
    a, b, c, d = (UUID(int=number) for number in range(4))
    assert loop_at(a, {a: [a]}) == [a, a]
    assert loop_at(a, {a: [d, b], b: [c], c: [a], d: []}) == [a, b, c, a]
    assert loop_at(a, {a: [b, c], b: [d], c: [d], d: []}) is None
    assert longest_chain({a: [b, c], b: [], c: [d], d: []}) == [a, c, d]


def test_a_segment_is_asked_for_once_however_often_it_is_named() -> None:
    ids = [UUID(int=number) for number in range(40)]
    both: Any = {each: {"all": [{"in_segment": str(after)}] * 2} for each, after in pairwise(ids)}
    conditions = {key: parsed(tree) for key, tree in both.items()} | {ids[-1]: Condition(Kind.IS_GUEST)}
    assert is_in_segment(Segment(ids[0], conditions), Buyer(), NOW)
