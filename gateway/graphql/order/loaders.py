"""Batch functions of orders' relations: one statement for a whole level of a query."""

from collections.abc import Sequence
from uuid import UUID

from domains.order.models import Order, OrderAddress, OrderItem, OrderPromotion, OrderStatusHistory
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_order_items(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderItem]]:
    """The lines of orders."""
    rows = await context.services.order.items_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_history(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderStatusHistory]]:
    """The history of orders, oldest first."""
    rows = await context.services.order.history_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_order_promotions(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderPromotion]]:
    """The promotions that discount orders."""
    rows = await context.services.order.promotions_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_order_addresses(context: Context, keys: Sequence[UUID]) -> Sequence[OrderAddress | None]:
    """Addresses of orders by id."""
    rows = await context.services.order.addresses_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_visible_orders(context: Context, keys: Sequence[UUID]) -> Sequence[Order | None]:
    """Orders by id: the actor's own, and with ORDERS:READ any."""
    rows = await context.services.order.visible_orders(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)
