"""The root fields and nodes of the role domain."""

from typing import Final

from gateway.graphql.role.mutations import RoleMutation
from gateway.graphql.role.nodes import NODES
from gateway.graphql.role.queries import RoleQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (RoleQuery,)
MUTATIONS: Final = (RoleMutation,)
