"""The operations of docs/shipping.md, one after the other."""

import httpx

from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in


async def test_the_operations_of_the_guide_set_up_shipping(client: httpx.AsyncClient) -> None:
    iceland, islands, method, rates, profile, profiles, zones = operations("docs/shipping.md")
    staff = await log_in(client, 0)
    zone = (await value(client, iceland, staff))["shippingZone"]
    assert zone["countries"] == ["IS"]
    codes = (await value(client, islands, staff))["shippingZone"]["postalCodes"]
    assert [(each["country"], each["prefix"], each["to"]) for each in codes] == [
        ("NO", None, "9179"),
        ("FI", "22", None),
    ]
    parcel = (await value(client, filled(method, zone["id"]), staff))["shippingMethod"]
    assert (parcel["basePrice"], parcel["zone"]) == ("9.9000", {"name": "Iceland"})
    banded = (await value(client, filled(rates, parcel["id"]), staff))["shippingMethod"]
    assert [rate["rate"] for rate in banded["rates"]] == ["0.0000", "4.5000", "11.0000"]
    furniture = (await value(client, profile, staff))["shippingProfile"]["id"]
    carried = (await value(client, filled(profiles, parcel["id"], furniture), staff))["shippingMethod"]
    assert carried["profiles"] == [{"name": "Furniture"}]
    listed = {each["name"]: each for each in (await value(client, zones, staff))["nodes"]}
    assert [each["name"] for each in listed["Iceland"]["methods"]] == ["Parcel"]
    assert listed["Islands in the north"]["methods"] == []
