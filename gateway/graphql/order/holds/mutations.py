"""The mutations of holds, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present
from gateway.graphql.order.mutations import MAY_UPDATE
from gateway.graphql.order.payloads import OrderOutcome
from gateway.graphql.order.types import Order


@strawberry.input(description="The order whose shipment is to be held back.")
class OrderHoldInput:
    """See Holds.place."""

    order_id: UUID = strawberry.field(description="The id of an order with goods left to ship.")
    reason: str = strawberry.field(
        description="Why, 1 to 1,000 characters, for staff: the buyer sees only that it is on hold."
    )


@strawberry.input(description="The order that can be shipped again.")
class OrderHoldReleaseInput:
    """See Holds.release."""

    order_id: UUID = strawberry.field(description="The id of an order with `heldAt`.")


@strawberry.type(description="The result of `orderHold`.")
class OrderHoldPayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type(description="The result of `orderHoldRelease`.")
class OrderHoldReleasePayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type
class OrderHoldMutation:
    """The fields of Mutation about holds."""

    @command(MAY_UPDATE)
    async def order_hold(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderHoldInput, strawberry.argument(description="The order and the reason.")],
    ) -> OrderHoldPayload:
        """Hold the shipment of an order back: no shipment of it can be created or dispatched until the release.

        For an order on hold it changes the reason. Payments, refunds and edits of the order go on.
        """
        context = info.context
        order = await context.services.order.holds.place(tx, context.actor, input.order_id, input.reason)
        return OrderHoldPayload(order=present(Order, order))

    @command(MAY_UPDATE)
    async def order_hold_release(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderHoldReleaseInput, strawberry.argument(description="One that staff hold back.")],
    ) -> OrderHoldReleasePayload:
        """Release the hold of an order: it can be shipped again."""
        context = info.context
        order = await context.services.order.holds.release(tx, context.actor, input.order_id)
        return OrderHoldReleasePayload(order=present(Order, order))
