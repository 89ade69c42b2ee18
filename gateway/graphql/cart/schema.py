"""The root fields and nodes of the cart domain."""

from typing import Final

from gateway.graphql.cart.mutations import CartMutation
from gateway.graphql.cart.nodes import NODES
from gateway.graphql.cart.queries import CartQuery
from gateway.graphql.cart.subscriptions import CartSubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (CartQuery,)
MUTATIONS: Final = (CartMutation,)
SUBSCRIPTIONS: Final = (CartSubscription,)
