"""The tax domain's types that `node` finds."""

from typing import Final

from domains.tax.domain import TAX_CLASSES, TAX_RATES
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.tax.loaders import load_tax_classes, load_tax_rates
from gateway.graphql.tax.queries import MAY_READ
from gateway.graphql.tax.types import TaxClass, TaxRate

NODES: Final[list[AnyNodeType]] = [
    NodeType(TaxClass, TAX_CLASSES, load_tax_classes, MAY_READ),
    NodeType(TaxRate, TAX_RATES, load_tax_rates, MAY_READ),
]
