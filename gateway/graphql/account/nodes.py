"""The account domain's types that `node` finds."""

from typing import Final

from domains.account.domain import ADDRESSES
from gateway.graphql.account.types import Address
from gateway.graphql.auth.nodes import USER
from gateway.graphql.core.nodes import AnyNodeType, PartType

NODES: Final[list[AnyNodeType]] = [PartType(Address, ADDRESSES, USER, ("addresses",))]
