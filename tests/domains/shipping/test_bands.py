"""Bands of rates cover the limits of their method exactly once."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domains.kernel.errors import DomainError
from domains.shipping.bands import require_tiling
from domains.shipping.errors import ShippingRateOutsideLimits, ShippingRatesIncomplete, ShippingRatesOverlap
from domains.shipping.models import Consignment, Limits

D = Decimal
ALL = Limits()
HEAVY = Limits(D(5), D(30))


def bands(*weights: tuple[int | None, int | None]) -> list[Limits]:
    return [Limits(*(None if bound is None else D(bound) for bound in pair)) for pair in weights]


QUARTERS = [
    Limits(*weight, *amount) for weight in ((None, D(5)), (D(5), None)) for amount in ((None, D(50)), (D(50), None))
]


@pytest.mark.parametrize(
    ("limits", "given"),
    [
        (ALL, [ALL]),
        (ALL, bands((None, 5), (5, 10), (10, None))),
        (ALL, bands((10, None), (0, 10))),
        (HEAVY, bands((5, 10), (10, 30))),
        (ALL, QUARTERS),
    ],
)
def test_bands_that_meet_cover_the_limits(limits: Limits, given: list[Limits]) -> None:
    require_tiling(limits, given)
    require_tiling(limits, [])
    for goods in (Consignment(D(7), 1, D(60)), Consignment(D(10), 1, D(50)), Consignment(D("29.999"), 1, D(0))):
        assert sum(band.contain(goods) for band in given) == 1


@pytest.mark.parametrize(
    ("limits", "given", "error", "field", "words"),
    [
        (ALL, bands((None, 5), (10, None)), ShippingRatesIncomplete, ("rates",),
         "weights from 5 to below 10 kg and amounts from 0."),
        (ALL, bands((1, None)), ShippingRatesIncomplete, ("rates",), "weights from 0 to below 1 kg and"),
        (ALL, bands((None, 5)), ShippingRatesIncomplete, ("rates",), "weights from 5 kg and"),
        (ALL, bands((None, 6), (5, None)), ShippingRatesOverlap, ("rates", "1"),
         "`rates[0]` both cover weights from 5 to below 6 kg"),
        (ALL, [ALL, ALL], ShippingRatesOverlap, ("rates", "1"), "both cover weights from 0 kg and amounts from 0."),
        (HEAVY, bands((5, 31)), ShippingRateOutsideLimits, ("rates", "0"), "carries weights from 5 to below 30 kg"),
        (HEAVY, bands((5, 30), (None, 5)), ShippingRateOutsideLimits, ("rates", "1"), "Keep the rate within"),
        (Limits(max_amount=D(100)), [Limits(max_amount=D("99.5"))], ShippingRatesIncomplete, ("rates",),
         "weights from 0 kg and amounts from 99.5 to below 100."),
    ],
)  # fmt: skip
def test_a_hole_an_overlap_and_what_is_outside_are_named(
    limits: Limits, given: list[Limits], error: type[DomainError], field: tuple[str, ...], words: str
) -> None:
    with pytest.raises(error) as caught:
        require_tiling(limits, given)
    assert caught.value.field == field
    assert words in caught.value.message


GRID = st.lists(st.integers(1, 60), min_size=0, max_size=5, unique=True).map(sorted)


def _grid(weights: list[int], amounts: list[int]) -> list[Limits]:
    """The bands between these bounds, from 0 to no limit."""
    sides = [[None, *(D(bound) for bound in bounds), None] for bounds in (weights, amounts)]
    return [Limits(*weight, *amount) for weight in pairwise(sides[0]) for amount in pairwise(sides[1])]


@given(GRID, GRID, st.randoms(use_true_random=False), st.integers(0, 70), st.integers(0, 70))
def test_of_complete_bands_exactly_one_contains_each_consignment(
    weights: list[int], amounts: list[int], random: Random, weight: int, amount: int
) -> None:
    grid = _grid(weights, amounts)
    random.shuffle(grid)
    require_tiling(ALL, grid)
    goods = Consignment(D(weight), 1, D(amount))
    assert sum(band.contain(goods) for band in grid) == 1


@given(GRID, GRID, st.data())
def test_without_one_band_there_is_a_hole_and_with_one_twice_an_overlap(
    weights: list[int], amounts: list[int], draw: st.DataObject
) -> None:
    grid = _grid(weights, amounts)
    chosen = draw.draw(st.sampled_from(grid))
    with pytest.raises(ShippingRatesOverlap):
        require_tiling(ALL, [*grid, chosen])
    assume(len(grid) > 1)
    with pytest.raises(ShippingRatesIncomplete):
        require_tiling(ALL, [band for band in grid if band is not chosen])
