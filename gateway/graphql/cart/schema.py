"""The root fields and nodes of the cart domain."""

from typing import Final

from gateway.graphql.cart.mutations import CartMutation
from gateway.graphql.cart.nodes import NODES
from gateway.graphql.cart.queries import CartQuery
from gateway.graphql.cart.subscriptions import CartSubscription
from gateway.graphql.cart.tender_mutations import CartTenderMutation

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (CartQuery,)
MUTATIONS: Final = (CartMutation, CartTenderMutation)
SUBSCRIPTIONS: Final = (CartSubscription,)
