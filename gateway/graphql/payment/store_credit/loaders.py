"""Batch functions of the relations of store credit."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.values.money import Money
from domains.ledger.models import Movement
from domains.payment.store_credit.models import StoreCredit
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_store_credit(context: Context, keys: Sequence[UUID]) -> Sequence[StoreCredit | None]:
    """The store credit of users in the currency of the company."""
    currency = await context.services.company.currency(context.reader)
    rows = await context.services.payment.store_credits.of_users(context.reader, keys)
    return one_per_key(keys, [row for row in rows if row.currency == currency], lambda row: row.user_id)


async def load_balances(context: Context, keys: Sequence[UUID]) -> Sequence[Money]:
    """The balances of store credit, which are in the currency of the company."""
    currency = await context.services.company.currency(context.reader)
    balances = await context.services.payment.store_credits.balances(context.reader, keys)
    return [Money(balances[key], currency) for key in keys]


async def load_movements(context: Context, keys: Sequence[UUID]) -> Sequence[list[Movement]]:
    """The last changes of the balances of store credit."""
    rows = await context.services.payment.store_credits.movements(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.subject_id)
