"""The root fields of the auth domain."""

from typing import Final

from gateway.graphql.auth.mutations import AuthMutation
from gateway.graphql.auth.queries import AuthQuery

QUERIES: Final = (AuthQuery,)
MUTATIONS: Final = (AuthMutation,)
