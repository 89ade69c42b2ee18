"""Random widgets whose values have the same order and equality in Python and in PostgreSQL."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address
from typing import Any

from hypothesis import strategies as st

from domains.kernel.actor import ActorKind
from domains.kernel.ids import new_id
from tests.domains.kernel.prisma.sample.data import Material

# Texts that are compared by size: digits before letters, in every collation.
plain_texts = st.text("019abz", min_size=1, max_size=4)
# Texts with what LIKE, array literals and JSON take for their own.
wild_texts = st.text("aAbBß%_\\\"'{},  é", max_size=6)
amounts = st.integers(-(10**6), 10**6).map(lambda units: Decimal(units).scaleb(-4))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once
ids = st.uuids(version=4)
json_values = st.recursive(
    st.none() | wild_texts | st.integers(2, 10**9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(wild_texts, inner, max_size=3),
    max_leaves=5,
)

ELEMENTS: dict[str, st.SearchStrategy[Any]] = {
    "tags": wild_texts | st.sampled_from(["red", "blue"]),
    "materials": st.sampled_from(Material),
    "numbers": st.integers(0, 5),
    "parents": ids,
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": ids,
    "slug": plain_texts,
    "name": wild_texts,
    "nickname": wild_texts,
    "kind": st.sampled_from(Material),
    "maker": st.sampled_from(ActorKind),
    "price": amounts,
    "discount": amounts,
    "weight": st.floats(-1e6, 1e6, allow_nan=False).map(lambda weight: weight + 0.0),
    "stock": st.integers(-(2**31), 2**31 - 1) | st.integers(0, 3),
    "rank": st.integers(0, 3),
    "views": st.integers(-(2**63), 2**63 - 1),
    **{name: st.lists(element, max_size=3) for name, element in ELEMENTS.items()},
    "attributes": json_values,
    "is_active": st.booleans(),
    "content": st.binary(max_size=4),
    "day": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "hour": st.times().map(lambda at: time(at.hour, at.minute, at.second, at.microsecond)),
    "address": st.integers(0, 2**32 - 1).map(IPv4Address),
    "expires_at": moments,
    "created_at": moments,
    "updated_at": moments,
}
NULLABLE = frozenset(
    {
        "nickname",
        "maker",
        "discount",
        "weight",
        "rank",
        "attributes",
        "content",
        "day",
        "hour",
        "address",
        "expires_at",
    }
)
LISTS = frozenset(ELEMENTS)


def value_of(column: str) -> st.SearchStrategy[Any]:
    """A value of a column, now and then none where it may be missing."""
    values = VALUES[column]
    return st.none() | values if column in NULLABLE else values


def inputs() -> st.SearchStrategy[dict[str, Any]]:
    """Create-inputs: an id that no example before has had, what is required, and any of the rest."""
    required = {"id": st.builds(new_id), "slug": value_of("slug"), "name": value_of("name")}
    return st.fixed_dictionaries(required, optional={name: value_of(name) for name in VALUES if name not in required})


def several(max_size: int = 8) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Create-inputs of widgets of one company, with different slugs."""
    return st.lists(inputs(), max_size=max_size, unique_by=lambda row: str(row["slug"]))
