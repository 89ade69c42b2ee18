"""Picking and packing lists: what is to be sent, without units that were refunded, and nothing of ended orders."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.order.models import Order
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.fulfilment.shipped_orders import dispatch, paid_order, ship, units
from tests.domains.order.storefront import Storefront


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    await shop.stock("A", 20)
    await shop.stock("B", 20)
    await shop.stock("U", None)
    await shop.stock("KEY", 5, requires_shipping=False)
    return await shop.staff()


async def refund(shop: Storefront, clerk: Actor, order: Order, wanted: Mapping[str, int] | None = None) -> None:
    """Refund units by SKU, or all of an order."""
    lines = None
    if wanted is not None:
        lines = [RefundedUnits(each.order_item_id, each.quantity) for each in await units(shop, order, wanted)]
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, NewRefund(lines=lines))


async def to_send(shop: Storefront, order: Order) -> dict[str, int]:
    """The lines of the packing list of an order."""
    reader = shop.database.reader(shop.company_id)
    (found,) = await shop.services.order.packing_lists.of_orders(reader, [order.id])
    return {line.sku: line.units for line in found.lines}


async def to_pick(shop: Storefront, warehouse_id: UUID | None = None) -> tuple[dict[str, int], int]:
    """The units to pick in a warehouse, the default one if none is given, and the number of orders."""
    reader = shop.database.reader(shop.company_id)
    if warehouse_id is None:
        default = await shop.services.inventory.warehouses.default(reader)
        assert default is not None
        warehouse_id = default.id
    found = await shop.services.order.packing_lists.to_pick(reader, warehouse_id)
    return {each.sku: each.units for each in found.skus}, found.orders


async def test_refunded_units_are_neither_picked_nor_packed(shop: Storefront, clerk: Actor) -> None:
    buyer = await shop.customer()
    order = await paid_order(shop, buyer, ("A", 3), ("B", 1), ("U", 2), ("KEY", 1))
    assert await to_send(shop, order) == {"A": 3, "B": 1, "U": 2}
    assert await to_pick(shop) == ({"A": 3, "B": 1}, 1)
    await refund(shop, clerk, order, {"A": 1, "B": 1, "U": 1})
    assert await to_send(shop, order) == {"A": 2, "U": 1}
    assert await to_pick(shop) == ({"A": 2}, 1)


async def test_packed_units_are_listed_until_they_are_dispatched(shop: Storefront, clerk: Actor) -> None:
    """A refund counts for the units that are not packed, as it does when a shipment is made."""
    buyer = await shop.customer()
    order = await paid_order(shop, buyer, ("A", 4), ("B", 1))
    packed = await ship(shop, clerk, order, {"A": 2}, is_dispatched=False)
    await refund(shop, clerk, order, {"A": 1, "B": 1})
    assert (await to_send(shop, order), await to_pick(shop)) == ({"A": 3}, ({"A": 3}, 1))
    await dispatch(shop, clerk, packed)
    assert (await to_send(shop, order), await to_pick(shop)) == ({"A": 1}, ({"A": 1}, 1))
    await ship(shop, clerk, order)
    assert (await to_send(shop, order), await to_pick(shop)) == ({}, ({}, 0))


async def test_ended_orders_have_nothing_to_send(shop: Storefront, clerk: Actor) -> None:
    buyer = await shop.customer()
    orders = [await paid_order(shop, buyer, ("A", 2)) for _ in range(2)] + [await shop.buy(buyer, ("A", 2))]
    await refund(shop, clerk, orders[0])
    await shop.services.order.cancel_order(shop.database, clerk, orders[1].id)
    assert orders[2].expires_at is not None
    shop.clock.advance(orders[2].expires_at - shop.clock.now())
    await shop.services.order.expiry.end_unpaid(shop.database, shop.system)
    ended = [await shop.order(order.id) for order in orders]
    assert [order.status.value for order in ended] == ["REFUNDED", "REFUNDED", "FAILED"]
    assert [await to_send(shop, order) for order in orders] == [{}, {}, {}]
    assert await to_pick(shop) == ({}, 0)


async def test_a_refunded_unit_is_left_in_the_warehouse_that_would_not_send_it(
    shop: Storefront, clerk: Actor
) -> None:
    """The lists pick what `orderBulkFulfil` ships from each warehouse."""
    await shop.stock("C", 2)
    north = await open_warehouse(shop, "NORTH", stock={"C": 3})
    buyer = await shop.customer()
    order = await paid_order(shop, buyer, ("C", 5))
    assert (await to_pick(shop), await to_pick(shop, north)) == (({"C": 2}, 1), ({"C": 3}, 1))
    await refund(shop, clerk, order, {"C": 1})
    assert (await to_pick(shop), await to_pick(shop, north)) == (({"C": 2}, 1), ({"C": 2}, 1))


async def test_renamed_skus_keep_their_units_and_names(shop: Storefront, clerk: Actor) -> None:
    order = await paid_order(shop, await shop.customer(), ("A", 2))
    product = shop.products["A"]

    async def rename(tx: Tx) -> None:
        await shop.services.catalog.update_product(tx, product.id, {"sku": "NEW"})
        await shop.services.inventory.sku_assignments.rename_sku(tx, product.id, None, "NEW")

    await shop.run(rename)
    await refund(shop, clerk, order, {"A": 1})
    assert await to_pick(shop) == ({"NEW": 1}, 1)


async def test_the_number_of_orders_adds_no_statement(shop: Storefront, clerk: Actor) -> None:
    orders = [await paid_order(shop, await shop.customer(), ("A", 1), ("B", 1)) for _ in range(3)]
    reader, lists = shop.database.reader(shop.company_id), shop.services.order.packing_lists
    with counting() as packing:
        await lists.of_orders(reader, [order.id for order in orders])
    warehouse = await shop.services.inventory.warehouses.default(reader)
    assert warehouse is not None
    with counting() as picking:
        await lists.to_pick(reader, warehouse.id)
    assert (packing.data, picking.data) == (6, 10)
