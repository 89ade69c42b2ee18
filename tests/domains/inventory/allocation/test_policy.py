"""The allocation of units to warehouses, against laws and against brute force."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.inventory.allocation.places import Place
from domains.inventory.allocation.policy import AllocationRequest, Source, SourceStock, allocate, serving
from domains.inventory.errors import InsufficientStock
from domains.inventory.models import AllocationStrategy

SKUS = ("A", "B", "C")
BERLIN = Place.of("DE", "BE", "10115")
COUNTRIES = ("DE", "FR", "US")


def warehouse(number: int, *countries: str, priority: int = 0, place: Place | None = None) -> Source:
    return Source(UUID(int=number), f"W{number:02}", priority, frozenset(countries), place)


places = st.builds(
    Place.of,
    st.sampled_from(COUNTRIES),
    st.sampled_from(("", "BE", "BY")),
    st.sampled_from(("", "10115", "10999", "8")),
)


@st.composite
def stocks(draw: st.DrawFn, most: int = 8) -> SourceStock:
    count = draw(st.integers(0, most))
    sources = [
        warehouse(
            number,
            *draw(st.sets(st.sampled_from(COUNTRIES))),
            priority=draw(st.integers(0, 2)),
            place=draw(st.none() | places),
        )
        for number in range(count)
    ]
    free = {
        sku: {each.warehouse_id: draw(st.integers(0, 5)) for each in sources if draw(st.booleans())} for sku in SKUS
    }
    room = draw(st.dictionaries(st.sampled_from(SKUS), st.integers(0, 3)))
    return SourceStock(sources, free, room)


requests = st.builds(
    AllocationRequest,
    st.dictionaries(st.sampled_from(SKUS), st.integers(1, 12), min_size=1),
    st.none() | places,
    st.none() | st.integers(0, 3).map(lambda number: UUID(int=number)),
    st.sampled_from(AllocationStrategy),
)


def reachable(
    request: AllocationRequest, stock: SourceStock, sources: Iterable[Source] | None = None
) -> Counter[str]:
    """The free units of each SKU in these warehouses, or in all that may serve."""
    ids = [each.warehouse_id for each in (serving(request, stock.sources) if sources is None else sources)]
    return Counter({sku: sum(stock.free.get(sku, {}).get(each, 0) for each in ids) for sku in request.quantities})


@given(requests, stocks())
def test_units_are_exact_and_never_more_than_free(request: AllocationRequest, stock: SourceStock) -> None:
    free = reachable(request, stock)
    short = {
        sku: quantity
        for sku, quantity in request.quantities.items()
        if quantity > free[sku] + stock.backorder_room.get(sku, 0)
    }
    if short:
        with pytest.raises(InsufficientStock) as refused:
            allocate(request, stock)
        assert {each.sku: each.requested for each in refused.value.shortages} == short
        for each in refused.value.shortages:
            assert each.available == free[each.sku] + stock.backorder_room.get(each.sku, 0)
        return
    allocation = allocate(request, stock)
    taken = Counter[str]()
    for line in allocation.lines:
        assert 1 <= line.quantity <= stock.free[line.sku][line.warehouse_id]
        taken[line.sku] += line.quantity
    assert len({(line.sku, line.warehouse_id) for line in allocation.lines}) == len(allocation.lines)
    assert taken + Counter(allocation.backordered) == Counter(request.quantities)
    # Nobody waits for units that are there.
    assert all(taken[sku] == free[sku] for sku in allocation.backordered)
    served = {each.warehouse_id for each in serving(request, stock.sources)}
    assert {line.warehouse_id for line in allocation.lines} <= served


@given(requests, stocks(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    request: AllocationRequest, stock: SourceStock, random: Random
) -> None:
    def outcome(request: AllocationRequest, stock: SourceStock) -> object:
        try:
            return allocate(request, stock)
        except InsufficientStock as error:
            return error.shortages

    shuffled = replace(stock, sources=random.sample(stock.sources, len(stock.sources)))
    quantities = list(request.quantities.items())
    again = replace(request, quantities=dict(random.sample(quantities, len(quantities))))
    assert outcome(again, shuffled) == outcome(request, stock)


@given(requests, stocks())
def test_the_parcels_are_the_fewest(request: AllocationRequest, stock: SourceStock) -> None:
    request = replace(request, strategy=AllocationStrategy.FEWEST_PARCELS)
    free = reachable(request, stock)
    wanted = {sku: min(quantity, free[sku]) for sku, quantity in request.quantities.items()}
    request = replace(request, quantities={sku: quantity for sku, quantity in wanted.items() if quantity})
    used = {line.warehouse_id for line in allocate(request, stock).lines}
    for fewer in range(len(used)):
        for chosen in combinations(serving(request, stock.sources), fewer):
            had = reachable(request, stock, chosen)
            assert any(had[sku] < quantity for sku, quantity in request.quantities.items())


@given(requests, stocks(most=16))
def test_many_warehouses_leave_none_out_that_could_be(request: AllocationRequest, stock: SourceStock) -> None:
    request = replace(request, strategy=AllocationStrategy.FEWEST_PARCELS)
    free = reachable(request, stock)
    request = replace(
        request, quantities={sku: min(most, free[sku]) for sku, most in request.quantities.items() if free[sku]}
    )
    used = [each for each in stock.sources if each.warehouse_id in _used(request, stock)]
    for left_out in used:
        had = reachable(request, stock, [each for each in used if each is not left_out])
        assert any(had[sku] < quantity for sku, quantity in request.quantities.items())


def test_one_of_many_warehouses_that_has_everything_is_taken_alone() -> None:
    sources = [warehouse(number, place=BERLIN) for number in range(12)] + [warehouse(12)]
    free = {
        "A": {each.warehouse_id: 3 for each in sources[:12]} | {UUID(int=12): 9},
        "B": {UUID(int=12): 1},
    }
    request = AllocationRequest({"A": 9, "B": 1}, BERLIN)
    assert _used(request, SourceStock(sources, free)) == {UUID(int=12)}


NEAR_TO_FAR = [
    warehouse(5, place=Place.of("DE", "BE", "10117")),
    warehouse(4, place=Place.of("DE", "BB", "10999")),
    warehouse(3, place=Place.of("DE", "DE-BE", "")),
    warehouse(2, place=Place.of("DE", "BY", "80331")),
    warehouse(1, place=Place.of("FR", "BE", "10115")),
]


def one_each(sources: Sequence[Source], quantity: int = 1) -> SourceStock:
    return SourceStock(sources, {"A": {each.warehouse_id: quantity for each in sources}})


@pytest.mark.parametrize("strategy", [AllocationStrategy.FEWEST_PARCELS, AllocationStrategy.NEAREST])
def test_postal_code_then_province_then_country_are_near(strategy: AllocationStrategy) -> None:
    for count in range(1, 6):
        request = AllocationRequest({"A": count}, BERLIN, strategy=strategy)
        expected = {each.warehouse_id for each in NEAR_TO_FAR[:count]}
        assert _used(request, one_each(NEAR_TO_FAR)) == expected


def test_nearest_splits_what_fewest_parcels_keeps_together() -> None:
    near, far = NEAR_TO_FAR[0], NEAR_TO_FAR[4]
    stock = SourceStock([near, far], {"A": {near.warehouse_id: 1, far.warehouse_id: 5}})
    request = AllocationRequest({"A": 2}, BERLIN)
    assert _used(request, stock) == {far.warehouse_id}
    split = allocate(replace(request, strategy=AllocationStrategy.NEAREST), stock).lines
    assert [(line.warehouse_id, line.quantity) for line in split] == [(near.warehouse_id, 1), (far.warehouse_id, 1)]


def test_the_priority_comes_before_nearness_only_by_priority() -> None:
    near, first = warehouse(1, priority=2, place=BERLIN), warehouse(2, priority=1)
    request = AllocationRequest({"A": 1}, BERLIN)
    for strategy, chosen in ((AllocationStrategy.NEAREST, near), (AllocationStrategy.PRIORITY, first)):
        assert _used(replace(request, strategy=strategy), one_each([near, first])) == {chosen.warehouse_id}


def test_of_equal_warehouses_the_priority_then_the_code_decides() -> None:
    sources = [warehouse(3, priority=1), warehouse(2), warehouse(1, priority=1)]
    for count, numbers in ((1, {2}), (2, {1, 2}), (3, {1, 2, 3})):
        used = _used(AllocationRequest({"A": count}, BERLIN), one_each(sources))
        assert used == {UUID(int=number) for number in numbers}


def test_a_pick_up_warehouse_alone_serves_even_abroad() -> None:
    sources = [warehouse(1, "FR"), warehouse(2)]
    request = AllocationRequest({"A": 2}, BERLIN, pickup_warehouse_id=UUID(int=1))
    assert _used(request, one_each(sources, 2)) == {UUID(int=1)}
    with pytest.raises(InsufficientStock):
        allocate(replace(request, quantities={"A": 3}), one_each(sources, 2))


def test_the_refusal_counts_what_this_destination_can_get() -> None:
    stock = replace(one_each([warehouse(1, "FR"), warehouse(2, "DE")], 4), backorder_room={"A": 2})
    with pytest.raises(InsufficientStock) as refused:
        allocate(AllocationRequest({"A": 7}, BERLIN), stock)
    assert refused.value.available == 6


def _used(request: AllocationRequest, stock: SourceStock) -> set[UUID]:
    return {line.warehouse_id for line in allocate(request, stock).lines}
