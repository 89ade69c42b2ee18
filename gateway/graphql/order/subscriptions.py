"""Subscriptions of orders: the status of one, and for staff the new ones."""

from dataclasses import replace
from operator import itemgetter
from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.pagination.pages import PageArgs
from domains.order import events, models
from domains.order.models import OrderFilter
from domains.payment.events import (
    ChargebackReversed,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentChargedBack,
    PaymentFailed,
)
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, PUBLIC, present, subscription
from gateway.graphql.order.inputs import TOKEN, OrderFilterInput
from gateway.graphql.order.queries import MAY_READ
from gateway.graphql.order.types import Order
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

# A payment that fails, is authorized or is cancelled changes the payment status of its order in the same transaction;
# a captured one comes with OrderPaid.
STATUS_CHANGES: Final = (
    events.OrderConfirmed,
    events.OrderAwaitsAcceptance,
    events.OrderPaymentStarted,
    events.OrderPaid,
    events.OrderStatusChanged,
    events.OrderCancelled,
    events.OrderFailed,
    events.OrderRefunded,
    PaymentAuthorized,
    PaymentFailed,
    PaymentCancelled,
    PaymentChargedBack,
    ChargebackReversed,
)
ORDER_STATUS: Final = Channel("order_status", dict.fromkeys(STATUS_CHANGES, itemgetter("order_id")))
NEW_ORDERS: Final = Channel("new_orders", {events.OrderCreated: None})


@strawberry.type(description="An order whose status, payment status or fulfilment status has changed.")
class OrderStatusChanged:
    """The order as it is now."""

    order: Order = strawberry.field(
        description="The order as it is now; later changes may be in it already, and then come as events too."
    )


@strawberry.type(description="An order that a customer or a guest has just placed.")
class OrderCreated:
    """The order as it is now."""

    order: Order = strawberry.field(description="The order as it is now; it may be paid or cancelled already.")


async def visible_order(info: Info, order_id: UUID, order_token: str | None = None) -> UUID:
    """The room of an order. Raises OrderNotFound."""
    return (await _find(info, order_id, order_token)).id


async def _find(info: Info, order_id: UUID, order_token: str | None) -> models.Order:
    context = info.context
    return await context.services.order.get_order_by_id(context.reader, context.actor, order_id, token=order_token)


async def valid_filter(info: Info, filter: OrderFilterInput | None = None) -> None:
    """The room of all new orders. Raises what is wrong with the filter."""
    if filter is not None:
        await _matching(info, filter, ())


async def _matching(info: Info, filter: OrderFilterInput | None, ids: tuple[UUID, ...]) -> models.Order | None:
    context = info.context
    filters = replace(filter.as_filter(None) if filter else OrderFilter(), ids=ids)
    page = await context.services.order.get_user_orders(context.reader, context.actor, PageArgs(first=1), filters)
    return next(iter(page.items), None)


@strawberry.type
class OrderSubscription:
    """The order domain's fields of Subscription."""

    @subscription(OWNER | PUBLIC | MAY_READ, channel=ORDER_STATUS, room=visible_order)
    async def order_status_changed(
        self,
        info: Info,
        event: LiveEvent,
        order_id: Annotated[UUID, strawberry.argument(description="The id of the order to follow.")],
        order_token: Annotated[str | None, strawberry.argument(description=TOKEN)] = None,
    ) -> OrderStatusChanged | None:
        """The order each time it is accepted, paid, processed, shipped, delivered, cancelled, refunded or has failed.

        For its customer, a guest with its token, and staff with ORDERS:READ. Null means that events were missed:
        fetch the order again.
        """
        return OrderStatusChanged(order=present(Order, await _find(info, order_id, order_token)))

    @subscription(MAY_READ, channel=NEW_ORDERS, room=valid_filter)
    async def order_created(
        self,
        info: Info,
        event: LiveEvent,
        filter: Annotated[
            OrderFilterInput | None,
            strawberry.argument(
                description="Conditions on the order, checked as it is when the event arrives; all orders by default."
            ),
        ] = None,
    ) -> OrderCreated | None:
        """Each new order of the shop. Null means that events were missed: fetch the list of orders again."""
        order = await _matching(info, filter, (event.aggregate_id,))
        return None if order is None else OrderCreated(order=present(Order, order))
