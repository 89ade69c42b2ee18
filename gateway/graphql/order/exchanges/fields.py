"""The fields of orders about exchanges."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.order.models import Order
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import relation
from gateway.graphql.order.loaders import load_visible_orders


async def load_exchange_orders(context: Context, keys: Sequence[UUID]) -> Sequence[list[Order]]:
    """The orders that replace goods of orders, oldest first."""
    rows = await context.services.order.exchanges.of_orders(context.reader, context.actor, keys)
    return [[row for row in rows if row.exchanged_order_id == key] for key in keys]


EXCHANGED_ORDER: Final = relation(
    "exchanged_order_id",
    load_visible_orders,
    description="The order whose returned goods it replaces; null for any other order, and for a guest.",
)
EXCHANGE_ORDERS: Final = relation(
    "id",
    load_exchange_orders,
    many=True,
    size=1,
    description="The orders that replace its returned goods, oldest first; empty for a guest.",
)
