"""Carriers, as `node` finds them."""

from typing import Final

from domains.shipping.domain import CARRIERS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.shipping.carriers.loaders import load_carriers
from gateway.graphql.shipping.carriers.queries import MAY_READ
from gateway.graphql.shipping.carriers.types import Carrier

CARRIER: Final[AnyNodeType] = NodeType(Carrier, CARRIERS, load_carriers, MAY_READ)
