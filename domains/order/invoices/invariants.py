"""Invariants of invoices, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "The numbers of invoices and of credit notes have no gaps",
        """
        select company_id, kind, count(*) as documents, min(sequence) as first, max(sequence) as last
        from invoices group by company_id, kind having count(*) <> max(sequence) or min(sequence) <> 1
        limit 20
        """,
        "A row was deleted outside the order domain. Restore it from a backup.",
    ),
    Invariant(
        "The counter of each kind of invoice is its last sequence",
        """
        select c.company_id, c.kind, c.last_sequence, max(i.sequence) as last
        from invoice_counters c left join invoices i on i.company_id = c.company_id and i.kind = c.kind
        group by c.company_id, c.kind, c.last_sequence having c.last_sequence is distinct from max(i.sequence)
        limit 20
        """,
        "Set the counter to the last sequence.",
    ),
    Invariant(
        "The credit notes of an invoice do not exceed it",
        """
        select i.company_id, i.number, i.total, sum(n.total) as credited
        from invoices i join invoices n on n.company_id = i.company_id and n.corrected_id = i.id
        group by i.company_id, i.id having sum(n.total) > i.total
        limit 20
        """,
        "More was credited than invoiced. Compare the order's refunds with its credit notes.",
    ),
    Invariant(
        "The invoiced total of an order is that of its last invoice",
        """
        select o.company_id, o.order_number, o.invoiced_total, last.total
        from orders o
        left join lateral (
            select total from invoices i
            where i.company_id = o.company_id and i.order_id = o.id and i.kind = 'INVOICE'
            order by sequence desc limit 1
        ) last on true
        where o.invoiced_total is not null and o.invoiced_total is distinct from last.total
        limit 20
        """,
        "An invoice was written outside the order domain.",
    ),
)
