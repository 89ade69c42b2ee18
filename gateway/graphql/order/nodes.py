"""The order domain's types that `node` finds, and an order's payments and refunds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.order.domain import ORDER_ADDRESSES, ORDER_ITEMS, ORDER_PROMOTIONS, ORDER_STATUS_HISTORY, ORDERS
from domains.order.models import Order as OrderModel
from domains.payment.domain import PAYMENTS, REFUNDS
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import OWNER
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.order.queries import MAY_READ
from gateway.graphql.order.types import Order, OrderAddress, OrderItem, OrderPromotion, OrderStatusHistory
from gateway.graphql.payment.types import Payment, Refund


async def load_visible_orders(context: Context, keys: Sequence[UUID]) -> Sequence[OrderModel | None]:
    """Orders by id: the actor's own, and with ORDERS:READ any."""
    rows = await context.services.order.visible_orders(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


_ORDER: Final = NodeType(Order, ORDERS, load_visible_orders, OWNER | MAY_READ)
NODES: Final[list[AnyNodeType]] = [
    _ORDER,
    PartType(OrderAddress, ORDER_ADDRESSES, _ORDER, ("shipping_address", "billing_address")),
    PartType(OrderItem, ORDER_ITEMS, _ORDER, ("items",)),
    PartType(OrderPromotion, ORDER_PROMOTIONS, _ORDER, ("applied_promotions",)),
    PartType(OrderStatusHistory, ORDER_STATUS_HISTORY, _ORDER, ("status_history",)),
    PartType(Payment, PAYMENTS, _ORDER, ("payments",)),
    PartType(Refund, REFUNDS, _ORDER, ("refunds",)),
]
