"""The root fields of the account domain."""

from typing import Final

from gateway.graphql.account.mutations import AccountMutation
from gateway.graphql.account.nodes import NODES
from gateway.graphql.account.queries import AccountQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (AccountQuery,)
MUTATIONS: Final = (AccountMutation,)
