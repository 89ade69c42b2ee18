"""Batch functions of returns: one statement for a whole level of a query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domains.returns.models import (
    ReturnAuthorization,
    ReturnItem,
    ReturnRequest,
    ReturnStatusHistory,
    ReturnTracking,
)
from domains.returns.requests.rules import ReturnableLine
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key
from gateway.graphql.order.loaders import load_visible_orders


async def load_returns_of_orders(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnRequest]]:
    """The return requests of orders, oldest first."""
    rows = await context.services.returns.listing.of_orders(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_visible_returns(context: Context, keys: Sequence[UUID]) -> Sequence[ReturnRequest | None]:
    """Return requests by id, of the orders that the actor may see."""
    rows = await context.services.returns.listing.by_id(context.reader, keys)
    order_ids = list({row.order_id for row in rows})
    orders = await context.loaders.of(load_visible_orders).load_level(order_ids)
    visible = {order.id for order in orders if order is not None}
    return one_per_key(keys, [row for row in rows if row.order_id in visible], lambda row: row.id)


async def load_return_items(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnItem]]:
    """The items of return requests."""
    rows = await context.services.returns.listing.items_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.return_request_id)


async def load_authorizations(context: Context, keys: Sequence[UUID]) -> Sequence[ReturnAuthorization | None]:
    """The authorizations of return requests."""
    rows = await context.services.returns.listing.authorizations_of(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.return_request_id)


async def load_return_history(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnStatusHistory]]:
    """The changes of the status of return requests, oldest first."""
    rows = await context.services.returns.listing.history_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.return_request_id)


async def load_return_tracking(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnTracking]]:
    """The events of the parcels of authorizations, by the carriers' time."""
    rows = await context.services.returns.listing.tracking_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.authorization_id)


async def load_returnable_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[ReturnableLine]]:
    """The lines of orders, with what of them can be returned."""
    lines = (await context.services.returns.returnables.of_orders(context.reader, keys)).values()
    return many_per_key(keys, list(lines), lambda line: line.item.order_id)


async def load_returnable_quantities(context: Context, keys: Sequence[UUID]) -> Sequence[int]:
    """The units of lines of orders that can be returned now, by the ids of the lines."""
    services = context.services
    items = await services.order.items_by_id(context.reader, keys)
    order_ids = list({item.order_id for item in items})
    settings = await services.returns.settings.current(context.reader)
    excluded = await services.returns.returnables.excluded(context.reader, settings, items)
    now, found = context.db.clock.now(), dict[UUID, int]()
    for lines in await context.loaders.of(load_returnable_lines).load_level(order_ids):
        for line in lines:
            is_possible = line.is_returnable and line.item.product_id not in excluded
            found[line.item.id] = line.within(settings.return_window_days, now) if is_possible else 0
    return [found.get(key, 0) for key in keys]


async def load_window_ends(context: Context, keys: Sequence[UUID]) -> Sequence[datetime | None]:
    """When the windows of orders end within which their goods can be returned."""
    settings = await context.services.returns.settings.current(context.reader)
    orders: Sequence[Any] = await context.loaders.of(load_returnable_lines).load_level(list(keys))
    ends = ([line.window_ends_at(settings.return_window_days) for line in lines] for lines in orders)
    return [max((end for end in each if end is not None), default=None) for each in ends]
