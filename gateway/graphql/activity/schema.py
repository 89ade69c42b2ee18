"""The root fields of the activity domain."""

from typing import Final

from gateway.graphql.activity.mutations import ActivityMutation
from gateway.graphql.activity.queries import ActivityQuery

QUERIES: Final = (ActivityQuery,)
MUTATIONS: Final = (ActivityMutation,)
