"""Batch functions of refunds of returns."""

from collections.abc import Sequence
from uuid import UUID

from domains.order.models import Order
from domains.returns.models import ReturnRefund
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key
from gateway.graphql.order.loaders import load_visible_orders


async def load_return_refunds(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnRefund]]:
    """The refunds of return requests, oldest first."""
    rows = await context.services.returns.refunds.of_requests(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.return_request_id)


async def load_shown_orders(context: Context, keys: Sequence[UUID]) -> Sequence[Order | None]:
    """The orders of returns by id: only those who may reach the order of a return are shown the return."""
    visible = await context.loaders.of(load_visible_orders).load_level(list(keys))
    hidden = [key for key, order in zip(keys, visible, strict=True) if order is None]
    of_guests = await context.services.order.orders_by_id(context.reader, hidden) if hidden else []
    return one_per_key(keys, [*(order for order in visible if order), *of_guests], lambda row: row.id)
