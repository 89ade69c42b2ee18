"""Zones, methods and profiles that are written at the same time, with real commits."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.pagination.pages import PageArgs
from domains.shipping import methods
from domains.shipping.service import ShippingService
from tests.domains.shipping.conftest import MakeMethod, MakeProfile, MakeZone

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def outcomes(*writes: Awaitable[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in await asyncio.gather(*writes, return_exceptions=True))


async def test_of_twenty_zones_of_a_place_one_is_stored(make_zone: MakeZone) -> None:
    codes = [[{"country": "DE", "from": f"10{number:03}", "to": "10999"}] for number in range(20)]
    writes = [make_zone(f"Zone {number}", postal_codes=each) for number, each in enumerate(codes)]
    assert await outcomes(*writes) == {"ShippingZoneRow": 1, "ShippingZonesOverlap": 19}


async def test_of_two_zones_that_gain_the_same_country_one_does(
    shipping: ShippingService, make_zone: MakeZone, database: Database, actor: Actor
) -> None:
    made = [await make_zone(country, countries=[country]) for country in ("DE", "FR")]

    def gain(zone: Any) -> Awaitable[Any]:
        changes: Any = {"countries": [*zone.countries, "CH"]}
        return database.run(lambda tx: shipping.zones.update(tx, zone.id, changes), actor)

    assert await outcomes(*map(gain, made)) == {"ShippingZoneRow": 1, "ShippingZonesOverlap": 1}


async def test_methods_of_a_zone_stay_within_their_number(
    make_zone: MakeZone, make_method: MakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "MAX_METHODS", 3)
    zone = await make_zone()
    assert await outcomes(*(make_method(zone) for _ in range(8))) == {"ShippingMethodRow": 3, "TooMany": 5}


async def test_a_zone_that_is_deleted_keeps_no_method(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, database: Database, actor: Actor
) -> None:
    zone = await make_zone()
    delete = database.run(lambda tx: shipping.zones.delete(tx, zone.id), actor)
    results = await outcomes(delete, *(make_method(zone) for _ in range(4)))
    assert results["NoneType"] == 1
    assert results["ShippingMethodRow"] + results["ShippingZoneNotFound"] == 4
    assert await database.run(lambda tx: shipping.methods.of_zones(tx, [zone.id]), actor) == []


@pytest.mark.parametrize("has_default", [True, False])
async def test_a_company_has_one_default_profile_after_many_became_it(
    shipping: ShippingService,
    make_profile: MakeProfile,
    database: Database,
    actor: Actor,
    reader: Reader,
    *,
    has_default: bool,
) -> None:
    made = [await make_profile(f"P{number}", is_default=has_default and number == 0) for number in range(5)]

    def choose(profile: Any) -> Awaitable[Any]:
        return database.run(lambda tx: shipping.profiles.update(tx, profile.id, {"is_default": True}), actor)

    writes = [*map(choose, made), *(make_profile(f"Q{number}", is_default=True) for number in range(5))]
    assert await outcomes(*writes) == {"ShippingProfileRow": 10}
    found = (await shipping.profiles.find_page(reader, PageArgs(first=20))).items
    assert Counter(profile.is_default for profile in found) == {True: 1, False: 9}


async def test_a_profile_is_deleted_or_carried_and_never_both(
    shipping: ShippingService,
    make_zone: MakeZone,
    make_method: MakeMethod,
    make_profile: MakeProfile,
    database: Database,
    actor: Actor,
) -> None:
    zone, profile = await make_zone(), await make_profile()
    delete = database.run(lambda tx: shipping.profiles.delete(tx, profile.id), actor)
    results = await outcomes(make_method(zone, profile_ids=[profile.id]), delete)
    assert results in (
        {"ShippingMethodRow": 1, "ShippingProfileInUse": 1},
        {"ShippingProfileNotFound": 1, "NoneType": 1},
    )
