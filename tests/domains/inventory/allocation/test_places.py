"""Places of warehouses and destinations."""

import pytest

from domains.inventory.allocation.places import ELSEWHERE, SAME_AREA, SAME_COUNTRY, SAME_PROVINCE, Place


@pytest.mark.parametrize(
    ("address", "same"),
    [
        (("de", "DE-BY", "80 331"), ("DE", "by", "80331")),
        (("GB", None, "sw1a-1aa"), ("GB", "", "SW1A 1AA")),
        (("US", " ca ", "94105"), ("US", "US-CA", "94105")),
    ],
)
def test_addresses_are_compared_in_one_form(
    address: tuple[str, str | None, str], same: tuple[str, str | None, str]
) -> None:
    assert Place.of(*address) == Place.of(*same)


@pytest.mark.parametrize(
    ("place", "nearness"),
    [
        (Place.of("DE", "BY", "10117"), (SAME_AREA, -4)),
        (Place.of("DE", "BE", "10117"), (SAME_AREA, -4)),
        (Place.of("DE", "BE", "80331"), (SAME_PROVINCE, 0)),
        (Place.of("DE", "", ""), (SAME_COUNTRY, 0)),
        (Place.of("FR", "BE", "10115"), (ELSEWHERE, 0)),
        (Place.of(None), (ELSEWHERE, 0)),
    ],
)
def test_nearness(place: Place, nearness: tuple[int, int]) -> None:
    assert place.nearness(Place.of("DE", "BE", "10115")) == nearness


def test_places_without_a_country_are_not_near() -> None:
    assert Place().nearness(Place()) == (ELSEWHERE, 0)
