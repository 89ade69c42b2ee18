"""Batch functions of orders' relations: one statement for a whole level of a query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.values.money import Money as KernelMoney
from domains.order.models import (
    Order,
    OrderAddress,
    OrderAdjustment,
    OrderItem,
    OrderPromotion,
    OrderStatusHistory,
    OrderTax,
)
from domains.order.payments.refund_lines import RefundableOrder
from domains.pricing import models as pricing
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import present
from gateway.graphql.core.relations import Derived
from gateway.graphql.core.scalars import Money
from gateway.graphql.engine.loading import many_per_key, one_per_key
from gateway.graphql.tax.tax_lines import TaxLine, tax_lines


@dataclass(frozen=True, slots=True)
class RefundableItem:
    """What is left to refund of an order's line."""

    quantity: int
    amount: Money


def _itself(key: UUID) -> UUID:
    return key


def _quantity(item: RefundableItem, _key: UUID) -> int:
    return item.quantity


def _amount(item: RefundableItem, _key: UUID) -> Money:
    return item.amount


def _taxes(rows: Sequence[OrderTax], _key: UUID) -> list[TaxLine]:
    return tax_lines_of(rows)


def _shipping_taxes(rows: Sequence[OrderTax], _key: UUID) -> list[TaxLine]:
    return tax_lines_of([row for row in rows if row.order_item_id is None])


# Both fields of an order share one load.
TAXES: Final = Derived(_itself, _taxes)
SHIPPING_TAXES: Final = Derived(_itself, _shipping_taxes)
# Both fields of a line share one load.
QUANTITY: Final = Derived(_itself, _quantity)
AMOUNT: Final = Derived(_itself, _amount)


async def load_order_items(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderItem]]:
    """The lines of orders."""
    rows = await context.services.order.items_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_order_taxes(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderTax]]:
    """The taxes of orders."""
    rows = await context.services.order.taxes_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_item_taxes(context: Context, keys: Sequence[UUID]) -> Sequence[list[TaxLine]]:
    """The taxes of lines, by their ids."""
    rows = await context.services.order.taxes_of_items(context.reader, keys)
    of_items = many_per_key(keys, rows, lambda row: row.order_item_id or row.order_id)  # each has a line
    return [tax_lines_of(own) for own in of_items]


async def load_history(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderStatusHistory]]:
    """The history of orders, oldest first."""
    rows = await context.services.order.history_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_order_promotions(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderPromotion]]:
    """The promotions that discount orders."""
    rows = await context.services.order.promotions_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_order_adjustments(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderAdjustment]]:
    """The discounts of orders."""
    rows = await context.services.order.adjustments_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_item_adjustments(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderAdjustment]]:
    """The discounts of lines."""
    rows = await context.services.order.adjustments_of_items(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_item_id or row.order_id)  # each has a line


async def load_order_addresses(context: Context, keys: Sequence[UUID]) -> Sequence[OrderAddress | None]:
    """Addresses of orders by id."""
    rows = await context.services.order.addresses_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_visible_orders(context: Context, keys: Sequence[UUID]) -> Sequence[Order | None]:
    """Orders by id: the actor's own, and with ORDERS:READ any."""
    rows = await context.services.order.visible_orders(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_refundable(context: Context, keys: Sequence[UUID]) -> Sequence[RefundableOrder | None]:
    """What is left to refund of orders."""
    found = await context.services.order.refunds.refundable(context.reader, keys)
    return [found.get(key) for key in keys]


async def load_refundable_shipping(context: Context, keys: Sequence[UUID]) -> Sequence[Money | None]:
    """The shipping that is left to refund of orders."""
    orders = await context.loaders.of(load_refundable).load_level(list(keys))
    return [None if order is None else _money(order.shipping_amount, order.currency) for order in orders]


async def load_refundable_items(context: Context, keys: Sequence[UUID]) -> Sequence[RefundableItem | None]:
    """What is left to refund of lines, by their ids."""
    items = {item.id: item for item in await context.services.order.items_by_id(context.reader, keys)}
    order_ids = list({item.order_id for item in items.values()})
    orders = dict(zip(order_ids, await context.loaders.of(load_refundable).load_level(order_ids), strict=True))
    return [_refundable_item(items.get(key), orders) for key in keys]


def _refundable_item(item: OrderItem | None, orders: Mapping[UUID, RefundableOrder | None]) -> RefundableItem | None:
    order = None if item is None else orders[item.order_id]
    if item is None or order is None:
        return None
    rest = order.of_item(item.id)
    return RefundableItem(rest.quantity, _money(rest.amount, item.currency))


def tax_lines_of(rows: Sequence[OrderTax]) -> list[TaxLine]:
    """The stored taxes of one order, summed up by tax and rate."""
    lines = [pricing.TaxLine(row.name, row.rate, row.taxable, row.amount) for row in rows]
    return tax_lines(lines, rows[0].currency) if rows else []


def _money(amount: Decimal, currency: str) -> Money:
    return present(Money, KernelMoney(amount, currency))
