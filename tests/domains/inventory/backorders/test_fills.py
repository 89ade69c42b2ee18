"""Which waiting orders get units that came in."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domains.inventory.allocation.policy import Source
from domains.inventory.backorders.fills import Filling, Waiting, fillings

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ITEM = UUID(int=1)
GERMAN = Source(UUID(int=11), "DE", 1, frozenset({"DE"}))
WORLDWIDE = Source(UUID(int=12), "WW", 2)
FREE = st.fixed_dictionaries({GERMAN.warehouse_id: st.integers(0, 6), WORLDWIDE.warehouse_id: st.integers(0, 6)})


def waiting_order(number: int, units: int, country: str | None = "DE", pickup: Source | None = None) -> Waiting:
    at = NOON + timedelta(minutes=number)
    pickup_id = pickup.warehouse_id if pickup else None
    return Waiting(UUID(int=100 + number), ITEM, UUID(int=200 + number), units, at, country, pickup_id)


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    countries, pickups = st.sampled_from(("DE", "FR", None)), st.sampled_from((None, None, GERMAN, WORLDWIDE))
    return [
        waiting_order(n, draw(st.integers(1, 4)), draw(countries), draw(pickups))
        for n in range(draw(st.integers(0, 5)))
    ]


def may_serve(source: Source, each: Waiting) -> bool:
    if each.pickup_warehouse_id:
        return source.warehouse_id == each.pickup_warehouse_id
    return source is WORLDWIDE or each.country in ("DE", None)


def shown(filled: list[Filling]) -> list[tuple[int, str, int, bool]]:
    codes = {source.warehouse_id: source.code for source in (GERMAN, WORLDWIDE)}
    return [(each.waiting.order_id.int - 200, codes[each.warehouse_id], each.units, each.is_last) for each in filled]


@given(queues(), FREE)
def test_units_go_to_the_oldest_that_can_be_served_and_nobody_waits_for_units_that_are_left(
    waiting: list[Waiting], free: dict[UUID, int]
) -> None:
    filled = fillings(reversed(waiting), [WORLDWIDE, GERMAN], {ITEM: free})
    left = Counter(free)
    got = Counter[UUID]()
    for each in filled:
        assert each.units > 0
        assert may_serve(GERMAN if each.warehouse_id == GERMAN.warehouse_id else WORLDWIDE, each.waiting)
        left[each.warehouse_id] -= each.units
        got[each.waiting.backorder_id] += each.units
        assert each.is_last is (got[each.waiting.backorder_id] == each.waiting.units)
    assert min(left.values()) >= 0
    unserved = {source.warehouse_id: left[source.warehouse_id] for source in (GERMAN, WORLDWIDE)}
    for number, order in enumerate(waiting):
        assert got[order.backorder_id] <= order.units
        if got[order.backorder_id] < order.units:  # it takes all that may serve it, so later ones get none of that
            later = {other.backorder_id for other in waiting[number + 1 :]}
            for source in (GERMAN, WORLDWIDE):
                if may_serve(source, order):
                    takers = {e.waiting.backorder_id for e in filled if e.warehouse_id == source.warehouse_id}
                    assert unserved[source.warehouse_id] == 0
                    assert not takers & later


def test_an_order_is_filled_in_part_and_by_priority() -> None:
    free = {ITEM: {GERMAN.warehouse_id: 2, WORLDWIDE.warehouse_id: 2}}
    filled = fillings([waiting_order(2, 9), waiting_order(1, 3)], [WORLDWIDE, GERMAN], free)
    assert shown(filled) == [(1, "DE", 2, False), (1, "WW", 1, True), (2, "WW", 1, False)]


def test_an_order_that_cannot_be_served_from_here_lets_the_next_pass() -> None:
    free = {ITEM: {GERMAN.warehouse_id: 1}}
    filled = fillings(
        [waiting_order(1, 1, "FR"), waiting_order(2, 1, "FR", pickup=GERMAN), waiting_order(3, 1)],
        [GERMAN, WORLDWIDE],
        free,
    )
    assert shown(filled) == [(2, "DE", 1, True)]


def test_units_of_one_sku_fill_no_other() -> None:
    assert fillings([waiting_order(1, 1)], [GERMAN], {UUID(int=2): {GERMAN.warehouse_id: 5}}) == []
