"""The entries of an order in the ledger, as tests compare them."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, TypeAlias

from domains.order.models import Order
from tests.domains.order.storefront import Storefront

ENTRIES = """
select e.kind, e.source_kind, l.account, case l.side when 'DEBIT' then l.amount else -l.amount end as amount,
  l.tax_rate, l.country, e.id, e.booked_on
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.order_id = $1 order by e.created_at, e.id, l.position
"""
Line: TypeAlias = tuple[str, Decimal]
Entry: TypeAlias = tuple[str, list[Line]]


async def rows_of(shop: Storefront, order: Order) -> list[Any]:
    """Each line, with its entry."""
    rows: list[Any] = await shop.owner.fetch(ENTRIES, order.id)
    return rows


async def entries_of(shop: Storefront, order: Order) -> list[Entry]:
    """The entries of an order: kind, and account and amount of each line, positive on the debit side."""
    entries: dict[Any, Entry] = {}
    for row in await rows_of(shop, order):
        entries.setdefault(row["id"], (row["kind"], []))[1].append((row["account"], row["amount"]))
    return list(entries.values())


async def kinds_of(shop: Storefront, order: Order) -> list[str]:
    """The kinds of the entries of an order."""
    return [kind for kind, _ in await entries_of(shop, order)]


async def balances_of(shop: Storefront, order: Order) -> dict[str, Decimal]:
    """What an order's entries leave on each account, positive on the debit side; accounts of zero left out."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in await rows_of(shop, order):
        sums[row["account"]] += row["amount"]
    return {account: amount for account, amount in sums.items() if amount}
