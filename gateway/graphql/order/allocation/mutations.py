"""The re-allocation of orders, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present
from gateway.graphql.order.inputs import KEY
from gateway.graphql.order.mutations import MAY_UPDATE
from gateway.graphql.order.payloads import OrderOutcome
from gateway.graphql.order.types import Order


@strawberry.input(description="Reserved units of a SKU that another warehouse is to send.")
class ReallocatedLineInput:
    """See ReallocatedLine."""

    sku: str = strawberry.field(description="The SKU, in its exact case.")
    quantity: int = strawberry.field(description="The number of units, at least 1.")
    from_warehouse_id: UUID = strawberry.field(description="The id of the warehouse in which they are reserved.")
    to_warehouse_id: UUID = strawberry.field(
        description="The id of an active warehouse with as many available units, which is to send them."
    )


@strawberry.input(description="The order, and which units another warehouse is to send.")
class OrderReallocateInput:
    """See Reallocations.reallocate."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order of which nothing is shipped yet.")
    lines: list[ReallocatedLineInput] = strawberry.field(description="1 to 250 lines.")


@strawberry.type(description="The result of `orderReallocate`.")
class OrderReallocatePayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type
class OrderAllocationMutation:
    """The re-allocation's fields of Mutation."""

    @command(MAY_UPDATE, idempotent=True)
    async def order_reallocate(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            OrderReallocateInput, strawberry.argument(description="The order, the units and their warehouses.")
        ],
    ) -> OrderReallocatePayload:
        """Have other warehouses send units of an order: all lines are moved, or none."""
        lines = [from_input(ReallocatedLine, line) for line in input.lines]
        reallocations = info.context.services.order.reallocations
        order = await reallocations.reallocate(tx, info.context.actor, input.order_id, lines)
        return OrderReallocatePayload(order=present(Order, order))
