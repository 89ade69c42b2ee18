"""Batch functions of payments' relations."""

from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from domains.payment.models import Payment, PaymentTransaction, Refund, RefundLine
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_payments(context: Context, keys: Sequence[UUID]) -> Sequence[list[Payment]]:
    """The payments of orders, oldest first."""
    rows = await context.services.payment.payments_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)


async def load_refunds(context: Context, keys: Sequence[UUID]) -> Sequence[list[Refund]]:
    """The refunds of payments, oldest first."""
    rows = await context.services.payment.refunds.of_payments(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.payment_id)


async def load_order_refunds(context: Context, keys: Sequence[UUID]) -> Sequence[list[Refund]]:
    """The refunds of orders, oldest first. Payments and their refunds are loaded once per request."""
    payments = await context.loaders.of(load_payments).load_level(list(keys))
    ids = [payment.id for payment in chain.from_iterable(payments)]
    refunds = chain.from_iterable(await context.loaders.of(load_refunds).load_level(ids))
    return many_per_key(keys, sorted(refunds, key=lambda row: (row.created_at, row.id)), lambda row: row.order_id)


async def load_transactions(context: Context, keys: Sequence[UUID]) -> Sequence[list[PaymentTransaction]]:
    """The transactions of payments, oldest first."""
    rows = await context.services.payment.transactions.of_payments(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.payment_id)


async def load_payments_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[Payment | None]:
    """Payments by id."""
    rows = await context.services.payment.payments_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_refunds_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[Refund | None]:
    """Refunds by id."""
    rows = await context.services.payment.refunds.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_refund_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[RefundLine]]:
    """The lines of refunds, in their order."""
    rows = await context.services.payment.refunds.lines_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.refund_id)
