"""A stock transfer and a stock take of a sample shop, and what makes the events of both happen."""

from typing import Any
from uuid import UUID

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.models import StockLine
from domains.inventory.purchase_orders.models import NewPurchaseOrder, OrderedLine
from domains.inventory.stock_takes.models import CountedLine
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from gateway.services import Services
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site

ADD_WAREHOUSE = """
insert into warehouses (id, company_id, code, name, updated_at)
values ($2, $1, $3, 'Another warehouse', $4) returning id
"""
AGE = "update inventory_items set last_restocked = last_restocked - interval '2 days' where company_id = $1"
DEFAULT = "select id from warehouses where company_id = $1 and is_default"


async def add_warehouse(tx: Tx, code: str = "NORTH") -> UUID:
    """The id of a new warehouse."""
    made: UUID = await tx.fetch_value(ADD_WAREHOUSE, tx.company_id, new_id(), code, tx.clock.now())
    return made


async def create_documents(site: Site, sku: str) -> dict[str, str]:
    """A draft of a transfer of a SKU, and an open stock take; their ids by kind."""

    async def create(tx: Tx) -> dict[str, str]:
        inventory = site.services.inventory
        main, north = await tx.fetch_value(DEFAULT, tx.company_id), await add_warehouse(tx)
        new = NewStockTransfer(from_warehouse_id=main, to_warehouse_id=north, lines=[StockLine(sku, 2)])
        await inventory.update_stock(tx, sku, 20)
        transfer, take = await inventory.transfers.create(tx, new), await inventory.stock_takes.start(tx, main)
        await inventory.stock_takes.count(tx, take.id, [CountedLine(sku, 27)])
        await inventory.reorder_levels.set(tx, sku, {"reorder_point": 100, "reorder_quantity": 50})
        lines = [OrderedLine(sku, 2)]
        purchase = NewPurchaseOrder(warehouse_id=main, supplier_name="Acme", currency="EUR", lines=lines)
        ordered = await inventory.purchase_orders.create(tx, purchase)
        return {
            "purchaseOrder": str(ordered.id),
            "warehouse": str(main),
            "stockTransfer": str(transfer.id),
            "stockTake": str(take.id),
        }

    return await site.database.run(create, Actor.system(site.company_id))


async def move_stock(shop: Storefront) -> None:
    """Units of B are moved to another warehouse and back, counted, sold out, overstocked and stale."""
    services: Services = shop.services
    transfers, takes = services.inventory.transfers, services.inventory.stock_takes

    async def moved(tx: Tx) -> None:
        main, north = await tx.fetch_value(DEFAULT, tx.company_id), await add_warehouse(tx)
        new = NewStockTransfer(from_warehouse_id=main, to_warehouse_id=north, lines=[StockLine("B", 1)])
        first, second = await transfers.create(tx, new), await transfers.create(tx, new)
        for made in (first, second):
            await transfers.update(tx, made.id, {"note": "Fragile"})
            await transfers.ship(tx, made.id)
        await transfers.receive(tx, first.id, [ReceivedLine("B", 0, 1, "Lost")])
        await transfers.cancel(tx, second.id)

    async def counted(tx: Tx) -> None:
        main = await tx.fetch_value(DEFAULT, tx.company_id)
        for end in (takes.complete, takes.cancel):
            made: Any = await takes.start(tx, main)
            await takes.count(tx, made.id, [CountedLine("B", 7)])
            await end(tx, made.id)

    async def purchased(tx: Tx) -> None:
        purchases, main = services.inventory.purchase_orders, await tx.fetch_value(DEFAULT, tx.company_id)
        lines = [OrderedLine("B", 1)]
        new = NewPurchaseOrder(warehouse_id=main, supplier_name="Acme", currency="EUR", lines=lines)
        for end in (purchases.receive, purchases.cancel):
            made = await purchases.create(tx, new)
            await purchases.place(tx, made.id)
            await end(tx, made.id)

    async def unsold(tx: Tx) -> None:
        inventory = services.inventory
        await inventory.reorder_levels.set(tx, "B", {"max_stock_threshold": 1})
        await inventory.update_stock(tx, "B", -2)
        await inventory.update_stock(tx, "B", 3)
        await inventory.settings.update(tx, {"stale_after_days": 1}, "EUR")

    await shop.stock("B", 2)
    await shop.run(moved)
    await shop.run(counted)
    await shop.run(purchased)
    await shop.run(unsold)
    await shop.owner.execute(AGE, shop.company_id)
    await shop.run(services.inventory.alerts.find_stale)


async def sell_beyond(shop: Storefront) -> None:
    """Orders wait for units of C: one gets them and is sent from another warehouse, one is cancelled."""
    services: Services = shop.services
    await shop.stock("C", 0)
    terms = BackorderTerms(limit=2)
    await shop.run(lambda tx: services.inventory.backorders.update(tx, "C", terms))
    ada, staff = await shop.customer(), await shop.staff()
    first, second = await shop.buy(ada, ("C", 1)), await shop.buy(ada, ("C", 1))
    await services.order.cancel_order(shop.database, ada, second.id)

    async def moved(tx: Tx) -> None:
        await services.inventory.update_stock(tx, "C", 1)
        main, south = await tx.fetch_value(DEFAULT, tx.company_id), await add_warehouse(tx, "SOUTH")
        await services.inventory.ledger.change(tx, [StockLine("C", 1, south)])
        await services.order.reallocations.reallocate(tx, staff, first.id, [ReallocatedLine("C", 1, main, south)])

    await shop.run(moved, staff)
