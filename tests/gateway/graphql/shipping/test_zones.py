"""Shipping zones, methods and profiles over HTTP: who reads and changes them, and the statements it takes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.gateway.graphql.shipping.zone_operations import (
    CREATE_METHOD,
    CREATE_PROFILE,
    CREATE_ZONE,
    DELETE_METHOD,
    DELETE_PROFILE,
    DELETE_ZONE,
    NODE,
    ONE_ZONE,
    PROFILES,
    UPDATE_METHOD,
    UPDATE_PROFILE,
    UPDATE_ZONE,
    ZONES,
    make_method,
    make_zone,
)
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
STORED: Final = """select (select json_agg(z) from shipping_zones z where company_id = $1) as zones,
  (select json_agg(m) from shipping_methods m where company_id = $1) as methods,
  (select json_agg(r) from shipping_rates r where company_id = $1) as rates,
  (select json_agg(p) from shipping_profiles p where company_id = $1) as profiles"""
BANDS: Final = [{"maxWeight": "5", "rate": "0"}, {"minWeight": "5", "rate": "3.5"}]

VAN: Final = {
    "name": "Van",
    "description": None,
    "type": "DELIVERY",
    "pickupWarehouseId": None,
    "carrierId": None,
    "carrier": "dhl",
    "serviceType": "STANDARD",
    "pricing": "TABLE",
    "currency": "EUR",
    "basePrice": "9.5000",
    "pricePerKg": "1.0000",
    "pricePerItem": "0.0000",
    "freeFrom": None,
    "minDays": 1,
    "maxDays": 3,
    "minWeight": None,
    "maxWeight": None,
    "minAmount": None,
    "maxAmount": None,
    "position": 0,
    "isActive": True,
    "configuration": {"service": "van"},
    "zone": {"name": "Cities"},
    "rates": [
        {"minWeight": None, "maxWeight": "5.000", "minAmount": None, "maxAmount": None, "rate": "0.0000"},
        {"minWeight": "5.000", "maxWeight": None, "minAmount": None, "maxAmount": None, "rate": "3.5000"},
    ],
    "profiles": [{"name": "Furniture"}],
}


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


async def test_a_zone_with_its_method_and_a_profile_live(site: Site, boss: Actor) -> None:
    codes = [{"country": "gb", "prefix": "sw 1"}, {"country": "DE", "from": "10115", "to": "14199"}]
    made = await site.do(
        CREATE_ZONE, boss, name="Cities", type="CUSTOM", states=["ca-Québec"], postalCodes=codes, isActive=False
    )
    zone = made["shippingZone"]
    assert zone == {
        "id": zone["id"],
        "name": "Cities",
        "type": "CUSTOM",
        "countries": [],
        "states": ["CA-QC"],
        "postalCodes": [
            {"country": "GB", "prefix": "SW1", "from": None, "to": None},
            {"country": "DE", "prefix": None, "from": "10115", "to": "14199"},
        ],
        "isActive": False,
    }
    profile = (await site.do(CREATE_PROFILE, boss, name="Furniture", isDefault=True))["shippingProfile"]
    assert profile == {"id": profile["id"], "name": "Furniture", "isDefault": True}
    given: dict[str, Any] = {"name": "Van", "basePrice": "9.5", "pricePerKg": "1", "minDays": 1, "maxDays": 3}
    given |= {"rates": BANDS, "profileIds": [profile["id"]], "configuration": {"service": "van"}, "carrier": "DHL"}
    method = await make_method(site, boss, zone["id"], **given)
    assert method == VAN | {"id": method["id"]}
    changed = await site.do(UPDATE_METHOD, boss, id=method["id"], name="Truck", rates=[], profileIds=[])
    assert changed["shippingMethod"] == method | {"name": "Truck", "rates": [], "profiles": []}
    renamed = await site.do(UPDATE_ZONE, boss, id=zone["id"], name="Towns", postalCodes=None)
    assert renamed["shippingZone"] == zone | {"name": "Towns", "postalCodes": []}
    usual = await site.do(UPDATE_PROFILE, boss, id=profile["id"], isDefault=False)
    assert usual["shippingProfile"] == profile | {"isDefault": False}
    assert (await site.do(DELETE_METHOD, boss, id=method["id"]))["deletedId"] == method["id"]
    assert (await site.do(DELETE_ZONE, boss, id=zone["id"]))["deletedId"] == zone["id"]
    assert (await site.do(DELETE_PROFILE, boss, id=profile["id"]))["deletedId"] == profile["id"]
    assert (await site.value(ZONES, boss))["totalCount"] == 0


@pytest.mark.parametrize(
    ("operation", "given", "code", "path"),
    [
        (CREATE_ZONE, {"type": "COUNTRY", "countries": ["AT", "DE"]}, "SHIPPING_ZONES_OVERLAP", ["countries", "1"]),
        (
            CREATE_ZONE,
            {"type": "POSTAL_CODE", "postalCodes": [{"country": "DE", "from": "10", "to": "9"}]},
            "INVALID",
            ["postalCodes", "0", "to"],
        ),
        (CREATE_METHOD, {"basePrice": "-1"}, "OUT_OF_RANGE", ["basePrice"]),
        (CREATE_METHOD, {"minWeight": "-0.5"}, "OUT_OF_RANGE", ["minWeight"]),
        (CREATE_METHOD, {"rates": BANDS[:1]}, "SHIPPING_RATES_INCOMPLETE", ["rates"]),
        (CREATE_METHOD, {"rates": [*BANDS, BANDS[1]]}, "SHIPPING_RATES_OVERLAP", ["rates", "2"]),
        (CREATE_METHOD, {"maxWeight": "4", "rates": BANDS}, "SHIPPING_RATE_OUTSIDE_LIMITS", ["rates", "0"]),
        (CREATE_METHOD, {"profileIds": [str(new_id())]}, "NOT_FOUND", ["profileIds", "0"]),
        (CREATE_METHOD, {"type": "PICKUP", "pickupWarehouseId": str(new_id())}, "NOT_FOUND", ["pickupWarehouseId"]),
        (CREATE_METHOD, {"pricing": "CARRIER", "carrierId": str(new_id())}, "NOT_FOUND", ["carrierId"]),
        (CREATE_METHOD, {"zoneId": str(new_id())}, "NOT_FOUND", ["zoneId"]),
    ],
)
async def test_what_is_refused_changes_nothing(
    site: Site, boss: Actor, owner: Any, operation: str, given: dict[str, Any], code: str, path: list[str]
) -> None:
    zone = await make_zone(site, boss, "Germany", countries=["DE"])
    before = await owner.fetchrow(STORED, site.company_id)
    others = {"name": "New"} | ({"zoneId": zone} if operation == CREATE_METHOD else {})
    error = await site.refused(operation, boss, **others | given)
    assert (error["code"], error["path"]) == (code, ["input", *path])
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_a_list_with_methods_rates_and_profiles_takes_six_statements(site: Site, boss: Actor) -> None:
    profile = (await site.do(CREATE_PROFILE, boss, name="Furniture"))["shippingProfile"]["id"]
    world, germany = await make_zone(site, boss), await make_zone(site, boss, "Germany", countries=["DE"])
    for zone in (world, germany):
        for position in (1, 0):
            given = {"rates": BANDS, "profileIds": [profile], "name": f"M{position}", "position": position}
            await make_method(site, boss, zone, **given)
    found = await site.value(ZONES, boss, sortBy={"field": "NAME"})
    assert site.count.data == 6  # the page, the count, methods, rates, pairs with profiles, profiles
    assert [(zone["name"], [method["name"] for method in zone["methods"]]) for zone in found["nodes"]] == [
        ("Germany", ["M0", "M1"]),
        ("World", ["M0", "M1"]),
    ]
    methods = [method for zone in found["nodes"] for method in zone["methods"]]
    assert {(len(method["rates"]), method["profiles"][0]["name"]) for method in methods} == {(2, "Furniture")}
    assert [zone["name"] for zone in (await site.value(ZONES, boss, search="orl"))["nodes"]] == ["World"]


async def test_only_staff_with_settings_read_and_change_shipping(
    site: Site, boss: Actor, owner: Any, make_site: Callable[..., Site], other_company: Any
) -> None:
    zone = await make_zone(site, boss)
    method = (await make_method(site, boss, zone, rates=BANDS))["id"]
    profile = (await site.do(CREATE_PROFILE, boss, name="Furniture"))["shippingProfile"]["id"]
    rate = await owner.fetchval("select id from shipping_rates where company_id = $1 limit 1", site.company_id)
    before = await owner.fetchrow(STORED, site.company_id)
    changes: list[tuple[str, dict[str, Any]]] = [
        (CREATE_ZONE, {"name": "Z", "type": "COUNTRY", "countries": ["DE"]}),
        (CREATE_PROFILE, {"name": "P"}),
        (CREATE_METHOD, {"zoneId": zone, "name": "M"}),
        (UPDATE_ZONE, {"id": zone, "name": "Z"}),
        (UPDATE_METHOD, {"id": method, "name": "M"}),
        (UPDATE_PROFILE, {"id": profile, "name": "P"}),
        (DELETE_METHOD, {"id": method}),
        (DELETE_ZONE, {"id": zone}),
        (DELETE_PROFILE, {"id": profile}),
    ]
    reads: list[tuple[str, dict[str, Any]]] = [
        (ZONES, {}),
        (PROFILES, {}),
        (ONE_ZONE, {"id": zone}),
        *((NODE, {"id": str(each)}) for each in (zone, method, rate, profile)),
    ]
    reader = member(site.company_id, "CLERK", 10, frozenset({Grant(R.SETTINGS, A.READ)}))
    merchandiser = member(site.company_id, "CLERK", 10, frozenset({Grant(R.PRODUCTS, A.MANAGE)}))
    for change, given in changes:
        assert await site.denied(change, None, input=given) == "UNAUTHENTICATED"
        for who in (reader, merchandiser):
            assert await site.denied(change, who, input=given) == "FORBIDDEN"
    for query, given in reads:
        assert await site.value(query, reader, **given) is not None
        if query != NODE:
            assert await site.denied(query, None, **given) == "UNAUTHENTICATED"
            assert await site.denied(query, merchandiser, **given) == "FORBIDDEN"
        else:
            assert await site.value(query, merchandiser, **given) is None
    elsewhere, stranger = make_site(other_company), administrator(other_company)
    assert [await elsewhere.value(query, stranger, **given) for query, given in reads[2:]] == [None] * 5
    for change, given in changes[2:]:
        assert (await elsewhere.refused(change, stranger, **given))["code"] == "NOT_FOUND"
    assert await owner.fetchrow(STORED, site.company_id) == before


async def test_statements_of_changes(site: Site, boss: Actor) -> None:
    counts = []
    zone = await make_zone(site, boss)
    counts.append(site.count.data)
    method = await make_method(site, boss, zone, rates=BANDS)
    counts.append(site.count.data)
    await site.do(UPDATE_METHOD, boss, id=method["id"], basePrice="5")
    counts.append(site.count.data)
    await site.do(UPDATE_ZONE, boss, id=zone, name="Z")
    counts.append(site.count.data)
    await site.do(DELETE_METHOD, boss, id=method["id"])
    counts.append(site.count.data)
    await site.do(DELETE_ZONE, boss, id=zone)
    counts.append(site.count.data)
    assert counts == [5, 12, 7, 5, 4, 6]


async def test_the_currency_of_a_company_stays_once_a_method_has_amounts(site: Site, boss: Actor) -> None:
    await make_method(site, boss, await make_zone(site, boss))
    change = """mutation ($input: CompanySettingsUpdateInput!) { companySettingsUpdate(input: $input) {
      errors { code path } } }"""
    assert (await site.refused(change, boss, currency="USD"))["path"] == ["input", "currency"]
