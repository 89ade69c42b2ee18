"""The root fields of the role domain."""

from typing import Final

from gateway.graphql.role.mutations import RoleMutation
from gateway.graphql.role.queries import RoleQuery

QUERIES: Final = (RoleQuery,)
MUTATIONS: Final = (RoleMutation,)
