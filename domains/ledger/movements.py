"""What changed the balances of subjects: the lines of gift cards and of store credit, newest first."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.ledger.models import Account, LedgerAccountType, Movement

SELECT: Final = """
select m.* from unnest($3::uuid[]) s (subject_id)
cross join lateral (
  select e.id as entry_id, l.subject_id, e.kind, e.order_id, e.reason, e.currency, e.created_at,
    case when (l.side = 'DEBIT') = $4 then l.amount else -l.amount end as amount
  from ledger_lines l
  join ledger_entries e on e.company_id = l.company_id and e.id = l.entry_id
  where l.company_id = $1 and l.account = $2 and l.subject_id = s.subject_id
  order by l.entry_id desc, l.position desc limit $5
) m
"""
GROWN_BY_DEBITS: Final = {LedgerAccountType.ASSET, LedgerAccountType.EXPENSE}


class Movements:
    """Reads what changed balances."""

    async def of(self, db: Reader, account: Account, subject_ids: Collection[UUID], most: int) -> list[Movement]:
        """The last changes of the balance of each subject, at most that many, newest first. One statement."""
        grows_by_debits = account.type in GROWN_BY_DEBITS
        rows = await db.fetch(SELECT, db.company_id, account.code, list(subject_ids), grows_by_debits, most)
        return [Movement(**row) for row in rows]
