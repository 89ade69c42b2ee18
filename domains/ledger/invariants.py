"""Invariants of the ledger over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

INVARIANTS: Final = (
    Invariant(
        "The debits of each company's ledger equal its credits",
        """
        select company_id, currency, sum(amount) filter (where side = 'DEBIT') as debits,
          sum(amount) filter (where side = 'CREDIT') as credits
        from ledger_lines group by 1, 2
        having sum(case side when 'DEBIT' then amount else -amount end) <> 0
        limit 20
        """,
        "Lines were changed outside the ledger. Restore the tables of the ledger from a backup.",
    ),
    Invariant(
        "Each entry of the ledger has its lines, which balance",
        """
        select e.company_id, e.id as entry, e.kind, e.line_count, l.lines, l.rest
        from ledger_entries e
        left join (
          select company_id, entry_id, count(*) as lines,
            sum(case side when 'DEBIT' then amount else -amount end) as rest
          from ledger_lines group by 1, 2
        ) l on l.company_id = e.company_id and l.entry_id = e.id
        where l.lines is distinct from e.line_count or l.rest <> 0
        limit 20
        """,
        "Lines were changed outside the ledger. Restore the tables of the ledger from a backup.",
    ),
    Invariant(
        "Each line of the ledger names an account",
        """
        select l.company_id, l.entry_id as entry, l.account from ledger_lines l
        left join ledger_accounts a on a.company_id = l.company_id and a.code = l.account
        where a.id is null limit 20
        """,
        "An account was deleted. Insert it again with its code and type.",
    ),
    Invariant(
        "The balance of each subject is the sum of its lines in the ledger",
        """
        select coalesce(b.company_id, l.company_id) as company_id, coalesce(b.account, l.account) as account,
          coalesce(b.subject_id, l.subject_id) as subject, b.balance, l.balance as in_lines
        from ledger_balances b
        full join (
          select l.company_id, l.account, l.subject_id, sum(
            case when (l.side = 'DEBIT') = (a.type in ('ASSET', 'EXPENSE')) then l.amount else -l.amount end
          ) as balance
          from ledger_lines l join ledger_accounts a on a.company_id = l.company_id and a.code = l.account
          where l.subject_id is not null group by 1, 2, 3
        ) l on l.company_id = b.company_id and l.account = b.account and l.subject_id = b.subject_id
        where b.balance is distinct from l.balance
        limit 20
        """,
        "A balance was changed outside the ledger. Its lines show what it should be.",
    ),
    Invariant(
        "The sums of each day and the entries that wait for the job are the lines of the ledger",
        """
        select company_id, account, booked_on, currency, tax_rate, country, sum(debit) as debit_too_high,
          sum(credit) as credit_too_high, sum(lines) as lines_too_many
        from (
          select company_id, account, booked_on, currency, tax_rate, country, debit, credit, line_count as lines
          from ledger_daily_sums
          union all
          select l.company_id, l.account, e.booked_on, l.currency, l.tax_rate, l.country,
            -coalesce(sum(l.amount) filter (where l.side = 'DEBIT'), 0),
            -coalesce(sum(l.amount) filter (where l.side = 'CREDIT'), 0), -count(*)
          from ledger_lines l
          join ledger_entries e on e.company_id = l.company_id and e.id = l.entry_id
          where not exists (
            select from ledger_unsummed_entries q
            where q.company_id = e.company_id and q.entry_id = e.id and q.booked_on = e.booked_on
          )
          group by 1, 2, 3, 4, 5, 6
        ) m
        group by 1, 2, 3, 4, 5, 6 having sum(debit) <> 0 or sum(credit) <> 0 or sum(lines) <> 0
        limit 20
        """,
        "Sums were changed outside the ledger. docs/ledger-reports.md shows how to make them again from the lines.",
    ),
)
TEXTS: Final = (
    TextColumns(table="ledger_accounts", texts=("name",)),
    TextColumns(table="ledger_entries", texts=("reason",)),
)
ROW_INVARIANTS: Final = (normalized_texts("the ledger", TEXTS),)
