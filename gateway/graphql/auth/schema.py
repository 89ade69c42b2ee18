"""The root fields and nodes of the auth domain."""

from typing import Final

from gateway.graphql.auth.mutations import AuthMutation
from gateway.graphql.auth.nodes import NODES
from gateway.graphql.auth.queries import AuthQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (AuthQuery,)
MUTATIONS: Final = (AuthMutation,)
