"""The operations of docs/checkout-taxes.md, one after the other."""

from decimal import Decimal
from typing import Any

import httpx

from gateway.demo.loader import Demo
from tests.gateway.demo.guides.test_payment_guide import filled, operations, value
from tests.gateway.demo.test_orders import log_in

ADD = 'mutation { cartItemAdd(input: {productId: "…", variantId: "…"}) { errors { message } } }'


def sum_of(lines: list[Any], name: str) -> Decimal:
    return sum((Decimal(line[name]["amount"]) for line in lines), Decimal(0))


async def test_the_operations_of_the_guide_show_and_freeze_taxes(client: httpx.AsyncClient, demo: Demo) -> None:
    destination, create, refunds = operations("docs/checkout-taxes.md")
    customer, staff = await log_in(client, 1), await log_in(client, 0)
    await value(client, "mutation { cartClear { errors { message } } }", customer)
    purchase = await demo.purchase()
    assert purchase is not None
    await value(client, filled(ADD, str(purchase.product_id), str(purchase.variant_id)), customer)

    cart = (await value(client, destination, customer))["cart"]
    assert cart["destination"] == {"country": "GB", "postalCode": "ST1 1AA", "vatNumber": "GB980780684"}
    shown = cart["totals"]
    assert sum_of(shown["taxes"], "amount") == Decimal(shown["tax"]["amount"]) > 0
    assert sum_of(shown["taxes"], "amount") + sum_of(shown["taxes"], "taxable") == Decimal(shown["total"]["amount"])

    order = (await value(client, create, customer))["order"]
    assert (order["vatNumber"], order["taxExemption"], order["taxes"]) == ("GB980780684", None, shown["taxes"])
    of_items = [line for item in order["items"] for line in item["taxes"]]
    assert sum_of([*of_items, *order["shippingTaxes"]], "amount") == Decimal(order["taxAmount"]["amount"])

    lines = [line for refund in (await value(client, refunds, staff))["nodes"] for line in refund["lines"]]
    assert lines
    assert all(Decimal(line["taxRate"]) == 0 for line in lines if line["kind"] == "ADJUSTMENT")
    await value(client, "mutation { cartDestinationUpdate(input: {}) { errors { message } } }", customer)
