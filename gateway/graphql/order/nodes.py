"""The order domain's types that `node` finds, and an order's payments and refunds."""

from typing import Final

from domains.order.domain import (
    ORDER_ADDRESSES,
    ORDER_ADJUSTMENTS,
    ORDER_ITEMS,
    ORDER_PROMOTIONS,
    ORDER_STATUS_HISTORY,
    ORDERS,
)
from domains.payment.domain import PAYMENTS, REFUNDS
from gateway.graphql.core.fields import OWNER
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.order.adjustments import OrderAdjustment
from gateway.graphql.order.item_types import OrderItem
from gateway.graphql.order.loaders import load_visible_orders
from gateway.graphql.order.queries import MAY_READ
from gateway.graphql.order.types import Order, OrderAddress, OrderPromotion, OrderStatusHistory
from gateway.graphql.payment.types import Payment, Refund

_ORDER: Final = NodeType(Order, ORDERS, load_visible_orders, OWNER | MAY_READ)
NODES: Final[list[AnyNodeType]] = [
    _ORDER,
    PartType(OrderAddress, ORDER_ADDRESSES, _ORDER, ("shipping_address", "billing_address")),
    PartType(OrderAdjustment, ORDER_ADJUSTMENTS, _ORDER, ("adjustments",)),
    PartType(OrderItem, ORDER_ITEMS, _ORDER, ("items",)),
    PartType(OrderPromotion, ORDER_PROMOTIONS, _ORDER, ("applied_promotions",)),
    PartType(OrderStatusHistory, ORDER_STATUS_HISTORY, _ORDER, ("status_history",)),
    PartType(Payment, PAYMENTS, _ORDER, ("payments",)),
    PartType(Refund, REFUNDS, _ORDER, ("refunds",)),
]
