"""Purchase orders: drafted, placed, received in parts, cancelled; and what to reorder."""

from decimal import Decimal
from typing import Any

import pytest

from domains.inventory.models import StockLine
from domains.inventory.purchase_orders.errors import (
    MoreThanOrdered,
    PurchaseOrderNotCancellable,
    PurchaseOrderNotFound,
    PurchaseOrderNotPlaceable,
    PurchaseOrderNotReceivable,
    SkuNotInPurchaseOrder,
)
from domains.inventory.purchase_orders.models import (
    NewPurchaseOrder,
    OrderedLine,
    PurchaseOrderFilter,
    PurchaseOrderStatus,
    ReceivedUnits,
)
from domains.inventory.purchase_orders.states import PurchaseAction, require_transition
from domains.inventory.service import InventoryService
from domains.inventory.transfers.models import NewStockTransfer
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from tests.domains.inventory.purchase_orders.conftest import Order
from tests.domains.inventory.warehouse_stock import Levels, Places, Race

ALLOWED = {
    PurchaseAction.PLACE: ["DRAFT"],
    PurchaseAction.RECEIVE: ["ORDERED", "PARTIALLY_RECEIVED"],
    PurchaseAction.CANCEL: ["DRAFT", "ORDERED", "PARTIALLY_RECEIVED"],
}
REFUSALS = {
    PurchaseAction.PLACE: PurchaseOrderNotPlaceable,
    PurchaseAction.RECEIVE: PurchaseOrderNotReceivable,
    PurchaseAction.CANCEL: PurchaseOrderNotCancellable,
}


@pytest.mark.parametrize("action", PurchaseAction)
@pytest.mark.parametrize("status", PurchaseOrderStatus)
def test_an_action_is_possible_in_its_statuses_and_refused_by_name_in_all_others(
    status: PurchaseOrderStatus, action: PurchaseAction
) -> None:
    if status.value in ALLOWED[action]:
        require_transition("PO-1001", status, action)
        return
    with pytest.raises(REFUSALS[action], match=f"PO-1001 is {status}"):
        require_transition("PO-1001", status, action)


@pytest.mark.usefixtures("all_invariants_hold")
class TestOrders:
    async def test_units_are_delivered_in_parts(
        self,
        inventory: InventoryService,
        database: Database,
        actor: Actor,
        order: Order,
        levels: Levels,
        reader: Reader,
    ) -> None:
        placed = await order(A=4, B=2)
        assert (placed.number, placed.status) == ("PO-1001", "ORDERED")
        some = [ReceivedUnits(" A ", 3)]
        partly = await database.run(lambda tx: inventory.purchase_orders.receive(tx, placed.id, some), actor)
        assert (partly.status, partly.received_at) == ("PARTIALLY_RECEIVED", None)
        done = await database.run(lambda tx: inventory.purchase_orders.receive(tx, placed.id), actor)
        assert (done.status, done.received_at is not None) == ("RECEIVED", True)
        assert await levels() == {("A", "MAIN"): (14, 0, 0), ("B", "MAIN"): (7, 0, 0)}
        entries = await reader.fetch(
            "select available_delta from stock_movements where type = 'PURCHASE' and reference = 'PO-1001' order by 1"
        )
        assert [row[0] for row in entries] == [1, 2, 3]

    async def test_a_cancelled_order_keeps_what_was_delivered(
        self, inventory: InventoryService, database: Database, actor: Actor, order: Order, levels: Levels
    ) -> None:
        placed = await order(A=4)
        some = [ReceivedUnits("A", 1)]
        await database.run(lambda tx: inventory.purchase_orders.receive(tx, placed.id, some), actor)
        cancelled = await database.run(lambda tx: inventory.purchase_orders.cancel(tx, placed.id), actor)
        assert cancelled.status == "CANCELLED"
        assert (await levels())["A", "MAIN"] == (11, 0, 0)
        with pytest.raises(PurchaseOrderNotReceivable):
            await database.run(lambda tx: inventory.purchase_orders.receive(tx, placed.id), actor)

    async def test_no_more_is_received_than_was_ordered(
        self, inventory: InventoryService, tx: Tx, order: Order, levels: Levels
    ) -> None:
        placed = await order(A=4)
        with pytest.raises(Exception, match="still expected") as raised:
            await inventory.purchase_orders.receive(tx, placed.id, [ReceivedUnits("A", 5), ReceivedUnits("B", 1)])
        errors: Any = raised.value
        assert [(type(error), error.field) for error in errors_of(errors)] == [
            (MoreThanOrdered, ("lines", "0", "quantity")),
            (SkuNotInPurchaseOrder, ("lines", "1", "sku")),
        ]
        with pytest.raises(PurchaseOrderNotFound):
            await inventory.purchase_orders.receive(tx, new_id())
        assert (await levels())["A", "MAIN"] == (10, 0, 0)

    async def test_two_deliveries_at_once_do_not_exceed_the_order(
        self, inventory: InventoryService, race: Race, order: Order, levels: Levels
    ) -> None:
        placed = await order(A=4)
        some = [ReceivedUnits("A", 3)]
        outcomes = await race(*[lambda tx: inventory.purchase_orders.receive(tx, placed.id, some)] * 4)
        assert sorted(type(each).__name__ for each in outcomes) == [*["MoreThanOrdered"] * 3, "PurchaseOrderRow"]
        assert (await levels())["A", "MAIN"] == (13, 0, 0)

    async def test_wrong_fields_are_named_together(self, inventory: InventoryService, tx: Tx, places: Places) -> None:
        lines = [OrderedLine("A", 0), OrderedLine("B", 1, Decimal("1.00001")), OrderedLine("B", 1, Decimal(-1))]
        new = NewPurchaseOrder(warehouse_id=new_id(), supplier_name=" ", currency="eur", lines=lines)
        with pytest.raises(Exception, match="twice") as raised:
            await inventory.purchase_orders.create(tx, new)
        errors: Any = raised.value
        assert [".".join(error.field) for error in errors_of(errors)] == [
            "warehouse_id",
            "supplier_name",
            "currency",
            "lines.0.quantity",
            "lines.1.unit_cost",
            "lines.2.sku",
            "lines.2.unit_cost",
        ]

    async def test_skus_at_their_reorder_point_are_suggested_less_what_is_incoming(
        self,
        inventory: InventoryService,
        database: Database,
        actor: Actor,
        order: Order,
        places: Places,
        reader: Reader,
    ) -> None:
        async def suggested(warehouse_id: Any) -> list[tuple[int, int, int]]:
            found = await inventory.purchase_orders.listing.suggestions(reader, warehouse_id)
            return [(each.available, each.incoming, each.quantity) for each in found]

        limits: Any = {"reorder_point": 9, "reorder_quantity": 20}
        await database.run(lambda tx: inventory.reorder_levels.set(tx, "A", limits), actor)
        assert await suggested(places.main) == []
        lines = [StockLine("A", 1)]
        new = NewStockTransfer(from_warehouse_id=places.main, to_warehouse_id=places.north, lines=lines)
        transfer = await database.run(lambda tx: inventory.transfers.create(tx, new), actor)
        await database.run(lambda tx: inventory.transfers.ship(tx, transfer.id), actor)
        assert await suggested(places.main) == [(9, 0, 20)]
        placed = await order(A=15)
        assert await suggested(places.main) == [(9, 15, 5)]
        await order(A=5)
        assert await suggested(places.main) == []
        await database.run(lambda tx: inventory.purchase_orders.cancel(tx, placed.id), actor)
        assert await suggested(places.main) == [(9, 5, 15)]
        for _ in range(3):
            await order(A=1_000_000_000)
        assert await suggested(places.main) == []

    async def test_lists_are_filtered(
        self, inventory: InventoryService, reader: Reader, order: Order, places: Places
    ) -> None:
        await order(A=1)

        async def count(**given: Any) -> int:
            listing = inventory.purchase_orders.listing
            return len((await listing.find(reader, PageArgs(first=9), PurchaseOrderFilter(**given))).items)

        assert [await count(), await count(statuses=["ORDERED"]), await count(warehouse_id=places.main)] == [1, 1, 1]
        assert [await count(statuses=["DRAFT"]), await count(warehouse_id=places.north)] == [0, 0]

    async def test_a_delivery_of_any_number_of_skus_takes_the_same_statements(
        self, inventory: InventoryService, tx: Tx, order: Order
    ) -> None:
        orders = [await order(A=1), await order(A=1, B=1)]
        counts = []
        for placed in orders:
            with counting() as counted:
                await inventory.purchase_orders.receive(tx, placed.id)
            counts.append(counted.data)
        assert counts == [9, 9]
