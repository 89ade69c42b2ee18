"""The ledger's types that `node` finds, for staff."""

from typing import Final

from domains.ledger.domain import LEDGER_ACCOUNTS, LEDGER_ENTRIES
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.ledger.loaders import load_accounts, load_entries
from gateway.graphql.ledger.types import READS_LEDGER, LedgerAccount, LedgerEntry

NODES: Final[list[AnyNodeType]] = [
    NodeType(LedgerAccount, LEDGER_ACCOUNTS, load_accounts, READS_LEDGER),
    NodeType(LedgerEntry, LEDGER_ENTRIES, load_entries, READS_LEDGER),
]
