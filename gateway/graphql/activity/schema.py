"""The root fields and nodes of the activity domain."""

from typing import Final

from gateway.graphql.activity.mutations import ActivityMutation
from gateway.graphql.activity.nodes import NODES
from gateway.graphql.activity.queries import ActivityQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (ActivityQuery,)
MUTATIONS: Final = (ActivityMutation,)
