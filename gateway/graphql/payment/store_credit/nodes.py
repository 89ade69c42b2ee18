"""Store credit, which `node` finds for its customer and staff."""

from typing import Final

from domains.payment.domain import STORE_CREDITS
from gateway.graphql.auth.nodes import USER
from gateway.graphql.core.nodes import PartType
from gateway.graphql.payment.store_credit.types import StoreCredit

STORE_CREDIT: Final = PartType(StoreCredit, STORE_CREDITS, USER, ("store_credit",))
