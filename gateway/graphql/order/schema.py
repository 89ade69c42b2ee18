"""The root fields and nodes of the order domain."""

from typing import Final

from gateway.graphql.order.allocation.mutations import OrderAllocationMutation
from gateway.graphql.order.discounts import OrderDiscountMutation
from gateway.graphql.order.edits.mutations import OrderEditMutation, OrderEditQuery
from gateway.graphql.order.fulfilment.bulk_mutations import BulkFulfilmentMutation
from gateway.graphql.order.holds.mutations import OrderHoldMutation
from gateway.graphql.order.invoices.mutations import InvoiceMutation
from gateway.graphql.order.invoices.queries import InvoiceQuery
from gateway.graphql.order.mutations import OrderMutation
from gateway.graphql.order.nodes import NODES
from gateway.graphql.order.notes.mutations import OrderNoteMutation
from gateway.graphql.order.presence import OrderPresenceQuery, OrderPresenceSubscription
from gateway.graphql.order.queries import OrderQuery
from gateway.graphql.order.subscriptions import OrderSubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

MUTATIONS: Final = (
    OrderMutation,
    OrderDiscountMutation,
    OrderEditMutation,
    OrderAllocationMutation,
    OrderNoteMutation,
    OrderHoldMutation,
    InvoiceMutation,
    BulkFulfilmentMutation,
)
QUERIES: Final = (OrderQuery, OrderEditQuery, OrderPresenceQuery, InvoiceQuery)
SUBSCRIPTIONS: Final = (OrderSubscription, OrderPresenceSubscription)
