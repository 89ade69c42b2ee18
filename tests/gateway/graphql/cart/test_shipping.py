"""`cartShippingOptions`, `cartShippingMethodSet` and the shipping of carts and orders, over HTTP."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.cart.shipping.cart_shipping import CartShipping
from domains.cart.shipping.live_rates import Asking
from domains.cart.shipping.models import CartShippingOptions
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.quotas import Quota
from domains.shipping.models import ShippingMethod, ShippingZoneType
from gateway.graphql.cart import shipping_fields
from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.site import Site

SHIPPING = """
fragment Shipping on Cart {
  requiresShipping shippingMethodId shippingMethod { methodId name price { amount currency } total { amount } }
  shippingProblem { code message } estimatedDeliveryDate { earliest latest }
}
"""
OPTIONS = """query ($destination: CartShippingDestinationInput, $cartToken: String) {
  cartShippingOptions(destination: $destination, cartToken: $cartToken) {
    requiresShipping problem { code }
    options { methodId name carrier serviceType type price { amount } total { amount } pickupWarehouseId note
      estimatedDeliveryDate { earliest latest } } } }"""
CHOOSE = f"""{SHIPPING} mutation ($input: CartShippingMethodSetInput!) {{ cartShippingMethodSet(input: $input) {{
  cart {{ ...Shipping }} errors {{ code path }} }} }}"""
CART = f"{SHIPPING} query ($cartToken: String) {{ cart(cartToken: $cartToken) {{ ...Shipping }} }}"
PLACE = (
    """mutation ($input: CartDestinationUpdateInput!) { cartDestinationUpdate(input: $input) { errors { code } } }"""
)
ORDER = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id shippingMethodId shippingMethod shippingCarrier shippingServiceType shippingWeight pickupWarehouseId
    estimatedDeliveryDate { earliest latest } items { requiresShipping } }
  errors { code path } } }"""
ADDRESS = {"fullName": "Ada", "addressLine1": "Platz 1", "city": "Berlin", "postalCode": "10115", "country": "DE"}


@pytest.fixture
async def methods(shop: Site, shirt: Any) -> dict[str, UUID]:
    """Two methods to Germany by name, and a shirt in the cart of the customer, which is to be sent there."""
    shipping, made = shop.services.shipping, {}
    zone: Any = {"name": "Germany", "type": ShippingZoneType.COUNTRY, "countries": ["DE"]}
    system = Actor.system(shop.company_id)
    zone_id = (await shop.database.run(lambda tx: shipping.zones.create(tx, zone), system)).id
    for name, price in (("Express", "9.5"), ("Post", "4")):
        new: Any = {"zone_id": zone_id, "name": name, "base_price": Decimal(price), "min_days": 1, "max_days": 2}

        async def create(tx: Tx, new: Any = new) -> ShippingMethod:
            return await shipping.methods.create(tx, new)

        created = await shop.database.run(create, system)
        made[name] = created.id
    await shop.data(ADD, "customer", input=line(shirt))
    await shop.data(PLACE, "customer", input={"country": "DE"})
    return made


async def test_the_options_of_a_place_are_the_cheapest_first(shop: Site, methods: dict[str, UUID]) -> None:
    shop.clock.advance(timedelta(seconds=10))
    found = (await shop.data(OPTIONS, "customer"))["cartShippingOptions"]
    assert shop.count.data <= 6
    assert (found["requiresShipping"], found["problem"]) == (True, None)
    assert [(each["name"], each["price"]["amount"]) for each in found["options"]] == [
        ("Post", "4.00"),
        ("Express", "9.50"),
    ]
    post = found["options"][0]
    assert (post["methodId"], post["type"], post["serviceType"]) == (str(methods["Post"]), "DELIVERY", "STANDARD")
    assert post["estimatedDeliveryDate"]["earliest"] < post["estimatedDeliveryDate"]["latest"]
    abroad = (await shop.data(OPTIONS, "customer", destination={"country": "FR"}))["cartShippingOptions"]
    assert (abroad["options"], abroad["problem"]) == ([], {"code": "SHIPPING_UNAVAILABLE"})


async def test_a_choice_is_shown_and_ordered(shop: Site, methods: dict[str, UUID]) -> None:
    express = str(methods["Express"])
    chosen = (await shop.data(CHOOSE, "customer", input={"methodId": express}))["cartShippingMethodSet"]
    assert chosen["errors"] == []
    cart = chosen["cart"]
    assert (cart["shippingMethodId"], cart["shippingMethod"]["name"]) == (express, "Express")
    assert cart["shippingMethod"]["price"] == {"amount": "9.50", "currency": "EUR"}
    assert (cart["requiresShipping"], cart["shippingProblem"]) == (True, None)
    assert (await shop.data(CART, "customer"))["cart"] == cart
    wanted = {"idempotencyKey": "shipping", "shippingAddress": ADDRESS}
    placed = (await shop.data(ORDER, "customer", input=wanted))["orderCreate"]
    assert placed["errors"] == []
    order = placed["order"]
    assert (order["shippingMethod"], order["shippingServiceType"]) == ("Express", "STANDARD")
    assert (order["shippingMethodId"], order["items"]) == (express, [{"requiresShipping": True}])
    assert order["estimatedDeliveryDate"] == cart["estimatedDeliveryDate"]
    assert (order["shippingWeight"], order["pickupWarehouseId"]) == ("0.000", None)


async def test_a_choice_is_removed_and_the_cheapest_method_applies(shop: Site, methods: dict[str, UUID]) -> None:
    await shop.data(CHOOSE, "customer", input={"methodId": str(methods["Express"])})
    removed = (await shop.data(CHOOSE, "customer", input={}))["cartShippingMethodSet"]["cart"]
    assert (removed["shippingMethodId"], removed["shippingMethod"]["name"]) == (None, "Post")


async def test_errors_have_the_path_of_the_input_and_change_nothing(
    shop: Site, methods: dict[str, UUID], owner: Any
) -> None:
    unknown = str(new_id())
    refused = (await shop.data(CHOOSE, "customer", input={"methodId": unknown}))["cartShippingMethodSet"]
    error = {"code": "SHIPPING_METHOD_UNAVAILABLE", "path": ["input", "methodId"]}
    assert (refused["cart"], refused["errors"]) == (None, [error])
    wanted = {"idempotencyKey": "unknown", "shippingAddress": ADDRESS, "shippingMethodId": unknown}
    placed = (await shop.data(ORDER, "customer", input=wanted))["orderCreate"]
    assert placed["errors"] == [error | {"path": ["input", "shippingMethodId"]}]
    abroad = {"idempotencyKey": "abroad", "shippingAddress": ADDRESS | {"country": "FR", "postalCode": "75001"}}
    placed = (await shop.data(ORDER, "customer", input=abroad))["orderCreate"]
    assert placed["errors"] == [{"code": "SHIPPING_UNAVAILABLE", "path": ["input", "shippingAddress"]}]
    assert await owner.fetchval("select count(*) from orders where company_id = $1", shop.company_id) == 0


async def test_a_moved_cart_has_a_problem(shop: Site, methods: dict[str, UUID]) -> None:
    await shop.data(CHOOSE, "customer", input={"methodId": str(methods["Express"])})
    await shop.data(PLACE, "customer", input={"country": "FR"})
    cart = (await shop.data(CART, "customer"))["cart"]
    assert (cart["shippingMethod"], cart["estimatedDeliveryDate"]) == (None, None)
    assert cart["shippingProblem"]["code"] == "SHIPPING_METHOD_UNAVAILABLE"


async def test_nobody_sees_or_changes_the_shipping_of_another_cart(shop: Site, methods: dict[str, UUID]) -> None:
    assert (await shop.data(OPTIONS))["cartShippingOptions"] is None
    assert methods


async def test_requests_to_carriers_are_limited_by_network_address(
    shop: Site, methods: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(self: CartShipping, *given: Any, asking: Asking) -> CartShippingOptions:
        await asking()
        return CartShippingOptions((), is_shipped=False, problem=None)

    monkeypatch.setattr(shipping_fields, "LIVE_PRICES", Quota("prices", 2, timedelta(hours=1)))
    monkeypatch.setattr(CartShipping, "options", ask)
    for _ in range(2):
        assert (await shop.data(OPTIONS, "customer"))["cartShippingOptions"]["options"] == []
    refused = (await shop.post(OPTIONS, "customer")).json()
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["RATE_LIMITED"]
