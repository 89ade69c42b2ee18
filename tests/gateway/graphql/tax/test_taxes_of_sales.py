"""Carts and orders of goods of several tax classes, and what a change of a rate changes of them."""

from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from tests.domains.actors import administrator
from tests.domains.shipping.zones import flat_rate
from tests.gateway.graphql.tax.operations import UPDATE_RATE, make_class, make_rate
from tests.gateway.site import Site

TAXES: Final = "taxes { name rate taxable { amount } amount { amount } }"
ADD: Final = """mutation ($input: CartItemAddInput!) { cartItemAdd(input: $input) { errors { code message } } }"""
PLACE: Final = """mutation ($input: CartDestinationUpdateInput!) {
  cartDestinationUpdate(input: $input) { cart { id } errors { code message } } }"""
CART: Final = f"query {{ cart {{ totals {{ total {{ amount }} {TAXES} }} }} }}"
ORDER: Final = f"""mutation ($input: OrderCreateInput!) {{ orderCreate(input: $input) {{
  order {{ id total {{ amount }} {TAXES} }} errors {{ code message path }} }} }}"""
SHOWN: Final = f"query ($id: ID!) {{ order(id: $id) {{ {TAXES} }} }}"
CATEGORY: Final = """mutation ($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id } errors { code path } } }"""
PRODUCT: Final = """mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } errors { code message path } } }"""
SETTINGS: Final = """mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) { company { id } errors { code message path } } }"""
BONN: Final = {"fullName": "Ada", "addressLine1": "1 Way", "city": "Bonn", "postalCode": "53111", "country": "DE"}


def tax(rate: str, taxable: str, amount: str, name: str = "VAT") -> dict[str, Any]:
    return {"name": name, "rate": rate, "taxable": {"amount": taxable}, "amount": {"amount": amount}}


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


@pytest.fixture
async def rates(site: Site, boss: Actor) -> dict[str, Any]:
    """German rates of goods and books; a mug for 20 EUR and a novel for 10 EUR."""
    goods, books = await make_class(site, boss, isDefault=True), await make_class(site, boss, "books")
    made = {"goods": await make_rate(site, boss, goods), "books": await make_rate(site, boss, books, rate="0.07")}
    category = (await site.do(CATEGORY, boss, name="All"))["category"]["id"]
    for name, price, tax_class in (("mug", "20", None), ("novel", "10", books)):
        given = {"name": name, "categoryId": category, "basePrice": price, "isTracked": False, "isActive": True}
        made[name] = (await site.do(PRODUCT, boss, **given, taxClassId=tax_class))["product"]["id"]
    await site.do(SETTINGS, boss, shippingTaxMethod="PROPORTIONAL", taxRate="0.5")
    await site.database.run(lambda tx: flat_rate(site.services.shipping, tx, "4.90"), boss)
    return made


async def fill(site: Site, who: str, rates: dict[str, Any]) -> None:
    for name in ("mug", "novel"):
        await site.do(ADD, who, productId=rates[name], quantity=1)
    await site.do(PLACE, who, country="DE", postalCode="53111")


async def order(site: Site, who: str) -> Any:
    return (await site.do(ORDER, who, idempotencyKey=str(new_id()), shippingAddress=BONN))["order"]


async def test_each_line_has_the_taxes_of_its_class_and_shipping_those_of_the_goods(
    site: Site, rates: dict[str, Any]
) -> None:
    who = await site.token(SystemRole.CUSTOMER)
    await fill(site, who, rates)
    # Shipping of 4.90 is split into 3.27 and 1.63.
    expected = [tax("0.190000", "19.56", "3.71"), tax("0.070000", "10.87", "0.76")]
    totals = (await site.value(CART, who))["totals"]
    assert (totals["total"]["amount"], totals["taxes"]) == ("34.90", expected)
    ordered = await order(site, who)
    assert (ordered["total"]["amount"], ordered["taxes"]) == ("34.90", expected)


async def test_a_changed_rate_is_that_of_carts_at_once_and_never_of_orders(
    site: Site, boss: Actor, rates: dict[str, Any]
) -> None:
    who = await site.token(SystemRole.CUSTOMER)
    await fill(site, who, rates)
    ordered = await order(site, who)
    await fill(site, who, rates)
    await site.do(UPDATE_RATE, boss, id=rates["goods"]["id"], rate="0.16")
    assert [each["rate"] for each in (await site.value(CART, who))["totals"]["taxes"]] == ["0.160000", "0.070000"]
    assert (await site.value(SHOWN, who, id=ordered["id"]))["taxes"] == ordered["taxes"]


async def test_remembered_rates_cost_no_statement(site: Site, rates: dict[str, Any]) -> None:
    who = await site.token(SystemRole.CUSTOMER)
    counts = []
    for _ in range(2):
        await fill(site, who, rates)
        await site.value(CART, who)
        counts.append(site.count.data)
        await order(site, who)
        counts.append(site.count.data)
    assert counts == [7, 7, 5, 7]  # the first cart reads the rates, and the zones of shipping
