"""The root fields of the cart domain."""

from typing import Final

from gateway.graphql.cart.mutations import CartMutation
from gateway.graphql.cart.queries import CartQuery

QUERIES: Final = (CartQuery,)
MUTATIONS: Final = (CartMutation,)
