"""What happens to goods after they are ordered: edits, notes, holds, invoices, parcels and returns."""

from typing import Any

from domains.order.fulfilment.returned_parcels import RestockedUnits
from domains.returns.models import InspectedUnits, ReturnReason
from domains.returns.refunds.models import NewReturnRefund
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from tests.domains.order.editing.editor import Editor
from tests.domains.order.fulfilment import shipped_orders
from tests.domains.order.invoices.invoicing_shop import SELLER, Billing
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver


async def edited_orders(shop: Storefront) -> None:
    """An order is edited, noted, held, released, shipped and invoiced."""
    await shop.stock("G", 20)
    buyer, clerk, services = await shop.customer(), await shop.staff(), shop.services.order
    billing = Billing(shop, buyer, clerk)
    await billing.set(**SELLER, invoices_from=shop.clock.now())
    order = await shipped_orders.paid_order(shop, buyer, ("G", 3))
    note = await shop.run(lambda tx: services.notes.add(tx, clerk, order.id, "Call first"), clerk)
    await shop.run(lambda tx: services.notes.update(tx, clerk, note.id, note="Call before"), clerk)
    await shop.run(lambda tx: services.notes.delete(tx, clerk, note.id), clerk)
    await shop.run(lambda tx: services.holds.place(tx, clerk, order.id, "Check it"), clerk)
    await shop.run(lambda tx: services.holds.release(tx, clerk, order.id), clerk)
    await Editor(shop, clerk).edit(order, G=2)
    await shipped_orders.ship(shop, clerk, order)
    await billing.work()


async def parcels(shop: Storefront) -> None:
    """Parcels are packed, changed, divided, cancelled and sent; one comes back."""
    await shop.stock("G", 20)
    buyer, clerk, services = await shop.customer(), await shop.staff(), shop.services.order
    order = await shipped_orders.paid_order(shop, buyer, ("G", 3))
    packed = await shipped_orders.ship(shop, clerk, order, is_dispatched=False)
    changes: Any = {"tracking_number": "JD0014"}
    await shop.run(lambda tx: services.parcels.update(tx, clerk, packed.id, changes), clerk)
    taken = await shipped_orders.units(shop, order, {"G": 1})
    _, other = await shop.run(lambda tx: services.parcels.split(tx, clerk, packed.id, taken), clerk)
    await shipped_orders.cancel(shop, clerk, other)
    sent = await shipped_orders.dispatch(shop, clerk, packed)
    event, tracking = NewTrackingEvent(status=TrackingStatus.RETURN_TO_SENDER), services.shipment_tracking
    await shop.run(lambda tx: tracking.following.add(tx, clerk, sent.id, event), clerk)
    back = [RestockedUnits(each.order_item_id, 1) for each in taken]
    place: Any = sent.warehouse_id
    await shop.run(lambda tx: tracking.returned.receive(tx, clerk, sent.id, back, place), clerk)


async def returned_goods(shop: Storefront) -> None:
    """Returns are requested, approved, sent, received, inspected, refunded and closed; one is rejected."""
    await shop.stock("A", 20)
    delivered, returns = await deliver(shop, ("A", 3)), shop.services.returns
    await shop.run(lambda tx: returns.settings.update(tx, {"return_window_days": 20}, "EUR"))
    asked = await delivered.request(1, reason=ReturnReason.DEFECTIVE)
    await shop.run(lambda tx: returns.endings.reject(tx, tx.actor, asked.id, "It was used"))
    request = await delivered.approve(await delivered.request(2))
    buyer = delivered.buyer
    await shop.run(lambda tx: returns.parcels.mark_shipped(tx, buyer, request.id, carrier_name="Post"), buyer)
    await delivered.receive(request, 2)
    await _inspected(delivered, request.id)
    await returns.refunds.refund(shop.database, await shop.staff(), request.id, NewReturnRefund())
    await shop.run(lambda tx: returns.endings.close(tx, tx.actor, request.id))


async def _inspected(delivered: DeliveredOrder, request_id: Any) -> None:
    reader = delivered.shop.database.reader(delivered.shop.company_id)
    items = await delivered.returns.listing.items_of(reader, [request_id])
    lines = [InspectedUnits(return_item_id=item.id, restocked=1, damaged=1) for item in items]
    receipts = delivered.returns.receipts
    await delivered.shop.run(lambda tx: receipts.inspect(tx, tx.actor, request_id, lines))
