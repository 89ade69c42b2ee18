"""The root fields of the inventory domain."""

from typing import Final

from gateway.graphql.inventory.mutations import InventoryMutation
from gateway.graphql.inventory.queries import InventoryQuery

QUERIES: Final = (InventoryQuery,)
MUTATIONS: Final = (InventoryMutation,)
