"""Values as JSON: without names of modules or classes, and nothing that JSON cannot represent."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.serialization import to_json_value
from domains.kernel.values.money import Money


class Colour(StrEnum):
    RED = "RED"


@dataclass(frozen=True)
class Shelf:
    price: Money
    colours: list[Colour]
    ids: dict[str, UUID]
    made: tuple[date, datetime]
    size: int = field(init=False, default=3)


LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.just(Colour.RED)
VALUES = st.recursive(
    LEAVES | st.uuids() | st.decimals(allow_nan=False) | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_json_value_is_unchanged(value: Any) -> None:
    made = to_json_value(value)
    assert json.loads(json.dumps(made)) == made == to_json_value(made)


def test_each_type_of_value_has_its_json_form() -> None:
    day, moment = date(2026, 11, 21), datetime(2026, 11, 21, 12, tzinfo=UTC)
    shelf = Shelf(Money(Decimal("9.50"), "EUR"), [Colour.RED], {"a": UUID(int=7)}, (day, moment))
    assert to_json_value(shelf) == {
        "price": {"amount": "9.50", "currency": "EUR"},
        "colours": ["RED"],
        "ids": {"a": "00000000-0000-0000-0000-000000000007"},
        "made": ["2026-11-21", "2026-11-21T12:00:00+00:00"],
    }
    assert datetime.fromisoformat(to_json_value(moment)) == moment
    assert type(to_json_value(Colour.RED)) is str


@pytest.mark.parametrize("value", [object(), {1}, b"bytes", Shelf])
def test_a_value_without_a_json_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        to_json_value(value)
