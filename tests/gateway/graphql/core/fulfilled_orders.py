"""An order with everything that happens after its payment: a note, an invoice, a shipment, and a refunded return."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.order.fulfilment.parcels import NewParcel
from domains.returns.models import Approval, NewReturn, NewReturnLine, ReceivedUnits, ReturnReason, ReturnRefundMethod
from domains.returns.refunds.models import NewReturnRefund
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from tests.domains.order.invoices.invoicing_shop import SELLER
from tests.gateway.site import Site


async def fulfil(site: Site, order_id: UUID) -> None:
    """Ship, deliver, invoice and note a paid order."""
    staff, order, run = Actor.system(site.company_id), site.services.order, site.database.run
    settings: Any = {**SELLER}
    await run(lambda tx: order.invoices.settings.update(tx, settings, "EUR"), staff)
    await run(lambda tx: order.invoices.issue(tx, staff, order_id), staff)
    await run(lambda tx: order.notes.add(tx, staff, order_id, "Sent in a box", is_internal=False), staff)
    shipment = await run(lambda tx: order.parcels.create(tx, staff, NewParcel(order_id=order_id)), staff)
    delivered = NewTrackingEvent(status=TrackingStatus.DELIVERED)
    await run(lambda tx: order.shipment_tracking.following.add(tx, staff, shipment.id, delivered), staff)


async def send_back(site: Site, order_id: UUID) -> None:
    """Return and refund a unit of each line of a delivered order."""
    staff, returns, run = Actor.system(site.company_id), site.services.returns, site.database.run
    reader = site.database.reader(site.company_id)
    items = await site.services.order.items_of(reader, [order_id])
    new = NewReturn(
        order_id=order_id,
        reason=ReturnReason.OTHER,
        refund_method=ReturnRefundMethod.ORIGINAL_PAYMENT,
        lines=[NewReturnLine(order_item_id=item.id, quantity=1) for item in items],
    )
    request = await run(lambda tx: returns.requests.create(tx, staff, new), staff)
    await run(lambda tx: returns.approvals.approve(tx, staff, request.id, Approval()), staff)
    came = [
        ReceivedUnits(return_item_id=item.id, received=1)
        for item in await returns.listing.items_of(reader, [request.id])
    ]
    await run(lambda tx: returns.receipts.receive(tx, staff, request.id, came), staff)
    await returns.refunds.refund(site.database, staff, request.id, NewReturnRefund(fee=Decimal(2)))
