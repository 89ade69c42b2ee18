"""The taxes of orders through GraphQL: who sees them, by tax and rate, and the number of statements."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.tax.models import ShippingTaxMethod
from gateway.graphql.company.settings import update_settings
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.zones import flat_rate
from tests.gateway.graphql.order.operations import ADDRESS, CREATE, key, ordering
from tests.gateway.site import Site

FIELDS = """
vatNumber taxExemption taxAmount { amount } taxes { name rate taxable { amount } amount { amount } }
shippingTaxes { name rate taxable { amount } amount { amount } }
items { sku taxes { name rate taxable { amount } amount { amount } } }
"""
ORDER = f"query ($id: ID!) {{ order(id: $id) {{ {FIELDS} }} }}"
BY_TOKEN = f"query ($token: String!) {{ orderByToken(orderToken: $token) {{ {FIELDS} }} }}"
ORDERS = f"{{ orders(first: 5) {{ nodes {{ {FIELDS} }} }} }}"
PLAIN = "{ orders(first: 5) { nodes { vatNumber taxExemption items { sku } } } }"
TERMS: dict[str, Any] = {
    "tax_rate": Decimal("0.2"),
    "shipping_tax_method": ShippingTaxMethod.PROPORTIONAL,
    "tax_country": "DE",
}
GERMAN, FRENCH = "DE136695976", "FR40303265045"
IN_FRANCE = ADDRESS | {"city": "Paris", "postalCode": "75001", "country": "FR"}


def tax(name: str | None, rate: str, taxable: str, amount: str) -> dict[str, Any]:
    return {"name": name, "rate": rate, "taxable": {"amount": taxable}, "amount": {"amount": amount}}


EXPECTED = {
    "vatNumber": GERMAN,
    "taxExemption": None,
    "taxAmount": {"amount": "3.06"},
    "taxes": [tax("Tax", "0.200000", "12.22", "2.45"), tax("VAT", "0.050000", "12.22", "0.61")],
    "shippingTaxes": [tax("Tax", "0.200000", "2.22", "0.45"), tax("VAT", "0.050000", "2.22", "0.11")],
    "items": [
        {"sku": "A", "taxes": [tax("Tax", "0.200000", "10.00", "2.00")]},
        {"sku": "B", "taxes": [tax("VAT", "0.050000", "10.00", "0.50")]},
    ],
}


@pytest.fixture(autouse=True)
async def taxed(shop: Storefront) -> None:
    """A German shop with goods of two rates, and shipping that is split like them."""
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, TERMS))
    await shop.run(lambda tx: flat_rate(shop.services.shipping, tx, "5.00"))
    reduced = await shop.tax_class("REDUCED", Decimal("0.05"), country="DE")
    await shop.stock("A", 9, "12.00")
    await shop.stock("B", 9, "10.50", tax_class_id=reduced)


async def order(shop: Storefront, site: Site, actor: Actor, **given: Any) -> Any:
    """Order one of each; the payload."""
    token = await shop.fill(actor, ("A", 1), ("B", 1))
    if actor.user_id is None:
        given |= {"cartToken": token, "email": "g@example.com"}
    return (await site.data(CREATE, actor, **ordering(**given)))["orderCreate"]


async def test_the_owner_and_staff_see_the_taxes_of_an_order_and_nobody_else(
    shop: Storefront, site: Site, other_company: UUID
) -> None:
    ada, bob = await shop.customers(2)
    made = await order(shop, site, ada, vatNumber="DE 136 695 976")
    order_id = made["order"]["id"]
    for seeing in (ada, await shop.staff()):
        assert (await site.data(ORDER, seeing, id=order_id))["order"] == EXPECTED
    for other in (bob, Actor.anonymous(shop.company_id), administrator(other_company)):
        assert (await site.ask(ORDER, other, id=order_id))["data"] == {"order": None}


async def test_a_guest_sees_the_taxes_by_the_token_of_the_order(shop: Storefront, site: Site) -> None:
    guest = Actor.anonymous(shop.company_id)
    made = await order(shop, site, guest, vatNumber=GERMAN)
    assert (await site.data(BY_TOKEN, guest, token=made["orderToken"]))["orderByToken"] == EXPECTED
    assert (await site.data(BY_TOKEN, guest, token=key()))["orderByToken"] is None


async def test_an_exempt_order_shows_why_and_one_line_without_a_name(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    made = await order(shop, site, ada, shippingAddress=IN_FRANCE, vatNumber=FRENCH)
    shown = (await site.data(ORDER, ada, id=made["order"]["id"]))["order"]
    assert (shown["vatNumber"], shown["taxExemption"]) == (FRENCH, "REVERSE_CHARGE")
    total = made["order"]["total"]["amount"]
    assert (shown["taxAmount"]["amount"], shown["taxes"]) == ("0.00", [tax(None, "0.000000", total, "0.00")])


async def test_a_number_of_another_country_is_refused_with_its_path(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    (error,) = (await order(shop, site, ada, vatNumber=FRENCH))["errors"]
    assert (error["code"], error["path"]) == ("VAT_NUMBER_OF_ANOTHER_COUNTRY", ["input", "vatNumber"])
    assert await shop.count("orders") == 0


async def test_taxes_of_many_orders_are_two_statements(shop: Storefront, site: Site) -> None:
    """One for those of orders and shipping, one for those of lines."""
    ada = await shop.customer()
    counts: list[tuple[int, int]] = []
    for _ in range(3):
        await order(shop, site, ada)
        await site.data(PLAIN, ada)
        plain = site.count.data
        nodes = (await site.data(ORDERS, ada))["orders"]["nodes"]
        counts.append((plain, site.count.data))
    assert len(nodes) == 3
    assert all(node["taxes"] == EXPECTED["taxes"] for node in nodes)
    assert [taxed - plain for plain, taxed in counts] == [2, 2, 2]
