"""Options with live prices and pick-up points: their statements, and the address that buyers see."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.shipping.models import ShippingMethod, ShippingMethodType, ShippingPricing, ShippingZoneType
from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.graphql.cart.test_shipping import ADDRESS, PLACE
from tests.gateway.site import Site

LOCATION = "pickupLocation { name addressLine1 addressLine2 city province postalCode country }"
OPTIONS = f"""query {{ cartShippingOptions {{ problem {{ code }}
  options {{ methodId name price {{ amount }} total {{ amount }} note pickupWarehouseId {LOCATION}
    estimatedDeliveryDate {{ earliest latest }} }} }} }}"""
CHOOSE = f"""mutation ($input: CartShippingMethodSetInput!) {{ cartShippingMethodSet(input: $input) {{
  cart {{ shippingMethod {{ name {LOCATION} }} }} errors {{ code }} }} }}"""
CHOOSE_ALONE = """mutation ($input: CartShippingMethodSetInput!) { cartShippingMethodSet(input: $input) {
  cart { shippingMethodId } errors { code } } }"""
ORDER = f"""mutation ($input: OrderCreateInput!) {{ orderCreate(input: $input) {{
  order {{ pickupWarehouseId {LOCATION} }} errors {{ code }} }} }}"""
INTERNALS = "query { cartShippingOptions { options { pickupLocation { code priority countries } } } }"
BERLIN = {
    "name": "Shop Berlin",
    "addressLine1": "Torstrasse 1",
    "addressLine2": None,
    "city": "Berlin",
    "province": None,
    "postalCode": "10119",
    "country": "DE",
}
LATER = timedelta(seconds=10)  # nothing is remembered any more


@pytest.fixture
async def methods(shop: Site, shirt: Any, owner: Any) -> dict[str, UUID]:
    """A method with a live price, one with a fixed price, and a pick-up in Berlin, for the cart of the customer."""
    await owner.execute(
        "update warehouses set name = 'Shop Berlin', address_line_1 = 'Torstrasse 1', city = 'Berlin', "
        "postal_code = '10119', country = 'DE', is_pickup_point = true where company_id = $1",
        shop.company_id,
    )
    warehouse = await owner.fetchval("select id from warehouses where company_id = $1", shop.company_id)
    shipping, system, made = shop.services.shipping, Actor.system(shop.company_id), {}
    mock: Any = {"code": "mock", "name": "Mock", "adapter": "MOCK"}
    carrier = await shop.database.run(lambda tx: shipping.carriers.create(tx, mock), system)
    zone: Any = {"name": "Germany", "type": ShippingZoneType.COUNTRY, "countries": ["DE"]}
    zone_id = (await shop.database.run(lambda tx: shipping.zones.create(tx, zone), system)).id
    wanted: dict[str, Any] = {
        "Live": {"pricing": ShippingPricing.CARRIER, "carrier_id": carrier.id},
        "Post": {"base_price": Decimal(4)},
        "Shop": {"type": ShippingMethodType.PICKUP, "pickup_warehouse_id": warehouse},
    }
    for name, given in wanted.items():
        new: Any = {"zone_id": zone_id, "name": name, "base_price": Decimal(0), "min_days": 1, "max_days": 2, **given}

        async def create(tx: Tx, new: Any = new) -> ShippingMethod:
            return await shipping.methods.create(tx, new)

        made[name] = (await shop.database.run(create, system)).id
    await shop.data(ADD, "customer", input=line(shirt))
    await shop.data(PLACE, "customer", input={"country": "DE", "postalCode": "10115"})
    return made


async def test_options_of_every_kind_cost_six_statements_at_most(shop: Site, methods: dict[str, UUID]) -> None:
    shop.clock.advance(LATER)
    found = (await shop.data(OPTIONS, "customer"))["cartShippingOptions"]
    # The cart with the warehouses; the settings; zones; taxes; carriers; the addresses that are shown.
    assert shop.count.data <= 6
    by_name = {each["name"]: each for each in found["options"]}
    assert by_name.keys() == methods.keys()
    assert (by_name["Live"]["note"], by_name["Live"]["price"] is None) == (None, False)
    assert by_name["Shop"]["pickupLocation"] == BERLIN
    assert (by_name["Post"]["pickupLocation"], by_name["Live"]["pickupLocation"]) == (None, None)
    again = (await shop.data(OPTIONS, "customer"))["cartShippingOptions"]
    assert (again, shop.count.data) == (found, 2)


@pytest.mark.parametrize("name", ["Live", "Post", "Shop"])
async def test_a_choice_costs_eight_statements_at_most(shop: Site, methods: dict[str, UUID], name: str) -> None:
    shop.clock.advance(LATER)
    wanted = {"methodId": str(methods[name])}
    chosen = (await shop.data(CHOOSE_ALONE, "customer", input=wanted))["cartShippingMethodSet"]
    assert (chosen["errors"], chosen["cart"]["shippingMethodId"]) == ([], str(methods[name]))
    assert shop.count.data <= 8
    await shop.data(CHOOSE_ALONE, "customer", input=wanted)
    assert shop.count.data <= 4


async def test_the_place_of_the_pick_up_is_shown_in_cart_and_order(shop: Site, methods: dict[str, UUID]) -> None:
    wanted = {"methodId": str(methods["Shop"])}
    chosen = (await shop.data(CHOOSE, "customer", input=wanted))["cartShippingMethodSet"]
    assert chosen == {"cart": {"shippingMethod": {"name": "Shop", "pickupLocation": BERLIN}}, "errors": []}
    placed = await shop.data(ORDER, "customer", input={"idempotencyKey": "pick up", "billingAddress": ADDRESS})
    assert (placed["orderCreate"]["errors"], placed["orderCreate"]["order"]["pickupLocation"]) == ([], BERLIN)


async def test_a_sent_order_has_no_place_of_a_pick_up(shop: Site, methods: dict[str, UUID]) -> None:
    wanted = {"idempotencyKey": "sent", "shippingAddress": ADDRESS, "shippingMethodId": str(methods["Post"])}
    placed = (await shop.data(ORDER, "customer", input=wanted))["orderCreate"]
    assert placed == {"order": {"pickupWarehouseId": None, "pickupLocation": None}, "errors": []}


async def test_no_other_field_of_the_warehouse_is_public(shop: Site, methods: dict[str, UUID]) -> None:
    assert methods
    answer = (await shop.post(INTERNALS, "customer")).json()
    assert len(answer["errors"]) == 3
