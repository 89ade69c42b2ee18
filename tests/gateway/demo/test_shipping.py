"""The shipping of the demo: zones of four continents, profiles, and what its orders keep of them."""

from decimal import Decimal

from domains.shipping.models import Consignment
from domains.tax.models import Destination
from gateway.bootstrap import Platform
from gateway.demo.loader import Demo
from gateway.demo.shipping import read_shipping
from gateway.infra.postgres import connected

PLACES = {
    "GB": "Standard parcel",
    "DE": "Standard parcel",
    "US": "Ground",
    "JP": "Air mail",
    "AU": "Air mail",
    "BR": "Air mail",
}


async def test_the_demo_ships_to_every_continent(demo: Demo, platform: Platform) -> None:
    reader = platform.database.reader(demo._actor.company_id)
    destinations = {country: Destination(country, None, None) for country in PLACES}
    shipping = await platform.services.shipping.of_sales(reader, list(destinations.values()))
    mug = Consignment(Decimal("0.48"), 1, Decimal(21))
    found = {country: shipping[place].option(mug) for country, place in destinations.items()}
    assert {country: option and option.name for country, option in found.items()} == PLACES
    assert len(read_shipping()["zone"]) == 8


async def test_bulky_goods_are_carried_by_some_methods_only(demo: Demo, platform: Platform, url: str) -> None:
    company_id = demo._actor.company_id
    async with connected(url) as connection:
        rows = await connection.fetch(
            "select p.name, s.id, s.name as profile "
            "from products p join shipping_profiles s on s.id = p.shipping_profile_id where p.company_id = $1",
            company_id,
        )
        kept = await connection.fetch(
            "select distinct shipping_method from orders where company_id = $1 order by 1", company_id
        )
    assert len(rows) == 5
    assert {row["profile"] for row in rows} == {"Bulky goods"}
    reader = platform.database.reader(company_id)
    here = Destination("GB", None, "ST1 1AA")
    shelf = Consignment(Decimal("11.5"), 1, Decimal(120), frozenset({rows[0]["id"]}))
    options = (await platform.services.shipping.of_sales(reader, [here]))[here].options(shelf)
    assert [option.name for option in options] == ["Collect in Stoke", "Two-person delivery"]
    assert {row["shipping_method"] for row in kept} >= {"Standard parcel"}
