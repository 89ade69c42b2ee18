"""The promotion domain's types that `node` finds."""

from typing import Final

from domains.promotion.domain import PROMOTIONS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.promotion.loaders import load_promotions
from gateway.graphql.promotion.queries import MAY_READ
from gateway.graphql.promotion.types import Promotion

NODES: Final[list[AnyNodeType]] = [NodeType(Promotion, PROMOTIONS, load_promotions, MAY_READ)]
