"""Batch functions of payments' relations."""

from collections.abc import Sequence
from itertools import chain
from uuid import UUID

from domains.payment.models import Payment, PaymentAudience, PaymentSettings, Refund
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key


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


async def load_payment_settings(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentSettings]:
    """The payment settings of companies, each read as that company: row security shows no other's."""
    settings = context.services.payment.settings
    return [await settings.current(context.db.reader(company_id)) for company_id in keys]


async def load_payment_provider(context: Context, keys: Sequence[UUID]) -> Sequence[str]:
    """The names of the providers that take the companies' payments."""
    return [settings.payment_provider for settings in await _settings(context, keys)]


async def load_card_payments(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentAudience]:
    """The buyers that the companies offer payment by card to."""
    return [settings.card_payments for settings in await _settings(context, keys)]


async def load_invoice_payments(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentAudience]:
    """The buyers that the companies offer payment by invoice to."""
    return [settings.invoice_payments for settings in await _settings(context, keys)]


async def load_cash_on_delivery(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentAudience]:
    """The buyers that the companies offer payment in cash on delivery to."""
    return [settings.cash_on_delivery for settings in await _settings(context, keys)]


async def _settings(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentSettings]:
    return await context.loaders.of(load_payment_settings).load_level(list(keys))
