"""Mutations of shipping labels."""

from typing import Annotated

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.shipping.carriers.models import NewLabel
from domains.shipping.carriers.requests import Parcel
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import requires, workflow
from gateway.graphql.shipping.labels import inputs, payloads

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.type
class LabelMutation:
    """Buying and voiding shipping labels."""

    @workflow(MAY_UPDATE, idempotent=True)
    async def shipping_label_buy(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.ShippingLabelBuyInput,
            strawberry.argument(description="The order, the carrier with its service, and the parcel."),
        ],
    ) -> payloads.ShippingLabelBuyPayload:
        """Buy a shipping label from a carrier for a parcel of an order. An order may have several.

        The status of the order does not change. A carrier with the adapter MANUAL records a label that was made
        elsewhere, by its tracking number and cost.
        """
        context, parcel = info.context, input.parcel
        new = NewLabel(
            carrier_id=input.carrier_id,
            service=input.service,
            parcel=Parcel(parcel.weight, parcel.length, parcel.width, parcel.height),
            tracking_number=input.tracking_number,
            cost=input.cost,
        )
        label = await context.services.order.label_purchases.buy(attempt, context.actor, input.order_id, new)
        return payloads.ShippingLabelBuyPayload.of(label)

    @workflow(MAY_UPDATE, idempotent=True)
    async def shipping_label_void(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.ShippingLabelVoidInput,
            strawberry.argument(description="The id of the label that will not be used."),
        ],
    ) -> payloads.ShippingLabelVoidPayload:
        """Void a shipping label that was bought and not used. The carrier refunds its cost."""
        context = info.context
        label = await context.services.shipping.labels.void(attempt, context.actor, input.label_id)
        return payloads.ShippingLabelVoidPayload.of(label)
