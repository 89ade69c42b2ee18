"""The mutation that ships many orders at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Self
from uuid import UUID

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.outcomes import ErrorRecord, Outcome
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.fulfilment.bulk_fulfilment import FulfilledOrder
from domains.order.fulfilment.parcels import LeftUnits
from domains.shipping.shipments.models import ShipmentStatus
from gateway.graphql.core.context import Info
from gateway.graphql.core.error_records import error_of, record_of
from gateway.graphql.core.errors import UserError, user_errors
from gateway.graphql.core.fields import present, requires, workflow
from gateway.graphql.order.inputs import KEY
from gateway.graphql.order.types import Order
from gateway.graphql.shipping.shipments.types import Shipment

MAY_UPDATE: Final = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.input(description="Orders of which what is left is shipped now.")
class OrderBulkFulfilInput:
    """Orders."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_ids: list[UUID] = strawberry.field(description="The ids of 1 to 100 orders, each once.")
    warehouse_id: UUID | None = strawberry.field(
        default=None,
        description="The id of a warehouse: only what it has for the orders is shipped. Null or absent: all of them.",
    )
    is_dispatched: bool = strawberry.field(
        default=True,
        description="True: shipments leave now, packed ones too. False: new ones are PENDING, their units reserved.",
    )
    comment: str | None = strawberry.field(
        default=None,
        description="A comment for the history of each order, which buyers see; at most 1,000 characters.",
    )

    def as_left(self) -> LeftUnits:
        """What is shipped of each order, for the domain."""
        return LeftUnits(warehouse_id=self.warehouse_id, is_dispatched=self.is_dispatched, comment=self.comment)


@strawberry.type(description="What `orderBulkFulfil` did with one order.")
class OrderBulkFulfilResult:
    """The order with its shipments, or the errors."""

    order_id: UUID = strawberry.field(description="The id as it was given in the input.")
    order: Order | None = strawberry.field(
        default=None, description="The order after its shipment; null when it was refused."
    )
    shipments: list[Shipment] = strawberry.field(
        default_factory=list,
        description="Shipments of the order that are not cancelled, new and earlier ones; none when it was refused.",
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why this order was not shipped; empty on success. Others were shipped."
    )


@strawberry.type(description="The result of `orderBulkFulfil`.")
class OrderBulkFulfilPayload:
    """A result for each order, or the errors of the whole request."""

    results: list[OrderBulkFulfilResult] | None = strawberry.field(
        default=None, description="A result for each order, as in the input; null when the request was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the whole request was refused; empty otherwise."
    )

    @classmethod
    async def of(cls, info: Info, results: Sequence[OrderBulkFulfilResult]) -> Self:
        """The payload of these results, with the orders and shipments of those without errors. Two statements."""
        context = info.context
        ids = [each.order_id for each in results if not each.errors]
        orders = {row.id: row for row in await context.services.order.orders_by_id(context.reader, ids)}
        shipments = defaultdict[UUID, list[Shipment]](list)
        for row in await context.services.shipping.shipments.of_orders(context.reader, ids):
            if row.status is not ShipmentStatus.CANCELLED:
                shipments[row.order_id].append(present(Shipment, row))
        for each in results:
            if not each.errors:
                each.order, each.shipments = present(Order, orders[each.order_id]), shipments[each.order_id]
        return cls(results=list(results))

    def outcome(self) -> Mapping[str, Any]:
        """The ids of the orders with their errors; null when the request was refused."""
        if self.results is None:
            return {"results": None}
        return {
            "results": [
                {"order_id": each.order_id, "errors": [record_of(error) for error in each.errors]}
                for each in self.results
            ]
        }

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The same results, with the orders and shipments as they are now."""
        del input
        results = outcome.values["results"]
        if results is None:
            return cls()
        return await cls.of(info, [_restored(each) for each in results])


@strawberry.type
class BulkFulfilmentMutation:
    """Shipping many orders."""

    @workflow(MAY_UPDATE, idempotent=True)
    async def order_bulk_fulfil(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            OrderBulkFulfilInput,
            strawberry.argument(description="Up to 100 orders, and how what is left of them is shipped."),
        ],
    ) -> OrderBulkFulfilPayload:
        """Ship what is left of many orders, each on its own: one that is refused does not stop the others.

        An order gets one shipment for each warehouse that has units for it. Refunded units are not left. An order of
        which nothing is left stays as it is, without an error.
        """
        fulfilled = await info.context.services.order.bulk_fulfilment.fulfil(
            attempt, info.context.actor, input.order_ids, input.as_left()
        )
        return await OrderBulkFulfilPayload.of(info, [_result(info, each) for each in fulfilled])


def _result(info: Info, fulfilled: FulfilledOrder) -> OrderBulkFulfilResult:
    errors = user_errors(info, fulfilled.error) if fulfilled.error is not None else []
    return OrderBulkFulfilResult(order_id=fulfilled.order_id, errors=errors)


def _restored(result: Mapping[str, Any]) -> OrderBulkFulfilResult:
    errors = [error_of(ErrorRecord(**record)) for record in result["errors"]]
    return OrderBulkFulfilResult(order_id=UUID(str(result["order_id"])), errors=errors)
