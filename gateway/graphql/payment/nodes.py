"""The payment domain's types that `node` finds for staff. Payments and refunds are parts of orders."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.payment import models
from domains.payment.domain import AUDIT_LOGS, GIFT_CARDS, TRANSACTIONS
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.payment.audit.types import MANAGES_ORDERS, PaymentAuditLog
from gateway.graphql.payment.gift_cards.loaders import load_gift_cards
from gateway.graphql.payment.gift_cards.types import GiftCard
from gateway.graphql.payment.listing.types import READS_ORDERS, PaymentTransaction


async def load_transactions_by_id(
    context: Context, keys: Sequence[UUID]
) -> Sequence[models.PaymentTransaction | None]:
    """Transactions by id."""
    rows = await context.services.payment.lists.transactions_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_entries_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[models.PaymentAuditLog | None]:
    """Entries of the audit log by id."""
    rows = await context.services.payment.lists.entries_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [
    NodeType(PaymentTransaction, TRANSACTIONS, load_transactions_by_id, READS_ORDERS),
    NodeType(PaymentAuditLog, AUDIT_LOGS, load_entries_by_id, MANAGES_ORDERS),
    NodeType(GiftCard, GIFT_CARDS, load_gift_cards, READS_ORDERS),
]
