"""Unit prices with more decimals than the currency: allowed by a setting, stored exactly, paid by rounded lines."""

import asyncio
import io
from decimal import Decimal
from typing import Any

import pytest

from domains.catalog.errors import PricesTooFine
from domains.catalog.models import NewCategory, NewProduct
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput
from gateway.graphql.company.settings import update_settings
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import DETAIL
from tests.gateway.site import Site
from tests.locks import waited_for

SET = """mutation ($input: CompanySettingsUpdateInput!) {
  companySettingsUpdate(input: $input) { company { unitPriceDecimals } errors { code message path } } }"""
SHOWN = """query ($slug: String!) { product(slug: $slug) { price { amount } compareAtPrice { amount }
  variants { price { amount } } } }"""
CHANGE = """mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  product { price { amount } } errors { code message path } } }"""
CART = "{ cart { items { unitPrice { amount } } totals { subtotal { amount } total { amount } } } }"


@pytest.fixture
def shop(site: Site, owner: Any) -> Storefront:
    return Storefront(site.services, site.database, site.clock, site.company_id, owner)


@pytest.fixture
def admin(shop: Storefront) -> Actor:
    return administrator(shop.company_id)


async def allow(shop: Storefront, decimals: int | None) -> None:
    actor = administrator(shop.company_id)
    await shop.run(lambda tx: update_settings(shop.services, tx, actor, {"unit_price_decimals": decimals}), actor)


async def exported(shop: Storefront) -> bytes:
    chunks = shop.services.feed.export_products(shop.database.reader(shop.company_id))
    return b"".join([chunk async for chunk in chunks])


async def test_a_price_has_the_decimals_of_the_currency_by_default(
    shop: Storefront, site: Site, admin: Actor
) -> None:
    assert await site.data("{ shop { unitPriceDecimals } }", admin) == {"shop": {"unitPriceDecimals": 2}}
    await shop.stock("0", 5, "0.01")
    with pytest.raises(InvalidInput, match="at most 2 decimal places"):
        await shop.stock("A", 5, "0.001")
    await allow(shop, 4)
    assert await site.data("{ shop { unitPriceDecimals } }", admin) == {"shop": {"unitPriceDecimals": 4}}
    product = await shop.stock("A", 5, "0.0015", compare_at_price=Decimal("0.0025"))
    shown = (await site.data(SHOWN, admin, slug=product.slug))["product"]
    assert (shown["price"], shown["compareAtPrice"]) == ({"amount": "0.0015"}, {"amount": "0.0025"})
    with pytest.raises(InvalidInput, match="at most 4 decimal places"):
        await shop.stock("B", 5, "0.00015")


async def test_lines_are_rounded_half_up_and_the_order_keeps_the_unit_price(
    shop: Storefront, site: Site, admin: Actor
) -> None:
    await allow(shop, 4)
    await shop.stock("A", 999, "0.0015")
    await shop.stock("B", 999, "12.3450")
    ada = await shop.customer()
    await shop.fill(ada, ("A", 3), ("B", 1))  # 0.0045 is 0.00, 12.345 is 12.35
    cart = (await site.data(CART, ada))["cart"]
    assert [item["unitPrice"]["amount"] for item in cart["items"]] == ["0.0015", "12.345"]
    assert cart["totals"] == {"subtotal": {"amount": "12.35"}, "total": {"amount": "12.35"}}
    order = (await shop.place(ada)).order
    await shop.pay(ada, order)
    items = (await site.data(DETAIL, ada, id=str(order.id)))["order"]["items"]
    assert [(item["unitPrice"]["amount"], item["totalPrice"]["amount"]) for item in items] == [
        ("0.0015", "0.00"),
        ("12.345", "12.35"),
    ]
    cells = b"".join([chunk async for chunk in shop.services.order.export.csv(shop.database.reader(shop.company_id))])
    assert b",A,Thing A,3,0.0015,0.00,0.00,0.00\r\n" in cells
    assert b",B,Thing B,1,12.345,0.00,0.00,12.35\r\n" in cells
    assert await shop.broken() == []


async def test_a_file_preserves_prices_with_more_decimals(shop: Storefront, admin: Actor) -> None:
    await allow(shop, 4)
    await shop.stock("A", 5, "0.0015")
    file = await exported(shop)
    assert b",0.0015," in file
    report = await shop.services.feed.import_products(shop.database, admin, io.BytesIO(file))
    assert (report.bad_rows, await exported(shop)) == ([], file)
    await shop.owner.execute("update products set base_price = 1 where company_id = $1", shop.company_id)
    await allow(shop, None)
    report = await shop.services.feed.import_products(shop.database, admin, io.BytesIO(file))
    assert ["at most 2 decimal places" in row.reason for row in report.bad_rows] == [True]


async def test_the_decimals_cannot_be_lowered_below_those_of_a_stored_price(
    shop: Storefront, site: Site, admin: Actor
) -> None:
    await allow(shop, 4)
    product = await shop.stock("A", 5, "0.125")
    for decimals in (2, None):
        (error,) = (await site.data(SET, admin, input={"unitPriceDecimals": decimals}))["companySettingsUpdate"][
            "errors"
        ]
        assert (error["code"], error["path"]) == ("PRICES_TOO_FINE", ["input", "unitPriceDecimals"])
        assert error["message"] == (
            "There are prices with more than 2 decimal places, such as of 'Thing A'. Round them first."
        )
    await allow(shop, 3)
    changed = await site.data(CHANGE, admin, input={"id": str(product.id), "basePrice": "0.13"})
    assert changed["productUpdate"] == {"product": {"price": {"amount": "0.13"}}, "errors": []}
    await allow(shop, None)
    refused = await site.data(CHANGE, admin, input={"id": str(product.id), "basePrice": "0.125"})
    assert refused["productUpdate"]["errors"][0]["path"] == ["input", "basePrice"]


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 1), ("EUR", 5), ("KWD", 2), ("JPY", -1)])
async def test_decimals_are_between_the_currencys_and_four(
    shop: Storefront, site: Site, admin: Actor, currency: str, decimals: int
) -> None:
    answer = await site.data(SET, admin, input={"currency": currency, "unitPriceDecimals": decimals})
    (error,) = answer["companySettingsUpdate"]["errors"]
    assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["input", "unitPriceDecimals"])


async def test_a_price_in_yen_may_have_four_decimals_and_a_total_has_none(
    shop: Storefront, site: Site, admin: Actor
) -> None:
    answer = await site.data(SET, admin, input={"currency": "JPY", "unitPriceDecimals": 4})
    assert answer["companySettingsUpdate"]["company"] == {"unitPriceDecimals": 4}
    await shop.stock("A", 5, "10.4999")
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 3))
    assert (order.subtotal, order.total) == (Decimal(31), Decimal(31))


async def test_lowering_the_decimals_waits_for_a_price_that_is_being_written(shop: Storefront, admin: Actor) -> None:
    await allow(shop, 4)
    catalog = shop.services.catalog

    async def make(tx: Tx) -> None:
        category = await catalog.categories.create(tx, NewCategory(name="Slow"))
        fine = NewProduct(name="Fine", category_id=category.id, base_price=Decimal("0.001"), sku="F")
        await catalog.create_product(tx, fine)

    async with shop.database.transaction(admin) as tx:
        await make(tx)
        lowering = asyncio.create_task(allow(shop, None))
        await waited_for(tx)
    with pytest.raises(PricesTooFine, match="'Fine'"):
        await lowering
