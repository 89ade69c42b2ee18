"""The root fields and nodes of the order domain."""

from typing import Final

from gateway.graphql.order.allocation.mutations import OrderAllocationMutation
from gateway.graphql.order.discounts import OrderDiscountMutation
from gateway.graphql.order.mutations import OrderMutation
from gateway.graphql.order.nodes import NODES
from gateway.graphql.order.presence import OrderPresenceQuery, OrderPresenceSubscription
from gateway.graphql.order.queries import OrderQuery
from gateway.graphql.order.subscriptions import OrderSubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (OrderQuery, OrderPresenceQuery)
MUTATIONS: Final = (OrderMutation, OrderDiscountMutation, OrderAllocationMutation)
SUBSCRIPTIONS: Final = (OrderSubscription, OrderPresenceSubscription)
