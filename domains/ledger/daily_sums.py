"""Sums of the lines of each day, which a job keeps, and the totals of accounts from them.

What the job has not added yet is read from the lines, in the same statement: a total is exact at any moment.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.ledger.models import NOTHING, Totals

ENTRIES: Final = 2_000  # in one transaction of the job
# The entries leave the queue in the transaction that adds their lines to the sums.
TAKE: Final = """
with taken as materialized (
    select entry_id, booked_on from ledger_unsummed_entries
    where company_id = $1 order by entry_id limit $2 for update skip locked
), removed as (
    delete from ledger_unsummed_entries q using taken t where q.company_id = $1 and q.entry_id = t.entry_id
)
select l.account, t.booked_on, l.currency, l.tax_rate, l.country,
    coalesce(sum(l.amount) filter (where l.side = 'DEBIT'), 0) as debit,
    coalesce(sum(l.amount) filter (where l.side = 'CREDIT'), 0) as credit, count(*)::int as line_count
from taken t join ledger_lines l on l.company_id = $1 and l.entry_id = t.entry_id
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
"""
ADD: Final = """
insert into ledger_daily_sums as s
    (id, company_id, account, booked_on, currency, tax_rate, country, debit, credit, line_count, updated_at)
select n.id, $1, n.account, n.booked_on, n.currency, n.tax_rate, n.country, n.debit, n.credit, n.line_count, $2
from unnest($3::uuid[], $4::text[], $5::date[], $6::text[], $7::numeric[], $8::text[], $9::numeric[], $10::numeric[],
    $11::int[]) as n (id, account, booked_on, currency, tax_rate, country, debit, credit, line_count)
on conflict (company_id, account, booked_on, currency, tax_rate, country) do update
set debit = s.debit + excluded.debit, credit = s.credit + excluded.credit,
    line_count = s.line_count + excluded.line_count, updated_at = excluded.updated_at
"""
# The sums, and the lines of the entries that wait. In one statement both are of the same snapshot.
MOVEMENTS: Final = """(
    select company_id, account, booked_on, tax_rate, country, debit, credit from ledger_daily_sums
    union all
    select q.company_id, l.account, q.booked_on, l.tax_rate, l.country,
        case l.side when 'DEBIT' then l.amount else 0 end, case l.side when 'CREDIT' then l.amount else 0 end
    from ledger_unsummed_entries q
    join ledger_lines l on l.company_id = q.company_id and l.entry_id = q.entry_id
) as m"""
TOTALS: Final = f"""
select m.account, sum(m.debit) as debit, sum(m.credit) as credit from {MOVEMENTS}
where m.company_id = $1 and m.account = any($2::text[]) and m.booked_on <= $3 group by 1
"""  # noqa: S608 - a constant


class DailySums:
    """Keeps the sums of days, and reads totals from them."""

    async def add_entries(self, tx: Tx) -> int:
        """Add waiting entries, at most two thousand, to the sums of their days; the number of lines that were added.

        Two jobs at once take different entries. Two statements; one when nothing waits.
        """
        found = await tx.fetch(TAKE, tx.company_id, ENTRIES)
        if found:
            await tx.execute(ADD, tx.company_id, tx.clock.now(), *_columns(found))
        return sum(row["line_count"] for row in found)

    async def totals(self, db: Reader, codes: Collection[str], until: date = date.max) -> Mapping[str, Totals]:
        """The debits and credits of accounts up to the end of a day; zeros without a line. One statement."""
        rows = await db.fetch(TOTALS, db.company_id, list(codes), until)
        found = {row["account"]: Totals(row["debit"], row["credit"]) for row in rows}
        return {code: found.get(code, Totals(NOTHING, NOTHING)) for code in codes}


def _columns(rows: Collection[Any]) -> tuple[list[Any], ...]:
    """The rows as columns, in the order of ADD, with the ids of sums that are new."""
    ids: list[UUID] = [new_id() for _ in rows]
    names = ("account", "booked_on", "currency", "tax_rate", "country", "debit", "credit", "line_count")
    return (ids, *([row[name] for row in rows] for name in names))
