"""What is packed comes back as it was, and nothing else does."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.serialization import pack, unpack
from domains.kernel.values.money import Money


class Colour(StrEnum):
    RED = "RED"


@dataclass(frozen=True)
class Shelf:
    price: Money
    colours: list[Colour]
    ids: dict[str, UUID]


PLAIN = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(
    PLAIN
    | st.uuids()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.just(Colour.RED)
    | st.builds(Money, st.decimals(allow_nan=False), st.just("EUR")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text().filter(lambda key: key != "$"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    assert unpack(pack(value)) == value


def test_each_kind_of_value_keeps_its_type() -> None:
    shelf = Shelf(Money(Decimal("9.50"), "EUR"), [Colour.RED], {"a": UUID(int=7)})
    back = unpack(pack(shelf))
    assert back == shelf
    assert type(back.colours[0]) is Colour
    moments = [datetime(2026, 11, 21, 12, tzinfo=UTC), date(2026, 11, 21)]
    assert [type(moment) for moment in unpack(pack(moments))] == [datetime, date]


@pytest.mark.parametrize("value", [object(), {1}, b"bytes", {"$": "enum"}, Shelf])
def test_what_could_not_come_back_is_not_packed(value: Any) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "name", ["os:system", "no.such.module:Thing", "domains.kernel.values.money:Gone", "builtins:dict"]
)
def test_only_dataclasses_and_enumerations_are_made_anew(name: str) -> None:
    with pytest.raises(LookupError):
        unpack({"$": "object", "of": name, "value": {}})
