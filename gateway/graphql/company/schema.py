"""The root fields and nodes of the company domain."""

from typing import Final

from gateway.graphql.company.mutations import CompanyMutation
from gateway.graphql.company.nodes import NODES
from gateway.graphql.company.queries import CompanyQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (CompanyQuery,)
MUTATIONS: Final = (CompanyMutation,)
