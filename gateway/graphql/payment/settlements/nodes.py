"""The types of settlement reports that `node` finds."""

from typing import Final

from domains.payment.domain import SETTLEMENT_DIFFERENCES, SETTLEMENT_LINES, SETTLEMENT_REPORTS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.payment.settlements.loaders import load_differences, load_lines, load_reports
from gateway.graphql.payment.settlements.types import (
    READS_SETTLEMENTS,
    SettlementDifference,
    SettlementLine,
    SettlementReport,
)

NODES: Final[list[AnyNodeType]] = [
    NodeType(SettlementReport, SETTLEMENT_REPORTS, load_reports, READS_SETTLEMENTS),
    NodeType(SettlementLine, SETTLEMENT_LINES, load_lines, READS_SETTLEMENTS),
    NodeType(SettlementDifference, SETTLEMENT_DIFFERENCES, load_differences, READS_SETTLEMENTS),
]
