"""Shipping zones of a company: their places in normal form, what is refused, and which methods a sale has."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from domains.shipping import zones
from domains.shipping.errors import ShippingZoneNotFound, ShippingZonesOverlap
from domains.shipping.events import ShippingZoneCreated, ShippingZoneDeleted, ShippingZoneUpdated
from domains.shipping.models import Consignment, ShippingZoneType
from domains.shipping.service import ShippingService
from domains.tax.models import Destination
from domains.tax.service import TaxService
from tests.domains.shipping.conftest import MakeMethod, MakeZone
from tests.domains.shipping.zones import flat_rate

Z = ShippingZoneType
GOODS = Consignment(Decimal(1), 1, Decimal(20))


def refusals(error: DomainError) -> set[str]:
    return {f"{type(each).__name__} {'.'.join(each.field)}" for each in errors_of(error)}


async def names(shipping: ShippingService, db: Reader, *places: Destination | None) -> list[list[str]]:
    """The names of the methods for each place."""
    found = await shipping.of_sales(db, places)
    return [[option.name for option in found[place].options(GOODS)] for place in places]


async def test_places_have_one_normal_form(shipping: ShippingService, tx: Tx) -> None:
    zone = await shipping.zones.create(
        tx,
        {
            "name": " Somewhere ",
            "type": Z.CUSTOM,
            "countries": ["de", "AT", "DE"],
            "states": ["ca-Québec", "CA-QC", "us-ny"],
            "postal_codes": [
                {"country": "gb", "prefix": " sw-1a "},
                {"country": "DE", "from": "10 115", "to": "14199"},
                {"country": "NL", "from": "10", "to": "10", "prefix": None},
            ],
        },
    )
    assert (zone.name, zone.is_active) == ("Somewhere", True)
    assert (zone.countries, zone.states) == (["DE", "AT"], ["CA-QC", "US-NY"])
    assert zone.postal_codes == [
        {"country": "GB", "prefix": "SW1A"},
        {"country": "DE", "from": "10115", "to": "14199"},
        {"country": "NL", "prefix": "10"},
    ]
    assert tx.events == [ShippingZoneCreated(shipping_zone_id=zone.id)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"Required name", "Required type"}),
        ({"name": "Z", "type": Z.COUNTRY}, {"Required countries"}),
        ({"name": "Z", "type": Z.CUSTOM, "countries": []}, {"Required countries"}),
        ({"name": "Z", "type": Z.STATE, "countries": ["DE"]}, {"Required states", "NotApplicable countries"}),
        ({"name": "Z", "type": Z.REST_OF_WORLD, "states": ["DE-BY"], "is_active": None},
         {"NotApplicable states", "Required is_active"}),
        ({"name": "Z", "type": Z.CUSTOM, "countries": ["DE", "XX", ""], "states": ["DE", "XX-1", "DE-", "DE-BY"]},
         {"InvalidInput countries.1", "Required countries.2", "InvalidInput states.0", "InvalidInput states.1",
          "InvalidInput states.2"}),
        ({"name": "Z", "type": Z.POSTAL_CODE, "postal_codes": [
            {"prefix": "1"}, {"country": "DE"}, {"country": "DE", "prefix": "1", "to": "2"},
            {"country": "DE", "from": "1"}, {"country": "DE", "prefix": "---"}, {"country": "DE", "prefix": "1" * 11},
            {"country": "DE", "from": "1", "to": "22"}, {"country": "DE", "from": "2", "to": "1"},
            {"country": "??", "from": "", "to": "1"}]},
         {"Required postal_codes.0.country", "InvalidInput postal_codes.1", "InvalidInput postal_codes.2",
          "InvalidInput postal_codes.3", "InvalidInput postal_codes.4.prefix", "InvalidInput postal_codes.5.prefix",
          "InvalidInput postal_codes.6.to", "RangeInverted postal_codes.7.to", "InvalidInput postal_codes.8.country",
          "Required postal_codes.8.from"}),
        ({"name": "Z", "type": Z.COUNTRY, "countries": ["DE"] * 501}, {"TooMany countries"}),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_zone_is_named_together(
    shipping: ShippingService, tx: Tx, given: Any, expected: set[str]
) -> None:
    with pytest.raises(DomainError) as caught:
        await shipping.zones.create(tx, given)
    assert refusals(caught.value) == expected
    assert (await shipping.zones.find_page(tx, PageArgs(first=1))).items == []


async def test_a_new_type_empties_the_lists_that_are_not_its_own(
    shipping: ShippingService, make_zone: MakeZone, tx: Tx
) -> None:
    zone = await make_zone(countries=["DE"], states=["US-NY"])
    changed = await shipping.zones.update(tx, zone.id, {"type": Z.COUNTRY})
    assert (changed.countries, changed.states) == (["DE"], [])
    assert tx.events == [ShippingZoneUpdated(shipping_zone_id=zone.id, changed=["states", "type"])]
    with pytest.raises(DomainError) as caught:
        await shipping.zones.update(tx, zone.id, {"type": Z.STATE})
    assert refusals(caught.value) == {"Required states"}
    assert await shipping.zones.update(tx, zone.id, {"name": "Zone", "countries": ["de"]}) == changed


async def test_a_place_of_two_active_zones_is_refused_with_both_names(
    shipping: ShippingService, make_zone: MakeZone, tx: Tx
) -> None:
    await make_zone("World")
    await make_zone("North", countries=["DE", "DK"], postal_codes=[{"country": "DE", "prefix": "10"}])
    draft = await make_zone("Draft", countries=["DK"], is_active=False)
    new: Any = {"name": "South", "type": Z.CUSTOM, "countries": ["AT", "DE", "DK"],
                "postal_codes": [{"country": "DE", "from": "10115", "to": "10999"}]}  # fmt: skip
    with pytest.raises(DomainError) as caught:
        await shipping.zones.create(tx, new)
    assert refusals(caught.value) == {
        "ShippingZonesOverlap countries.1", "ShippingZonesOverlap countries.2", "ShippingZonesOverlap postal_codes.0"
    }  # fmt: skip
    assert "'South' and 'North' both contain DE 10115." in caught.value.message
    with pytest.raises(ShippingZonesOverlap, match="'Draft' and 'North' both contain DK"):
        await shipping.zones.update(tx, draft.id, {"is_active": True})
    with pytest.raises(ShippingZonesOverlap, match="'Other' and 'World' both contain the rest of the world"):
        await shipping.zones.create(tx, {"name": "Other", "type": Z.REST_OF_WORLD})
    assert tx.events == []


async def test_a_sale_has_the_methods_of_the_most_specific_zone_only(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, reader: Reader
) -> None:
    world, germany = await make_zone("World"), await make_zone("Germany", countries=["DE"])
    islands = await make_zone("Islands", postal_codes=[{"country": "DE", "from": "25846", "to": "25849"}])
    await make_method(world, name="Post", position=2)
    await make_method(world, name="Air", position=1)
    await make_method(germany, name="Parcel")
    await make_method(germany, name="Closed", is_active=False)
    places = [Destination("CH"), Destination("DE"), Destination("DE", None, "25 847"), None]
    assert await names(shipping, reader, *places) == [["Air", "Post"], ["Parcel"], [], ["Air", "Post"]]
    await make_method(islands, name="Ferry")
    assert await names(shipping, reader, *places) == [["Air", "Post"], ["Parcel"], ["Ferry"], ["Air", "Post"]]


async def test_a_destination_that_is_not_known_is_the_place_of_the_company(
    shipping: ShippingService, tax: TaxService, make_zone: MakeZone, make_method: MakeMethod, tx: Tx
) -> None:
    bavaria = await make_zone("Bavaria", states=["DE-BY"])
    await make_method(bavaria, name="Bike")
    assert await names(shipping, tx, None, Destination("DE", "by")) == [[], ["Bike"]]
    await tax.settings.update(tx, {"tax_country": "DE", "tax_province": "BY"})
    assert await names(shipping, tx, None) == [["Bike"]]


async def test_until_its_first_zone_a_company_ships_everywhere_free_of_charge(
    shipping: ShippingService, make_zone: MakeZone, tx: Tx, reader: Reader
) -> None:
    free = (await shipping.of_sales(reader, [None]))[None].option(GOODS)
    assert free is not None
    assert (free.method_id, free.name, free.price) == (None, "Shipping", Decimal(0))
    draft = await make_zone(is_active=False)
    assert await names(shipping, reader, None, Destination("DE")) == [[], []]
    await shipping.zones.delete(tx, draft.id)
    assert await names(shipping, tx, Destination("DE")) == [["Shipping"]]
    assert tx.events == [ShippingZoneDeleted(shipping_zone_id=draft.id)]


async def test_a_flat_rate_is_a_zone_of_the_whole_world(shipping: ShippingService, tx: Tx) -> None:
    await flat_rate(shipping, tx, "9")
    method = await flat_rate(shipping, tx, "4.9", "50")
    [sale] = (await shipping.of_sales(tx, [Destination("JP")])).values()
    goods: Sequence[Consignment] = [Consignment(Decimal(0), 1, Decimal(text)) for text in ("49.99", "50")]
    options = [sale.option(each) for each in goods]
    assert [(option.method_id, option.price) for option in options if option] == [
        (method.id, Decimal("4.90")), (method.id, Decimal(0))
    ]  # fmt: skip


async def test_zones_are_read_by_one_statement_and_then_remembered(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, reader: Reader
) -> None:
    await make_method(await make_zone())
    await shipping.of_sales(reader, [None])
    await make_method(await make_zone(countries=["DE"]))
    places = [None, *(Destination(country) for country in ("DE", "FR", "US"))]
    with counting() as counter:
        await shipping.of_sales(reader, places)
        assert counter.data == 1
        await shipping.of_sales(reader, places)
        assert counter.data == 1


async def test_zones_are_bounded_and_found(
    shipping: ShippingService, make_zone: MakeZone, tx: Tx, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "MAX_ZONES", 2)
    first, second = await make_zone("Ä"), await make_zone("B", countries=["DE"])
    with pytest.raises(DomainError, match="at most 2 shipping zones"):
        await shipping.zones.create(tx, {"name": "C", "type": Z.COUNTRY, "countries": ["FR"]})
    page = await shipping.zones.find_page(reader, PageArgs(first=5), sort=zones.BY_NAME)
    assert [zone.name for zone in page.items] == ["B", "Ä"]
    assert (await shipping.zones.find_page(reader, PageArgs(first=5), search="ä")).items == [first]
    assert await shipping.zones.find(reader, second.id) == second
    for action in (shipping.zones.find(tx, new_id()), shipping.zones.delete(tx, new_id())):
        with pytest.raises(ShippingZoneNotFound):
            await action
