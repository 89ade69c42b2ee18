"""The root fields and nodes of the activity domain."""

from typing import Final

from gateway.graphql.activity.mutations import ActivityMutation
from gateway.graphql.activity.nodes import NODES
from gateway.graphql.activity.queries import ActivityQuery
from gateway.graphql.activity.subscriptions import ActivitySubscription

__all__ = ["MUTATIONS", "NODES", "QUERIES", "SUBSCRIPTIONS"]

QUERIES: Final = (ActivityQuery,)
MUTATIONS: Final = (ActivityMutation,)
SUBSCRIPTIONS: Final = (ActivitySubscription,)
