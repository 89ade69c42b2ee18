"""The subscription of a product: who gets what of its changes, one execution for all guests, and its end."""

from typing import Any

from domains.inventory.models import StockLine
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.role.models import SystemRole
from gateway.graphql.catalog.subscriptions import PRODUCTS
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site

CHANGED = """subscription ($productId: ID!) {
  productChanged(productId: $productId) { product { name price { amount } stock isInStock } } }"""


async def polo(shop: Site, **given: Any) -> str:
    category = await make_category(shop)
    product = {"name": "Polo", "categoryId": category, "basePrice": "10.00", "sku": "P", "stock": 2, **given}
    return str((await make_product(shop, **product))["id"])


async def change(shop: Site, mutation: str, **input: Any) -> None:
    assert await codes(shop, mutation, input, "admin") == []


def shown(name: str = "Polo", price: str = "10.00", stock: int = 2) -> Any:
    return {"product": {"name": name, "price": {"amount": price}, "stock": stock, "isInStock": stock > 0}}


async def reserve(shop: Site, quantity: int) -> None:
    actor, inventory = shop.actors["customer"], shop.services.inventory
    lines = [StockLine("P", quantity)]
    await shop.database.run(
        lambda tx: inventory.reservations.reserve(tx, actor, lines, order_id=new_id(), expires_at=None), actor
    )


async def test_everyone_gets_the_changes_of_a_product(shop: Site, live: LiveSite) -> None:
    id_, other = await polo(shop), await polo(shop, name="Other", sku="O")
    await live.deliver()
    async with (
        live.watching(CHANGED, productId=id_) as guest,
        live.watching(CHANGED, "customer", productId=id_) as customer,
    ):
        await change(shop, "productUpdate", id=other, name="Another")
        await change(shop, "productUpdate", id=id_, name="Polo shirt")
        await live.deliver()
        await guest.wait_for(1)
        await change(shop, "productUpdate", id=id_, basePrice="12.00")
        await live.deliver()
        await guest.wait_for(2)
        await reserve(shop, 2)
        await live.deliver()
        await guest.wait_for(3)
        await customer.wait_for(3)
    expected = [shown("Polo shirt"), shown("Polo shirt", "12.00"), shown("Polo shirt", "12.00", 0)]
    assert (guest.values, customer.values) == (expected, expected)
    assert live.topics >= {event.topic for event in PRODUCTS.events} - {"product.deleted"}


async def test_an_archived_product_ends_the_subscription(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    async with live.watching(CHANGED, productId=id_) as watched:
        await change(shop, "productDelete", id=id_)
        await live.deliver()
        await watched.end()
    assert watched.values[-1] == "NOT_FOUND"
    assert await live.refusal(CHANGED, productId=id_) == "NOT_FOUND"
    assert await live.refusal(CHANGED, "admin", productId=id_) == "NOT_FOUND"


async def test_a_draft_does_not_exist_but_for_staff(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    async with (
        live.watching(CHANGED, productId=id_) as guest,
        live.watching(CHANGED, "editor", productId=id_) as editor,
    ):
        await live.deliver()
        await editor.wait_for(1)
        await change(shop, "productUnpublish", id=id_)
        await live.deliver()
        await guest.end()
        await editor.wait_for(2)
    assert (guest.values[-1], editor.values[-1]) == ("NOT_FOUND", shown())
    for who in (None, "customer", "clerk"):
        assert await live.refusal(CHANGED, who, productId=id_) == "NOT_FOUND"


async def test_a_product_of_another_company_does_not_exist(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    for who in (None, "stranger"):
        assert await live.refusal(CHANGED, shop.actors.get(who or ""), productId=str(new_id())) == "NOT_FOUND"
    assert await live.refusal(CHANGED, shop.actors["stranger"], productId=id_) == "NOT_FOUND"


async def test_guests_share_the_statement_of_an_event(shop: Site, live: LiveSite) -> None:
    id_ = await polo(shop)
    await live.deliver()
    token = await shop.token(SystemRole.CUSTOMER)
    query = "subscription ($productId: ID!) { productChanged(productId: $productId) { product { name } } }"
    with counting() as count:
        async with (
            live.watching(query, productId=id_) as first,
            live.watching(query, productId=id_) as second,
            live.watching(query, token, productId=id_) as customer,
        ):
            await change(shop, "productUpdate", id=id_, name="Polo shirt")
            count.data = count.actor = 0
            await live.deliver()
            for watched in (first, second, customer):
                await watched.wait_for(1)
    assert (count.actor, count.data) == (1, 2)
    assert first.values == second.values == customer.values == [{"product": {"name": "Polo shirt"}}]
