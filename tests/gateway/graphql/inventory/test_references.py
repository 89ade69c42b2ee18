"""The references of a movement and an item: the order, the product and the variant."""

from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.conftest import shop
from tests.gateway.site import Site

__all__ = ["shop"]
UNKNOWN_ID = "01a216d9-8e69-7728-9a3f-bde85d4313a5"
MOVEMENTS = """query ($filter: MovementFilterInput) { stockMovements(filter: $filter) {
  nodes { type reference order { orderNumber } inventory { sku isLow product { name } variant { sku } } } } }"""


async def movements(site: Site, actor: Actor, **filter: Any) -> list[Any]:
    nodes: list[Any] = (await site.data(MOVEMENTS, actor, filter=filter))["stockMovements"]["nodes"]
    return nodes


async def test_a_movement_references_its_order(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    clerk = await shop.staff()
    order = await shop.buy(await shop.customer(), ("A", 5))
    reserved, counted = await movements(site, clerk, sku="A")
    assert reserved == {
        "type": "RESERVATION",
        "reference": str(order.id),
        "order": {"orderNumber": order.order_number},
        "inventory": {"sku": "A", "isLow": True, "product": {"name": "Thing A"}, "variant": None},
    }
    assert counted["order"] is None
    assert site.count.data == 5


@pytest.mark.parametrize("reference", ["D-1", "not an id", UNKNOWN_ID])
async def test_a_reference_that_is_no_order_has_no_order(shop: Storefront, site: Site, reference: str) -> None:
    await shop.stock("A", 5)
    clerk = await shop.staff()
    await shop.run(lambda tx: shop.services.inventory.update_stock(tx, "A", 1, reference=reference), clerk)
    (found,) = await movements(site, clerk, reference=reference)
    assert (found["reference"], found["order"]) == (reference, None)


async def test_staff_without_permission_for_orders_see_no_order(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    await shop.buy(await shop.customer(), ("A", 1))
    grants = frozenset({Grant(PermissionResource.INVENTORY, PermissionAction.READ)})
    keeper = Actor(ActorKind.USER, shop.company_id, user_id=new_id(), grants=grants)
    answer = await site.ask(MOVEMENTS, keeper, filter={"sku": "A"})
    assert {node["order"] for node in answer["data"]["stockMovements"]["nodes"]} == {None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
