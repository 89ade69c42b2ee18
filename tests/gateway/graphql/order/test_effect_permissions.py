"""An effect requires the same permission, whichever mutation causes it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import CANCEL, DETAIL, MARK, MOVE, PAY, REFUND, key, paying
from tests.gateway.site import Site

READ, UPDATE, MANAGE = PermissionAction.READ, PermissionAction.UPDATE, PermissionAction.MANAGE
Prepare = Callable[[Storefront, Actor], Awaitable[Order]]
TABLES = ("orders", "order_status_history", "payments", "refunds", "reservations", "inventory_items", "outbox_events")


async def waiting(shop: Storefront, buyer: Actor) -> Order:
    return await shop.buy(buyer, ("A", 1))


async def accepted(shop: Storefront, buyer: Actor) -> Order:
    return await shop.accept(buyer, await waiting(shop, buyer))


async def paid(shop: Storefront, buyer: Actor) -> Order:
    return await shop.pay(buyer, await waiting(shop, buyer))


async def packed(shop: Storefront, buyer: Actor) -> Order:
    return await moved(shop, await paid(shop, buyer), OrderStatus.PROCESSING)


async def partly_refunded(shop: Storefront, buyer: Actor) -> Order:
    order = await paid(shop, buyer)
    return (
        await shop.services.order.refunds.refund(shop.database, shop.system, order.id, NewRefund(amount=Decimal(4)))
    )[0]


async def refunded_on_its_way(shop: Storefront, buyer: Actor) -> Order:
    order = await moved(shop, await packed(shop, buyer), OrderStatus.SHIPPED)
    return (await shop.services.order.refunds.refund(shop.database, shop.system, order.id))[0]


async def moved(shop: Storefront, order: Order, status: OrderStatus) -> Order:
    moved: Order = await shop.run(lambda tx: shop.services.order.update_status(tx, shop.system, order.id, status))
    return moved


def given(order: Order, **fields: Any) -> dict[str, Any]:
    return {"input": {"orderId": str(order.id), **fields}}


def keyed(order: Order, **fields: Any) -> dict[str, Any]:
    return given(order, idempotencyKey=key(), **fields)


# What comes about, of which order, by which operation, and the action on ORDERS that it asks staff for.
EFFECTS: dict[str, tuple[Prepare, str, Callable[[Order], dict[str, Any]], PermissionAction]] = {
    "some money goes back": (paid, REFUND, lambda order: keyed(order, amount="1"), MANAGE),
    "all money goes back": (paid, REFUND, keyed, MANAGE),
    "all money goes back, by cancelling": (paid, CANCEL, keyed, MANAGE),
    "all money goes back, by cancelling what is packed": (packed, CANCEL, keyed, MANAGE),
    "the rest of the money goes back, by cancelling": (partly_refunded, CANCEL, keyed, MANAGE),
    "money is said to have come": (accepted, MARK, keyed, MANAGE),
    "an unpaid order ends": (waiting, CANCEL, keyed, UPDATE),
    "an accepted, unpaid order ends": (accepted, CANCEL, keyed, UPDATE),
    "an order is accepted unpaid, by its status": (
        waiting,
        MOVE,
        lambda order: given(order, status="CONFIRMED"),
        UPDATE,
    ),
    "an order is accepted unpaid, by invoice": (
        waiting,
        PAY,
        lambda order: keyed(order, method="INVOICE"),
        UPDATE,
    ),
    "a card is charged": (waiting, PAY, lambda order: paying(order.id), UPDATE),
    "goods leave the house": (packed, MOVE, lambda order: given(order, status="SHIPPED"), UPDATE),
    "what was refunded on its way has ended": (
        refunded_on_its_way,
        MOVE,
        lambda order: given(order, status="DELIVERED"),
        UPDATE,
    ),
    "an order is seen": (packed, DETAIL, lambda order: {"id": str(order.id)}, READ),
}


async def staff(shop: Storefront, *actions: PermissionAction) -> Actor:
    """A user with these permissions for orders and no other."""
    grants = frozenset(Grant(PermissionResource.ORDERS, action) for action in actions)
    return replace(await shop.customer(), grants=grants)


async def contents(shop: Storefront) -> dict[str, list[Any]]:
    select = "select * from {} where company_id = $1 order by id"
    return {table: await shop.owner.fetch(select.format(table), shop.company_id) for table in TABLES}


async def brought_about(site: Site, query: str, actor: Actor, variables: dict[str, Any]) -> bool:
    """Whether the operation went through; what keeps it from doing so is a right that is missing, nothing else."""
    answer = await site.ask(query, actor, **variables)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    payload = next(iter((answer.get("data") or {}).values()), None)
    if payload and payload.get("errors"):
        codes += [error["code"] for error in payload["errors"]]
    assert set(codes) <= {"FORBIDDEN", "NOT_FOUND", "UNAUTHENTICATED"}, answer
    return bool(payload) and not codes


@pytest.mark.parametrize("effect", EFFECTS)
async def test_an_effect_requires_its_permission_and_changes_nothing_without_it(
    shop: Storefront, site: Site, effect: str
) -> None:
    prepare, query, variables, right = EFFECTS[effect]
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await prepare(shop, buyer)
    before = await contents(shop)
    others = [action for action in PermissionAction if action not in (right, MANAGE)]
    assert not await brought_about(site, query, await staff(shop, *others), variables(order))
    assert not await brought_about(site, query, await shop.customer(), variables(order))
    assert not await brought_about(site, query, Actor.anonymous(shop.company_id), variables(order))
    assert await contents(shop) == before
    assert await brought_about(site, query, await staff(shop, right), variables(order))


async def test_cancelling_a_paid_order_requires_the_permission_to_refund(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    order = await paid(shop, await shop.customer())
    answer = await site.ask(CANCEL, await staff(shop, UPDATE), **keyed(order))
    assert [(error["extensions"]["code"], error["message"]) for error in answer["errors"]] == [
        ("FORBIDDEN", "Cancelling a paid order refunds it, which needs the permission ORDERS:MANAGE.")
    ]


@pytest.mark.parametrize("prepare", [waiting, accepted, paid, packed])
async def test_buyers_cancel_their_own_order_until_it_is_shipped(
    shop: Storefront, site: Site, prepare: Prepare
) -> None:
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await prepare(shop, buyer)
    payload = (await site.data(CANCEL, buyer, **keyed(order)))["orderCancel"]
    expected = "REFUNDED" if order.paid_at else "CANCELLED"
    assert (payload["errors"], payload["order"]["status"], await shop.level("A")) == ([], expected, (5, 0))
