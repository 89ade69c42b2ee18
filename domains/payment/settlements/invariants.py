"""Invariants of settlement reports over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns

INVARIANTS: Final = (
    Invariant(
        "The ledger has the fees, payouts and adjustments of settlement reports, each once",
        """
        select coalesce(r.company_id, p.company_id) as company_id, coalesce(r.id, p.id) as line,
          coalesce(r.kind, p.kind) as kind, r.amount as reported, p.amount as posted
        from (
          select l.company_id, l.id, k.kind, k.amount from settlement_lines l cross join lateral (
            values ('FEE', case l.type when 'FEE' then l.net else -l.fee end),
              ('PAYOUT', case l.type when 'PAYOUT' then l.gross else 0 end),
              ('SETTLEMENT_ADJUSTMENT', case l.type when 'ADJUSTMENT' then l.gross else 0 end)
          ) k (kind, amount) where k.amount <> 0
        ) r
        full join (
          select e.company_id, e.source_id as id, e.kind, sum(
            case when l.account not like '1200.%' then 0 when l.side = 'DEBIT' then l.amount else -l.amount end
          ) as amount
          from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
          where e.source_kind = 'settlement_line' group by 1, 2, 3
        ) p on p.company_id = r.company_id and p.id = r.id and p.kind = r.kind
        where r.amount is distinct from p.amount
        limit 20
        """,
        "Lines or entries were changed outside the payment domain. Compare the line with the provider's report.",
    ),
    Invariant(
        "A settlement report has its lines",
        """
        select r.company_id, r.id as report, r.line_count, r.repeated_count, l.lines
        from settlement_reports r
        left join (select company_id, report_id, count(*) as lines from settlement_lines group by 1, 2) l
          on l.company_id = r.company_id and l.report_id = r.id
        where r.line_count - r.repeated_count <> coalesce(l.lines, 0)
        limit 20
        """,
        "Lines were deleted outside the payment domain. Restore them from a backup.",
    ),
    Invariant(
        "A line of a settlement report names the transaction that it is about",
        """
        select l.company_id, l.id as line, l.reference, l.transaction_id as transaction, t.provider_transaction_id
        from settlement_lines l
        left join payment_transactions t on t.company_id = l.company_id and t.id = l.transaction_id
          and t.provider = l.provider
        where l.transaction_id is not null and t.provider_transaction_id is distinct from l.reference
        limit 20
        """,
        "Lines were changed outside the payment domain. Compare the line with the provider's report.",
    ),
)
TEXTS: Final = TextColumns(table="settlement_differences", texts=("reason",))
