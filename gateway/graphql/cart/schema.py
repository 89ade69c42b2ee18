"""The root fields and nodes of the cart domain."""

from typing import Final

from gateway.graphql.cart.mutations import CartMutation
from gateway.graphql.cart.nodes import NODES
from gateway.graphql.cart.queries import CartQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (CartQuery,)
MUTATIONS: Final = (CartMutation,)
