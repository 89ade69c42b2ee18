"""The steps of the machine as the shop carries them out, each in its own transactions."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final, cast
from uuid import UUID

from domains.inventory.models import StockLine
from domains.kernel.actor import Actor, ActorKind
from domains.order.editing.models import LineChange, NewEdit
from domains.order.editing.new_lines import NewOrderLine
from domains.order.fulfilment.packed_units import ParcelUnits
from domains.order.fulfilment.parcels import NewParcel
from domains.order.fulfilment.returned_parcels import RestockedUnits
from domains.order.models import Order
from domains.returns.models import (
    Approval,
    InspectedUnits,
    NewReturn,
    NewReturnLine,
    ReceivedUnits,
    ReturnReason,
    ReturnRefundMethod,
    ReturnRequest,
)
from domains.returns.refunds.models import NewReturnRefund, RefundedItem
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from tests.domains.order.storefront import Storefront

HELD: Final = """
select i.sku, w.code, r.quantity from reservations r join inventory_items i on i.id = r.inventory_id
join warehouses w on w.id = r.warehouse_id where r.company_id = $1 and r.order_id = $2 and r.status = 'ACTIVE'
"""


class Shop:
    """A storefront with two warehouses, and what staff do in it. `ids` are those of the warehouses by their codes."""

    def __init__(self, front: Storefront, staff: Actor, ids: dict[str, UUID]) -> None:
        self.front = front
        self.staff = staff
        self.ids = ids
        self.services = front.services
        self.started_at: datetime = front.clock.now()

    async def restock(self, sku: str, code: str, units: int) -> None:
        line = StockLine(sku, units, self.ids[code])
        await self.front.run(lambda tx: self.services.inventory.ledger.change(tx, [line]))

    async def buy(self, wanted: dict[str, int], *, is_paid: bool) -> Order:
        """An order of a new customer, whose cart is empty."""
        buyer = await self.front.customer()
        order = await self.front.buy(buyer, *wanted.items())
        return await (self.front.pay if is_paid else self.front.accept)(buyer, order)

    async def pay(self, order: Order) -> None:
        await self.front.pay(self.buyer_of(order), order)

    def buyer_of(self, order: Order) -> Actor:
        return Actor(ActorKind.USER, self.front.company_id, user_id=order.user_id)

    async def cancel(self, order: Order) -> None:
        await self.services.order.cancel_order(self.front.database, self.staff, order.id)

    async def items(self, order: Order) -> dict[str, UUID]:
        """The ids of an order's lines by SKU."""
        found = await self.services.order.items_of(self.front.database.reader(self.front.company_id), [order.id])
        return {item.sku: item.id for item in found}

    async def held(self, order: Order) -> Counter[tuple[str, str]]:
        """The units that are reserved for an order, by SKU and warehouse."""
        units = Counter[tuple[str, str]]()
        for sku, code, quantity in await self.front.owner.fetch(HELD, self.front.company_id, order.id):
            units[sku, code] += quantity
        return units

    async def pack(self, order: Order, code: str, units: Counter[str], *, is_sent: bool) -> Shipment:
        items = await self.items(order)
        lines = [ParcelUnits(items[sku], number) for sku, number in units.items()]
        new = NewParcel(order_id=order.id, lines=lines, warehouse_id=self.ids[code], is_dispatched=is_sent)
        parcels = self.services.order.parcels
        made: Shipment = await self.front.run(lambda tx: parcels.create(tx, self.staff, new), self.staff)
        return made

    async def send(self, shipment_id: UUID) -> None:
        parcels = self.services.order.parcels
        await self.front.run(lambda tx: parcels.dispatch(tx, self.staff, shipment_id), self.staff)

    async def unpack(self, shipment_id: UUID) -> None:
        parcels = self.services.order.parcels
        await self.front.run(lambda tx: parcels.cancel(tx, self.staff, shipment_id), self.staff)

    async def hold(self, order: Order, *, is_held: bool) -> None:
        holds = self.services.order.holds
        if is_held:
            await self.front.run(lambda tx: holds.place(tx, self.staff, order.id, "Check the address"), self.staff)
        else:
            await self.front.run(lambda tx: holds.release(tx, self.staff, order.id), self.staff)

    async def track(self, shipment: Shipment, status: TrackingStatus, minute: int, *, is_webhook: bool) -> None:
        """Enter an event by hand, or store one as a webhook does and let the order follow in a later transaction."""
        new = NewTrackingEvent(status=status, timestamp=self.at(minute))
        following = self.services.order.shipment_tracking.following
        if not is_webhook:
            await self.front.run(lambda tx: following.add(tx, self.staff, shipment.id, new), self.staff)
            return
        shipping = self.services.shipping
        (now,) = await shipping.shipments.by_id(self.front.database.reader(self.front.company_id), [shipment.id])
        await self.front.run(lambda tx: shipping.tracking_records.add(tx, now, new))
        payload = {"order_id": str(shipment.order_id)}
        await self.front.run(lambda tx: following.follow(tx, cast("Any", SimpleNamespace(payload=payload))))

    async def receive_back(self, shipment: Shipment, units: Counter[str], code: str) -> None:
        items = await self.front.owner.fetch(
            "select sku, order_item_id from shipment_lines where shipment_id = $1", shipment.id
        )
        lines = [RestockedUnits(item_id, units[sku]) for sku, item_id in items]
        parcels = self.services.order.shipment_tracking.returned
        await self.front.run(
            lambda tx: parcels.receive(tx, self.staff, shipment.id, lines, self.ids[code]), self.staff
        )

    async def edit(self, order: Order, sku: str, wanted: int) -> None:
        """Change the units of a line, or add one."""
        items = await self.items(order)
        if sku in items:
            edit = NewEdit(changes=[LineChange(items[sku], wanted)])
        else:
            edit = NewEdit(add_lines=[NewOrderLine(product_id=self.front.products[sku].id, quantity=wanted)])
        await self.services.order.edits.edit(self.front.database, self.staff, order.id, edit)

    def at(self, minute: int) -> datetime:
        """A time of the carrier's."""
        return self.started_at + timedelta(minutes=minute)

    # ---- goods that come back

    async def request(self, order: Order, units: Counter[str]) -> ReturnRequest:
        items = await self.items(order)
        lines = [NewReturnLine(order_item_id=items[sku], quantity=number) for sku, number in units.items()]
        new = NewReturn(
            order_id=order.id,
            reason=ReturnReason.CHANGED_MIND,
            refund_method=ReturnRefundMethod.ORIGINAL_PAYMENT,
            lines=lines,
        )
        requests = self.services.returns.requests
        buyer = self.buyer_of(order)
        made: ReturnRequest = await self.front.run(lambda tx: requests.create(tx, buyer, new), buyer)
        return made

    async def approve(self, request_id: UUID, code: str) -> None:
        approval = Approval(warehouse_id=self.ids[code])
        approvals = self.services.returns.approvals
        await self.front.run(lambda tx: approvals.approve(tx, self.staff, request_id, approval), self.staff)

    async def reject(self, request_id: UUID) -> None:
        endings = self.services.returns.endings
        await self.front.run(lambda tx: endings.reject(tx, self.staff, request_id, "Worn"), self.staff)

    async def close(self, request_id: UUID) -> None:
        endings = self.services.returns.endings
        await self.front.run(lambda tx: endings.close(tx, self.staff, request_id), self.staff)

    async def return_items(self, request_id: UUID) -> dict[str, UUID]:
        """The ids of a return's items by SKU."""
        listing, reader = self.services.returns.listing, self.front.database.reader(self.front.company_id)
        return {item.product_sku: item.id for item in await listing.items_of(reader, [request_id])}

    async def receive(self, request_id: UUID, units: Counter[str]) -> None:
        items, receipts = await self.return_items(request_id), self.services.returns.receipts
        lines = [ReceivedUnits(return_item_id=items[sku], received=number) for sku, number in units.items()]
        await self.front.run(lambda tx: receipts.receive(tx, self.staff, request_id, lines), self.staff)

    async def inspect(self, request_id: UUID, sku: str, restocked: int, damaged: int, code: str) -> None:
        items, receipts = await self.return_items(request_id), self.services.returns.receipts
        line = InspectedUnits(
            return_item_id=items[sku], restocked=restocked, damaged=damaged, warehouse_id=self.ids[code]
        )
        await self.front.run(lambda tx: receipts.inspect(tx, self.staff, request_id, [line]), self.staff)

    async def refund(
        self, request_id: UUID, units: Counter[str], fee: Decimal, method: ReturnRefundMethod, wanted: dict[str, int]
    ) -> Order | None:
        """Refund units of a return less a fee; the new order of an exchange for the wanted goods."""
        items = await self.return_items(request_id)
        products = self.front.products
        new = NewReturnRefund(
            lines=[RefundedItem(items[sku], number) for sku, number in units.items()],
            fee=fee,
            method=method,
            exchange=[NewOrderLine(product_id=products[sku].id, quantity=n) for sku, n in wanted.items()] or None,
        )
        refunds = self.services.returns.refunds
        made = await refunds.refund(self.front.database, self.staff, request_id, new)
        return made.exchange_order
