"""The order domain's types that `node` finds, and an order's payments and refunds."""

from typing import Final

from domains.order.domain import (
    INVOICES,
    ORDER_ADDRESSES,
    ORDER_ADJUSTMENTS,
    ORDER_EDITS,
    ORDER_ITEMS,
    ORDER_NOTES,
    ORDER_PROMOTIONS,
    ORDER_STATUS_HISTORY,
    ORDERS,
)
from domains.payment.domain import PAYMENTS, REFUNDS
from domains.shipping.domain import SHIPMENTS
from gateway.graphql.core.fields import OWNER
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.order.adjustments import OrderAdjustment
from gateway.graphql.order.edits.types import READS_ORDERS, OrderEdit, load_edits_by_id
from gateway.graphql.order.invoices.types import Invoice
from gateway.graphql.order.item_types import OrderItem
from gateway.graphql.order.loaders import load_visible_orders
from gateway.graphql.order.notes.types import OrderNote
from gateway.graphql.order.queries import MAY_READ
from gateway.graphql.order.types import Order, OrderAddress, OrderPromotion, OrderStatusHistory
from gateway.graphql.payment.types import Payment, Refund
from gateway.graphql.shipping.shipments.types import Shipment

_ORDER: Final = NodeType(Order, ORDERS, load_visible_orders, OWNER | MAY_READ)
NODES: Final[list[AnyNodeType]] = [
    _ORDER,
    PartType(OrderAddress, ORDER_ADDRESSES, _ORDER, ("shipping_address", "billing_address")),
    PartType(OrderAdjustment, ORDER_ADJUSTMENTS, _ORDER, ("adjustments",)),
    NodeType(OrderEdit, ORDER_EDITS, load_edits_by_id, READS_ORDERS),
    PartType(OrderItem, ORDER_ITEMS, _ORDER, ("items",)),
    PartType(OrderNote, ORDER_NOTES, _ORDER, ("order_notes",)),
    PartType(OrderPromotion, ORDER_PROMOTIONS, _ORDER, ("applied_promotions",)),
    PartType(OrderStatusHistory, ORDER_STATUS_HISTORY, _ORDER, ("status_history",)),
    PartType(Payment, PAYMENTS, _ORDER, ("payments",)),
    PartType(Invoice, INVOICES, _ORDER, ("invoices",)),
    PartType(Shipment, SHIPMENTS, _ORDER, ("shipments",)),
    PartType(Refund, REFUNDS, _ORDER, ("refunds",)),
]
