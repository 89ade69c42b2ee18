"""Mutations of shipments, for staff."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.fulfilment.packed_units import ParcelUnits
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.shipping.shipments import inputs, payloads
from gateway.graphql.shipping.shipments.types import Shipment

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.type
class ShipmentMutation:
    """Packing, dispatching, dividing and cancelling shipments."""

    @command(MAY_UPDATE, idempotent=True)
    async def shipment_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShipmentCreateInput,
            strawberry.argument(description="The order, the units, the warehouse and the parcel."),
        ],
    ) -> payloads.ShipmentCreatePayload:
        """Ship units of an order from one warehouse: all that are left, or some of them.

        A dispatched shipment takes its units out of stock, and requests the capture of authorized payments. An order
        is SHIPPED once all its units are; before that its `fulfilmentStatus` is PARTIALLY_FULFILLED.
        """
        context = info.context
        shipment = await context.services.order.parcels.create(tx, context.actor, input.as_new())
        return payloads.ShipmentCreatePayload.of(shipment)

    @command(MAY_UPDATE)
    async def shipment_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShipmentUpdateInput, strawberry.argument(description="The shipment, and what is known of it now.")
        ],
    ) -> payloads.ShipmentUpdatePayload:
        """Change the label, the carrier, the tracking, the weight or the cost of a shipment that is not delivered."""
        context = info.context
        shipment = await context.services.order.parcels.update(
            tx, context.actor, input.shipment_id, input.as_details()
        )
        return payloads.ShipmentUpdatePayload.of(shipment)

    @command(MAY_UPDATE)
    async def shipment_dispatch(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShipmentDispatchInput, strawberry.argument(description="The packed shipment that leaves.")
        ],
    ) -> payloads.ShipmentDispatchPayload:
        """Record that a packed shipment leaves its warehouse: its units leave the stock."""
        context = info.context
        details = input.as_details()
        shipment = await context.services.order.parcels.dispatch(tx, context.actor, input.shipment_id, details)
        return payloads.ShipmentDispatchPayload.of(shipment)

    @command(MAY_UPDATE)
    async def shipment_cancel(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShipmentCancelInput, strawberry.argument(description="The packed shipment to unpack.")
        ],
    ) -> payloads.ShipmentCancelPayload:
        """Unpack a shipment that was not dispatched. Its units stay reserved for the order, and are left to pack.

        Its label and its tracking number can be used for another one.
        """
        context = info.context
        shipment = await context.services.order.parcels.cancel(tx, context.actor, input.shipment_id)
        return payloads.ShipmentCancelPayload.of(shipment)

    @command(MAY_UPDATE, idempotent=True)
    async def shipment_split(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShipmentSplitInput,
            strawberry.argument(description="The packed shipment, and the units that go into a new one."),
        ],
    ) -> payloads.ShipmentSplitPayload:
        """Take units out of a packed shipment into a new one of the same warehouse, which has no label or number."""
        context = info.context
        lines = [from_input(ParcelUnits, line) for line in input.lines]
        one, other = await context.services.order.parcels.split(tx, context.actor, input.shipment_id, lines)
        return payloads.ShipmentSplitPayload(shipment=present(Shipment, one), new_shipment=present(Shipment, other))
