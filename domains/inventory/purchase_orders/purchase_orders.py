"""Purchase orders: units that are ordered from a supplier, and received into a warehouse in parts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.catalog.variants.skus import Skus
from domains.inventory import data
from domains.inventory.documents import postings
from domains.inventory.documents.lines import by_sku, path_of, require_units, stock_of
from domains.inventory.documents.numbers import next_number
from domains.inventory.models import MovementType, StockDocument
from domains.inventory.movements import Entry
from domains.inventory.purchase_orders import events, states
from domains.inventory.purchase_orders.errors import MoreThanOrdered, PurchaseOrderNotFound, SkuNotInPurchaseOrder
from domains.inventory.purchase_orders.listing import PurchaseListing
from domains.inventory.purchase_orders.models import (
    NewPurchaseOrder,
    OrderedLine,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderStatus,
    ReceivedUnits,
)
from domains.inventory.purchase_orders.states import PurchaseAction
from domains.inventory.warehouses.sql import require_active
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, OutOfRange
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text, require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.currencies import EXPONENTS

MAX_COST: Final = Decimal(10) ** 12
TEXTS: Final = ("supplier_contact", "supplier_reference", "note")
_RECEIVE: Final = """
update purchase_order_lines l set received = l.received + r.units
from unnest($2::uuid[], $3::int[]) as r (id, units) where l.company_id = $1 and l.id = r.id
"""


class PurchaseOrders:
    """Orders units from suppliers. Locks the purchase order first, then items in the order of SKUs."""

    def __init__(self, skus: Skus) -> None:
        self._skus = skus
        self.listing = PurchaseListing()

    async def create(self, tx: Tx, new: NewPurchaseOrder) -> PurchaseOrder:
        """Draft a purchase order.

        Raises, for all fields at once, LinesMissing, TooMany, DuplicateValue, OutOfRange, Required, TooLong and
        InvalidInput for lines, texts and the currency, SkuNotFound, WarehouseNotFound, WarehouseInactive. Emits
        PurchaseOrderCreated.
        """
        row: dict[str, Any] = {"warehouse_id": new.warehouse_id, "expected_on": new.expected_on}
        with collect_errors() as each:
            with each:
                await require_active(tx, {new.warehouse_id: ("warehouse_id",)})
            with each:
                row["supplier_name"] = require_text(
                    new.supplier_name, field=("supplier_name",), max_length=NAME_LENGTH
                )
            with each:
                row["currency"] = _currency(new.currency)
            for name in TEXTS:
                with each:
                    row[name] = optional_text(getattr(new, name), field=(name,), max_length=LINE_LENGTH)
            with each:
                lines = by_sku(new.lines, _require_line)
                stock = await stock_of(self._skus, tx, lines)
        row["number"] = await next_number(tx, StockDocument.PURCHASE_ORDER)
        values: Any = row
        order = await data.purchase_order.create(tx, values)
        written: list[Any] = [
            {
                "purchase_order_id": order.id,
                "inventory_id": stock[sku].item.id,
                "position": position,
                "quantity": line.quantity,
                "unit_cost": line.unit_cost,
                "currency": order.currency,
            }
            for position, (sku, line) in enumerate(lines.items())
        ]
        await data.purchase_order_line.create_many(tx, written)
        tx.emit(events.PurchaseOrderCreated(**_named(order)))
        return order

    async def place(self, tx: Tx, order_id: UUID) -> PurchaseOrder:
        """Record that a draft was ordered from the supplier: its units are incoming.

        Raises PurchaseOrderNotFound, PurchaseOrderNotPlaceable, WarehouseInactive. Emits PurchaseOrderPlaced.
        """
        order = await self._lock(tx, order_id, PurchaseAction.PLACE)
        await require_active(tx, {order.warehouse_id: ("id",)})
        tx.emit(events.PurchaseOrderPlaced(**_named(order)))
        return await self._set(tx, order_id, states.ORDERED, ordered_at=tx.clock.now())

    async def receive(self, tx: Tx, order_id: UUID, lines: Sequence[ReceivedUnits] | None = None) -> PurchaseOrder:
        """Add delivered units to the available stock of the warehouse; without `lines` all that are expected.

        Raises, for all lines at once, PurchaseOrderNotFound, PurchaseOrderNotReceivable, SkuNotInPurchaseOrder,
        MoreThanOrdered, StockLimitExceeded, and as `by_sku`. Emits PurchaseOrderReceived and as `record_movement`.
        """
        given = None if lines is None else by_sku(lines, lambda line: require_units(line.quantity))
        order = await self._lock(tx, order_id, PurchaseAction.RECEIVE)
        await require_active(tx, {order.warehouse_id: ("id",)})
        stored = await self.listing.lines(tx, order_id)
        stock = await postings.lock(tx, [line.inventory_id for line in stored], order.warehouse_id)
        units = received_units({stock.sku(line.inventory_id): line for line in stored}, given)
        entry = Entry.of(MovementType.PURCHASE, None, order.number, tx.actor)
        await postings.change(tx, stock, {line.inventory_id: number for line, number in units}, entry)
        await tx.execute(_RECEIVE, tx.company_id, [line.id for line, _ in units], [number for _, number in units])
        status = states.received_status(await self.listing.lines(tx, order_id))
        is_complete = status is states.RECEIVED
        tx.emit(
            events.PurchaseOrderReceived(
                **_named(order),
                lines=[{"sku": stock.sku(line.inventory_id), "quantity": number} for line, number in units],
                is_complete=is_complete,
            )
        )
        return await self._set(tx, order_id, status, **({"received_at": tx.clock.now()} if is_complete else {}))

    async def cancel(self, tx: Tx, order_id: UUID) -> PurchaseOrder:
        """Cancel a purchase order: no more units are expected, and those that were received stay in stock.

        Raises PurchaseOrderNotFound, PurchaseOrderNotCancellable. Emits PurchaseOrderCancelled.
        """
        order = await self._lock(tx, order_id, PurchaseAction.CANCEL)
        tx.emit(events.PurchaseOrderCancelled(**_named(order)))
        return await self._set(tx, order_id, states.CANCELLED, cancelled_at=tx.clock.now())

    async def _lock(self, tx: Tx, order_id: UUID, action: PurchaseAction) -> PurchaseOrder:
        order = await data.purchase_order.find_unique(tx, id=order_id, lock=True)
        if order is None:
            raise PurchaseOrderNotFound
        states.require_transition(order.number, order.status, action)
        return order

    async def _set(self, tx: Tx, order_id: UUID, status: PurchaseOrderStatus, **times: Any) -> PurchaseOrder:
        changes: Any = {"status": status, **times}
        return await data.purchase_order.update(tx, id=order_id, data=changes)


def received_units(
    lines: Mapping[str, PurchaseOrderLine], given: Mapping[str, ReceivedUnits] | None
) -> list[tuple[PurchaseOrderLine, int]]:
    """The units to receive of each line, given by SKU; all that are expected without `given`.

    Raises, for all lines at once, SkuNotInPurchaseOrder and MoreThanOrdered.
    """
    if given is None:
        return [(line, line.quantity - line.received) for line in lines.values() if line.quantity > line.received]
    units = []
    with collect_errors() as each:
        for sku, received in given.items():
            with each:
                if sku not in lines:
                    raise SkuNotInPurchaseOrder(sku, field=path_of(given, sku, "sku"))
                expected = lines[sku].quantity - lines[sku].received
                if received.quantity > expected:
                    field = path_of(given, sku, "quantity")
                    raise MoreThanOrdered(sku, received.quantity, expected, field=field)
                units.append((lines[sku], received.quantity))
    return units


def _named(order: PurchaseOrder) -> dict[str, Any]:
    return {"purchase_order_id": order.id, "number": order.number, "warehouse_id": order.warehouse_id}


def _currency(code: str) -> str:
    if code not in EXPONENTS:
        raise InvalidInput("Enter a currency code of ISO 4217, such as EUR.", field=("currency",))
    return code


def _require_line(line: OrderedLine) -> None:
    with collect_errors() as each:
        with each:
            require_units(line.quantity)
        with each:
            cost = line.unit_cost
            if cost is not None and not (cost.is_finite() and 0 <= cost < MAX_COST and cost == round(cost, 4)):
                raise OutOfRange("A unit cost is 0 or more, with at most four decimals.", field=("unit_cost",))
