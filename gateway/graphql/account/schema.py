"""The root fields of the account domain."""

from typing import Final

from gateway.graphql.account.mutations import AccountMutation
from gateway.graphql.account.queries import AccountQuery

QUERIES: Final = (AccountQuery,)
MUTATIONS: Final = (AccountMutation,)
