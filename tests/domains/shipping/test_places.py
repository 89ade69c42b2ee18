"""The zone of a place, and places that two zones contain."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.shipping.models import ShippingZoneType
from domains.shipping.places import PostalCodes, ZonePlaces, ZoneTable, overlaps
from domains.tax.places import Place

Z = ShippingZoneType
REST = ZonePlaces(UUID(int=1), "Rest", Z.REST_OF_WORLD)


def zone(number: int, *, countries: str = "", states: str = "", codes: str = "") -> ZonePlaces:
    """A zone of lists in words; postal codes are `DE:10` or `DE:101-119`."""
    postal_codes = []
    for each in codes.split():
        country, _, text = each.partition(":")
        first, _, last = text.partition("-")
        postal_codes.append(PostalCodes(country, first, last or first))
    name = f"Zone {number}"
    return ZonePlaces(UUID(int=number), name, Z.CUSTOM, countries.split(), states.split(), postal_codes)


def found(place: Place | None, *zones: ZonePlaces) -> int | None:
    zone_id = ZoneTable.of(zones).find(place)
    return None if zone_id is None else zone_id.int


BAVARIA = Place("DE", "BY", "80331")
ZONES = (
    REST,
    zone(2, countries="DE AT"),
    zone(3, states="DE-BY"),
    zone(4, codes="DE:8"),
    zone(5, codes="DE:80-81"),
    zone(6, codes="DE:8033"),
)


def test_the_most_specific_zone_contains_a_place() -> None:
    expected = [6, 4, 4, 3, 2, 1]
    # 80-81 begins with 8 alone, as specific as the prefix 8 that is listed before it.
    zones = [each for each in ZONES if each.zone_id.int != 5]
    places = [BAVARIA, Place("DE", "BY", "80999"), Place("DE", "", "8"), Place("DE", "BY"), Place("AT", "9", "6020"),
              Place("CH", "ZH", "8001")]  # fmt: skip
    assert [found(place, *zones) for place in places] == expected
    assert found(BAVARIA, zone(5, codes="DE:80-81"), zone(3, states="DE-BY")) == 5
    assert found(None, *ZONES) == 1
    assert found(Place("CH"), *ZONES[1:]) is None
    assert found(None, *ZONES[1:]) is None


def test_a_range_contains_what_begins_with_one_of_its_codes() -> None:
    london = zone(2, codes="GB:SW1-SW9")
    codes = ("SW1A1AA", "SW9", "SW10AA", "SE1", "SW", "W1", "")
    assert [found(Place("GB", "", code), london, REST) for code in codes] == [2, 2, 2, 1, 1, 1, 1]
    everything = zone(3, codes="US:00000-99999")
    assert [found(Place("US", "NY", code), everything, REST) for code in ("10001", "1000", "")] == [3, 1, 1]


@pytest.mark.parametrize(
    ("one", "other", "place", "path"),
    [
        (zone(2, countries="FR DE"), zone(3, countries="DE"), "DE", ("countries", "1")),
        (zone(2, states="DE-BY"), zone(3, states="DE-BE DE-BY"), "DE-BY", ("states", "0")),
        (zone(2, codes="DE:10"), zone(3, codes="DE:10"), "DE 10", ("postal_codes", "0")),
        (zone(2, codes="AT:1 DE:10115-10999"), zone(3, codes="DE:10"), "DE 10115", ("postal_codes", "1")),
        (zone(2, codes="DE:10"), zone(3, codes="DE:10115-10999"), "DE 10115", ("postal_codes", "0")),
        (zone(2, codes="DE:101-119"), zone(3, codes="DE:11500-12000"), "DE 11500", ("postal_codes", "0")),
        (REST, replace(REST, zone_id=UUID(int=9), name="World"), "the rest of the world", ("type",)),
    ],
)
def test_a_place_that_two_zones_contain_is_named(
    one: ZonePlaces, other: ZonePlaces, place: str, path: tuple[str, ...]
) -> None:
    assert [(found.other.name, found.place, found.path) for found in overlaps(one, [zone(8), other])] == [
        (other.name, place, path)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (zone(2, countries="DE"), zone(3, countries="AT", states="DE-BY", codes="DE:1")),
        (zone(2, states="US-NY"), zone(3, states="CA-NY")),
        (zone(2, codes="DE:10"), zone(3, codes="AT:10 DE:1 DE:101 DE:11 DE:2")),
        (zone(2, codes="DE:101-114"), zone(3, codes="DE:115-119")),
        (zone(2, codes="DE:10000-14999"), zone(3, codes="DE:10000-10999")),
        (REST, zone(3, countries="DE")),
    ],
)
def test_zones_of_different_places_and_of_different_specificity_do_not_overlap(
    one: ZonePlaces, other: ZonePlaces
) -> None:
    assert [*overlaps(one, [other]), *overlaps(other, [one])] == []


CODE = st.text("01", min_size=1, max_size=4)
PREFIXES = st.lists(CODE, max_size=4)
RANGES = st.lists(st.tuples(CODE, CODE).filter(lambda pair: len(pair[0]) == len(pair[1])).map(sorted), max_size=4)


def _drawn(number: int, prefixes: list[str], ranges: list[list[str]]) -> ZonePlaces:
    pairs = [*((prefix, prefix) for prefix in prefixes), *((first, last) for first, last in ranges)]
    codes = [PostalCodes("DE", first, last) for first, last in pairs]
    return ZonePlaces(UUID(int=number), f"Zone {number}", Z.POSTAL_CODE, postal_codes=codes)


@given(PREFIXES, RANGES, PREFIXES, RANGES, st.text("01", min_size=5, max_size=5))
def test_zones_that_do_not_overlap_are_found_in_any_order(
    one_prefixes: list[str],
    one_ranges: list[list[str]],
    other_prefixes: list[str],
    other_ranges: list[list[str]],
    code: str,
) -> None:
    one, other = _drawn(1, one_prefixes, one_ranges), _drawn(2, other_prefixes, other_ranges)
    conflicts = list(overlaps(one, [other]))
    assert bool(conflicts) == bool(list(overlaps(other, [one])))
    place = Place("DE", "", code)
    if found(place, one, other) != found(place, other, one):
        assert conflicts
    if not conflicts:
        longest = [
            max((len(codes.common_prefix) for codes in each.postal_codes if codes.contain(code)), default=-1)
            for each in (one, other)
        ]
        expected = None if max(longest) < 0 else 1 + longest.index(max(longest))
        assert found(place, one, other) == expected


@given(PREFIXES, RANGES, PREFIXES, RANGES)
def test_an_overlap_is_a_code_that_both_zones_contain(
    one_prefixes: list[str], one_ranges: list[list[str]], other_prefixes: list[str], other_ranges: list[list[str]]
) -> None:
    one, other = _drawn(1, one_prefixes, one_ranges), _drawn(2, other_prefixes, other_ranges)
    for overlap in overlaps(one, [other]):
        codes = one.postal_codes[int(overlap.path[1])]
        code = overlap.place.removeprefix("DE ").ljust(5, "0")
        assert codes.contain(code)
        assert any(
            each.contain(code) and len(each.common_prefix) == len(codes.common_prefix) for each in other.postal_codes
        )
