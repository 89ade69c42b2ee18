"""The places of shipping zones: their normal form, the zone of a place, and places that two zones contain. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self, TypeAlias
from uuid import UUID

from domains.shipping.data import ShippingZoneType
from domains.tax.places import Place

AFTER_ALL: Final = "~"  # follows all letters and digits, so that a range contains what begins with its last code


class PostalCodes(NamedTuple):
    """The postal codes of a country that begin with a prefix, or with one from `first` to `last`, of equal length."""

    country: str
    first: str
    last: str

    @classmethod
    def of(cls, stored: Mapping[str, str]) -> Self:
        """The postal codes of a stored object: of a prefix, or of a range."""
        if (prefix := stored.get("prefix")) is not None:
            return cls(stored["country"], prefix, prefix)
        return cls(stored["country"], stored["from"], stored["to"])

    @property
    def stored(self) -> dict[str, str]:
        """The object that is stored."""
        if self.first == self.last:
            return {"country": self.country, "prefix": self.first}
        return {"country": self.country, "from": self.first, "to": self.last}

    @property
    def common_prefix(self) -> str:
        """What all of them begin with; the longer it is, the more specific they are."""
        pairs = enumerate(zip(self.first, self.last, strict=True))
        return self.first[: next((index for index, (one, other) in pairs if one != other), len(self.first))]

    def contain(self, postal_code: str) -> bool:
        """Whether a code in capital letters and digits is one of them."""
        length = len(self.first)
        return len(postal_code) >= length and self.first <= postal_code[:length] <= self.last


@dataclass(frozen=True, slots=True)
class ZonePlaces:
    """What a zone consists of, in normal form. A zone of the rest of the world has no lists."""

    zone_id: UUID
    name: str
    type: ShippingZoneType
    countries: Sequence[str] = ()
    states: Sequence[str] = ()
    postal_codes: Sequence[PostalCodes] = ()

    @classmethod
    def of(cls, zone: Any) -> Self:
        """The places of a stored zone."""
        codes = [PostalCodes.of(each) for each in zone.postal_codes]
        return cls(zone.id, zone.name, zone.type, zone.countries, zone.states, codes)


@dataclass(slots=True)
class ZoneTable:
    """The active zones of a company, by their places. The most specific one contains a place."""

    rest_of_world: UUID | None = None
    countries: dict[str, UUID] = field(default_factory=dict)
    states: dict[str, UUID] = field(default_factory=dict)
    postal_codes: dict[tuple[str, str], list[tuple[PostalCodes, UUID]]] = field(default_factory=dict)

    @classmethod
    def of(cls, zones: Iterable[ZonePlaces]) -> Self:
        """The table of these zones, no two of which contain the same place as specifically."""
        table = cls()
        for zone in zones:
            if zone.type is ShippingZoneType.REST_OF_WORLD:
                table.rest_of_world = zone.zone_id
            table.countries.update(dict.fromkeys(zone.countries, zone.zone_id))
            table.states.update(dict.fromkeys(zone.states, zone.zone_id))
            for codes in zone.postal_codes:
                key = (codes.country, codes.common_prefix)
                table.postal_codes.setdefault(key, []).append((codes, zone.zone_id))
        return table

    def find(self, place: Place | None) -> UUID | None:
        """The zone of a place: by its postal code, the longest prefix first, by its state, its country, or the rest.

        A place that is not known is of the rest of the world. None when no zone contains it.
        """
        if place is None:
            return self.rest_of_world
        for length in range(len(place.postal_code), -1, -1):
            for codes, zone_id in self.postal_codes.get((place.country, place.postal_code[:length]), ()):
                if codes.contain(place.postal_code):
                    return zone_id
        state = self.states.get(f"{place.country}-{place.province}") if place.province else None
        return state or self.countries.get(place.country) or self.rest_of_world


Area: TypeAlias = tuple[str, str, int]
"""Claims of different areas never conflict: the kind of place, the country or state, the length of a prefix."""
NO_PATH: Final[tuple[str, ...]] = ("type",)


class Claim(NamedTuple):
    """A place that a zone contains, from `first` to `last`; `path` names it in the zone."""

    area: Area
    first: str
    last: str
    path: tuple[str, ...]


class Overlap(NamedTuple):
    """A place that two zones contain as specifically: `path` names it in the zone that was examined."""

    other: ZonePlaces
    place: str
    path: tuple[str, ...]


def claims_of(zone: ZonePlaces) -> Iterator[Claim]:
    """The places that a zone contains."""
    if zone.type is ShippingZoneType.REST_OF_WORLD:
        yield Claim(("rest", "", 0), "", "", NO_PATH)
    for kind in ("countries", "states"):
        for index, name in enumerate(getattr(zone, kind)):
            yield Claim((kind, name, 0), "", "", (kind, str(index)))
    for index, codes in enumerate(zone.postal_codes):
        area = ("postal_codes", codes.country, len(codes.common_prefix))
        yield Claim(area, codes.first, codes.last, ("postal_codes", str(index)))


def overlaps(zone: ZonePlaces, others: Iterable[ZonePlaces]) -> Iterator[Overlap]:
    """The places of a zone that others contain as specifically; one other zone for each place."""
    claims = list(claims_of(zone))
    areas = {claim.area for claim in claims}
    claimed: dict[Area, list[tuple[str, str, ZonePlaces]]] = {}
    for other in others:
        for claim in claims_of(other):
            if claim.area in areas:
                claimed.setdefault(claim.area, []).append((claim.first, claim.last + AFTER_ALL, other))
    reached = {area: _Reach.of(ranges) for area, ranges in claimed.items()}
    for claim in claims:
        found = reached[claim.area].find(claim.first, claim.last + AFTER_ALL) if claim.area in reached else None
        if found is not None:
            first, other = found
            yield Overlap(other, _name(claim, max(first, claim.first)), claim.path)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Ranges in the order of their first codes, and which of those so far has the greatest last one."""

    firsts: Sequence[str]
    reach: Sequence[tuple[str, str, ZonePlaces]]  # the last code, the first one, the zone

    @classmethod
    def of(cls, ranges: list[tuple[str, str, ZonePlaces]]) -> Self:
        """The reach of ranges."""
        ranges.sort(key=lambda each: each[:2])
        reach: list[tuple[str, str, ZonePlaces]] = []
        for first, last, zone in ranges:
            reach.append(reach[-1] if reach and reach[-1][0] >= last else (last, first, zone))
        return cls([first for first, _, _ in ranges], reach)

    def find(self, first: str, last: str) -> tuple[str, ZonePlaces] | None:
        """The first code and the zone of a range that has a code in common with this one."""
        begun = bisect_right(self.firsts, last)
        if begun and (found := self.reach[begun - 1])[0] >= first:
            return found[1], found[2]
        return None


def _name(claim: Claim, postal_code: str) -> str:
    kind, name, _ = claim.area
    if kind == "rest":
        return "the rest of the world"
    return f"{name} {postal_code}" if kind == "postal_codes" else name
