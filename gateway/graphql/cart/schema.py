"""The root fields and nodes of the cart domain."""

from typing import Final

from gateway.graphql.cart.mutations import CartMutation
from gateway.graphql.cart.nodes import NODES
from gateway.graphql.cart.queries import CartQuery
from gateway.graphql.cart.shipping_fields import CartShippingMutation, CartShippingQuery
from gateway.graphql.cart.subscriptions import CartSubscription
from gateway.graphql.cart.tender_mutations import CartTenderMutation

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (CartQuery, CartShippingQuery)
MUTATIONS: Final = (CartMutation, CartTenderMutation, CartShippingMutation)
SUBSCRIPTIONS: Final = (CartSubscription,)
