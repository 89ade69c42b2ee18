"""The root fields of the order domain."""

from typing import Final

from gateway.graphql.order.mutations import OrderMutation
from gateway.graphql.order.queries import OrderQuery

QUERIES: Final = (OrderQuery,)
MUTATIONS: Final = (OrderMutation,)
