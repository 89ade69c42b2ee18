"""The root fields and nodes of the tax domain."""

from typing import Final

from gateway.graphql.tax.mutations import TaxMutation
from gateway.graphql.tax.nodes import NODES
from gateway.graphql.tax.queries import TaxQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (TaxQuery,)
MUTATIONS: Final = (TaxMutation,)
