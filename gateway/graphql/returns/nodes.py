"""The types of returns that `node` finds: who may see the order sees its returns."""

from typing import Final

from domains.returns.domain import RETURN_ITEMS, RETURN_REFUNDS, RETURN_REQUESTS
from gateway.graphql.core.fields import OWNER
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.returns.loaders import load_visible_returns
from gateway.graphql.returns.queries import MAY_READ
from gateway.graphql.returns.refunds.types import ReturnRefund
from gateway.graphql.returns.types import ReturnItem, ReturnRequest

_RETURN: Final = NodeType(ReturnRequest, RETURN_REQUESTS, load_visible_returns, OWNER | MAY_READ)
NODES: Final[list[AnyNodeType]] = [
    _RETURN,
    PartType(ReturnItem, RETURN_ITEMS, _RETURN, ("items",)),
    PartType(ReturnRefund, RETURN_REFUNDS, _RETURN, ("refunds",)),
]
