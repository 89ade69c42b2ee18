"""The root fields and nodes of the ledger domain."""

from typing import Final

from gateway.graphql.ledger.mutations import LedgerMutation
from gateway.graphql.ledger.nodes import NODES
from gateway.graphql.ledger.queries import LedgerQuery
from gateway.graphql.ledger.reports.queries import LedgerReportQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (LedgerQuery, LedgerReportQuery)
MUTATIONS: Final = (LedgerMutation,)
