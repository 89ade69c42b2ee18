"""Batch functions of the ledger's relations."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.ledger.adjustments import ENTRY
from domains.ledger.models import AccountTotals, LedgerAccount, LedgerEntry, LedgerLine
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key

TRANSACTION: Final = "payment_transaction"


async def load_accounts(context: Context, keys: Sequence[UUID]) -> Sequence[LedgerAccount | None]:
    """Accounts by id."""
    rows = await context.services.ledger.accounts.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_accounts_by_code(context: Context, keys: Sequence[str]) -> Sequence[LedgerAccount | None]:
    """Accounts by code."""
    rows = await context.services.ledger.accounts.by_code(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.code)


async def load_totals(context: Context, keys: Sequence[str]) -> Sequence[AccountTotals | None]:
    """The sums of accounts by code."""
    totals = await context.services.ledger.accounts.totals(context.reader, keys)
    return [totals.get(key) for key in keys]


async def load_entries(context: Context, keys: Sequence[UUID]) -> Sequence[LedgerEntry | None]:
    """Entries by id."""
    rows = await context.services.ledger.listing.entries_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[LedgerLine]]:
    """The lines of entries, in their order."""
    rows = await context.services.ledger.listing.lines_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.entry_id)


async def load_reversals(context: Context, keys: Sequence[UUID]) -> Sequence[LedgerEntry | None]:
    """The entries that reverse adjustments, by the ids of these."""
    rows = await context.services.ledger.listing.entries_of_sources(context.reader, ENTRY, keys)
    return one_per_key(keys, rows, lambda row: row.source_id)


async def load_order_entries(context: Context, keys: Sequence[UUID]) -> Sequence[list[LedgerEntry]]:
    """The entries of orders, oldest first."""
    rows = await context.services.ledger.listing.entries_of_orders(context.reader, keys)
    return many_per_key(keys, [row for row in rows if row.order_id], lambda row: row.order_id or row.id)


async def load_transaction_entries(context: Context, keys: Sequence[UUID]) -> Sequence[list[LedgerEntry]]:
    """The entries of transactions at payment providers, oldest first."""
    rows = await context.services.ledger.listing.entries_of_sources(context.reader, TRANSACTION, keys)
    return many_per_key(keys, rows, lambda row: row.source_id)
