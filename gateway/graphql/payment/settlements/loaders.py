"""Batch functions of settlement reports."""

from collections.abc import Sequence
from uuid import UUID

from domains.payment.models import PaymentTransaction
from domains.payment.settlements.models import SettlementDifference, SettlementLine, SettlementReport
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_reports(context: Context, keys: Sequence[UUID]) -> Sequence[SettlementReport | None]:
    """Reports by id."""
    rows = await context.services.payment.settlements.reports_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_lines(context: Context, keys: Sequence[UUID]) -> Sequence[SettlementLine | None]:
    """Lines by id."""
    rows = await context.services.payment.settlements.lines_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_differences(context: Context, keys: Sequence[UUID]) -> Sequence[SettlementDifference | None]:
    """Differences by id."""
    rows = await context.services.payment.settlements.differences_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_open_counts(context: Context, keys: Sequence[UUID]) -> Sequence[int]:
    """The number of open differences of reports, by the reports' ids."""
    counts = await context.services.payment.settlements.open_counts(context.reader, keys)
    return [counts[key] for key in keys]


async def load_settled_transactions(context: Context, keys: Sequence[UUID]) -> Sequence[PaymentTransaction | None]:
    """The transactions of lines and differences, whose reader may read orders."""
    rows = await context.services.payment.lists.transactions_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
