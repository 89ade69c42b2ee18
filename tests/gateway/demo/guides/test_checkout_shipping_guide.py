"""The operations of docs/checkout-shipping.md, one after the other."""

import httpx

from gateway.demo.loader import Demo
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in

ADD = 'mutation { cartItemAdd(input: {productId: "…", variantId: "…"}) { errors { message } } }'


async def test_the_operations_of_the_guide_show_choose_and_order_shipping(
    client: httpx.AsyncClient, demo: Demo
) -> None:
    options, choose, create = operations("docs/checkout-shipping.md")
    customer, purchase = await log_in(client, 1), await demo.purchase()
    assert purchase is not None
    await value(client, "mutation { cartClear { errors { message } } }", customer)
    await value(client, filled(ADD, str(purchase.product_id), str(purchase.variant_id)), customer)
    found = await value(client, options, customer)
    assert found["requiresShipping"]
    assert found["options"]
    assert found["problem"] is None
    cart = (await value(client, choose, customer))["cart"]
    assert (cart["shippingMethodId"], cart["shippingProblem"]) == (None, None)
    order = (await value(client, create, customer))["order"]
    delivering = [option["name"] for option in found["options"] if option["type"] == "DELIVERY"]
    assert order["shippingMethod"] == delivering[0]
    assert order["items"][0]["requiresShipping"]
