"""The root fields and nodes of the inventory domain."""

from typing import Final

from gateway.graphql.inventory.mutations import InventoryMutation
from gateway.graphql.inventory.nodes import NODES
from gateway.graphql.inventory.queries import InventoryQuery
from gateway.graphql.inventory.subscriptions import InventorySubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (InventoryQuery,)
MUTATIONS: Final = (InventoryMutation,)
SUBSCRIPTIONS: Final = (InventorySubscription,)
