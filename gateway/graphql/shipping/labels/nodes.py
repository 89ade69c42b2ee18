"""Shipping labels, as `node` finds them."""

from typing import Final

from domains.shipping.domain import SHIPPING_LABELS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.shipping.labels.loaders import load_labels
from gateway.graphql.shipping.labels.types import READS_ORDERS, ShippingLabel

SHIPPING_LABEL: Final[AnyNodeType] = NodeType(ShippingLabel, SHIPPING_LABELS, load_labels, READS_ORDERS)
