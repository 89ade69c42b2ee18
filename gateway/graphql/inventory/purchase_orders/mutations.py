"""Mutations of purchase orders."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.inventory.purchase_orders import inputs, payloads
from gateway.graphql.inventory.purchase_orders.types import PurchaseOrder

MAY_UPDATE = requires(PermissionResource.INVENTORY, PermissionAction.UPDATE)


@strawberry.type
class PurchaseOrderMutation:
    """The fields of Mutation about purchase orders."""

    @command(MAY_UPDATE)
    async def purchase_order_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PurchaseOrderCreateInput,
            strawberry.argument(description="The supplier, the warehouse, and the SKUs with their units."),
        ],
    ) -> payloads.PurchaseOrderCreatePayload:
        """Draft an order of units from a supplier. `purchaseOrderSuggestions` lists what to order."""
        order = await info.context.services.inventory.purchase_orders.create(tx, input.as_new())
        return payloads.PurchaseOrderCreatePayload(purchase_order=present(PurchaseOrder, order))

    @command(MAY_UPDATE)
    async def purchase_order_place(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.PurchaseOrderPlaceInput, strawberry.argument(description="A draft that was sent.")],
    ) -> payloads.PurchaseOrderPlacePayload:
        """Record that a draft was sent to the supplier: its units are incoming."""
        order = await info.context.services.inventory.purchase_orders.place(tx, input.id)
        return payloads.PurchaseOrderPlacePayload(purchase_order=present(PurchaseOrder, order))

    @command(MAY_UPDATE, idempotent=True)
    async def purchase_order_receive(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PurchaseOrderReceiveInput, strawberry.argument(description="What was delivered, or all of it.")
        ],
    ) -> payloads.PurchaseOrderReceivePayload:
        """Add delivered units to the available stock of the warehouse, as movements of the type PURCHASE.

        A purchase order can be received in several parts.
        """
        order = await info.context.services.inventory.purchase_orders.receive(tx, input.id, input.as_lines())
        return payloads.PurchaseOrderReceivePayload(purchase_order=present(PurchaseOrder, order))

    @command(MAY_UPDATE)
    async def purchase_order_cancel(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PurchaseOrderCancelInput, strawberry.argument(description="One of which nothing more is expected.")
        ],
    ) -> payloads.PurchaseOrderCancelPayload:
        """Cancel a purchase order. Units that were delivered stay in stock."""
        order = await info.context.services.inventory.purchase_orders.cancel(tx, input.id)
        return payloads.PurchaseOrderCancelPayload(purchase_order=present(PurchaseOrder, order))
