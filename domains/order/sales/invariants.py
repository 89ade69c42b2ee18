"""Invariants that compare orders with the ledger, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.ledger import chart

ADVICE: Final = "An order was changed outside the order domain. `commerce doctor --order NUMBER` shows its timeline."
RECOGNIZED: Final = "(o.accepted_at is not null or o.paid_at is not null or o.amount_captured > 0)"
ENDED: Final = "o.status in ('CANCELLED', 'REFUNDED', 'FAILED')"
SIGNED: Final = "case l.side when 'DEBIT' then l.amount else -l.amount end"
# What the entries of each kind changed of the receivable of each order.
RECEIVABLES: Final = f"""
select e.company_id, e.order_id, (count(*) filter (where e.kind = 'SALE'))::int as sales,
  coalesce(sum({SIGNED}) filter (where e.kind in ('SALE', 'EDIT')), 0) as sold,
  -coalesce(sum({SIGNED}) filter (where e.kind in ('CANCELLATION', 'REOPENING')), 0) as written_off,
  -coalesce(sum({SIGNED}) filter (where e.kind in ('CREDIT_NOTE', 'CREDIT_NOTE_REVERSAL')), 0) as credited,
  -coalesce(sum({SIGNED}) filter (where e.kind = 'CHARGEBACK_LOSS'), 0) as lost,
  -coalesce(sum({SIGNED}) filter (where e.kind in ('PAYMENT', 'REFUND', 'CHARGEBACK')), 0) as paid
from ledger_lines l
join ledger_entries e on e.company_id = l.company_id and e.id = l.entry_id
where l.account = '{chart.RECEIVABLE.code}' and e.order_id is not null group by 1, 2
"""  # noqa: S608 - constants
# What each order sold, by account and rate of tax, and the same in the SALE of the ledger with what edits changed.
SHIPPING_TAXES: Final = """
select company_id, order_id, sum(rate) as rate, max(taxable) as taxable, sum(amount) as tax
from order_taxes where order_item_id is null group by company_id, order_id, part
"""
SOLD: Final = f"""
select company_id, order_id, account, rate, sum(amount) as amount from (
  select company_id, order_id, tax_rate as rate, total_price - tax_amount as amount,
    case when is_gift_card then '{chart.GIFT_CARDS_SOLD.code}' else '{chart.SALES.code}' end as account
  from order_items
  union all select company_id, order_id, tax_rate, tax_amount, '{chart.TAX_PAYABLE.code}' from order_items
  union all select company_id, order_id, rate, taxable, '{chart.SHIPPING.code}' from ({SHIPPING_TAXES}) s
  union all select company_id, order_id, rate, tax, '{chart.TAX_PAYABLE.code}' from ({SHIPPING_TAXES}) s
) sold group by 1, 2, 3, 4 having sum(amount) <> 0
"""  # noqa: S608 - constants
POSTED: Final = f"""
select e.company_id, e.order_id, l.account, l.tax_rate as rate, -sum({SIGNED}) as amount
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.kind in ('SALE', 'EDIT') and l.account <> '{chart.RECEIVABLE.code}'
group by 1, 2, 3, 4 having sum({SIGNED}) <> 0
"""  # noqa: S608 - constants
# What each refund gave back, by account and rate of tax, and the same in its credit notes without their reversals.
# A join of lines and items in one arm of the union would be computed for each refund.
GIVEN_BACK: Final = f"""
select g.company_id, refund_id, account, coalesce(rate, -1) as rate, sum(g.amount) as amount from (
  select l.company_id, l.refund_id, l.amount - l.tax as amount,
    case when l.kind <> 'ADJUSTMENT' then l.tax_rate end as rate,
    case when l.kind = 'ADJUSTMENT' then '{chart.ALLOWANCES.code}'
      when l.kind = 'SHIPPING' then '{chart.SHIPPING.code}'
      when (select is_gift_card from order_items i where i.company_id = l.company_id and i.id = l.order_item_id)
      then '{chart.GIFT_CARDS_SOLD.code}' else '{chart.SALES.code}' end as account
  from refund_lines l where l.kind <> 'OVERPAYMENT'
  union all select company_id, refund_id, tax, tax_rate, '{chart.TAX_PAYABLE.code}' from refund_lines
  union all select company_id, refund_id, -amount, null, '{chart.RECEIVABLE.code}'
  from refund_lines where kind <> 'OVERPAYMENT'
) g
join refunds r on r.company_id = g.company_id and r.id = g.refund_id and r.status = 'SUCCEEDED'
join payments p on p.company_id = r.company_id and p.id = r.payment_id
  and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
group by 1, 2, 3, 4 having sum(g.amount) <> 0
"""  # noqa: S608 - constants
CREDITED: Final = f"""
select e.company_id, e.source_id as refund_id, l.account, coalesce(l.tax_rate, -1) as rate, sum({SIGNED}) as amount
from ledger_entries e join ledger_lines l on l.company_id = e.company_id and l.entry_id = e.id
where e.source_kind = 'refund' and e.kind in ('CREDIT_NOTE', 'CREDIT_NOTE_REVERSAL')
group by 1, 2, 3, 4 having sum({SIGNED}) <> 0
"""  # noqa: S608 - constants

INVARIANTS: Final = (
    Invariant(
        "The ledger has one sale of each order that was accepted or paid, which its edits change to its total",
        f"""
        select o.company_id, o.order_number, o.status, o.total, coalesce(l.sales, 0) as sales, l.sold
        from orders o
        left join ({RECEIVABLES}) l on l.company_id = o.company_id and l.order_id = o.id
        where coalesce(l.sold, 0) <> case when {RECOGNIZED} then o.total else 0 end
          or coalesce(l.sales, 0) <> ({RECOGNIZED} and o.total > 0)::int and not exists (
            select from order_edits e where e.company_id = o.company_id and e.order_id = o.id)
          or l.sales > 1
        limit 20
        """,  # noqa: S608 - constants
        ADVICE,
    ),
    Invariant(
        "The receivable of each order is what was sold, and neither paid, written off nor given back",
        f"""
        select o.company_id, o.order_number, o.status, o.total, o.amount_captured, o.amount_refunded,
          o.amount_charged_back, l.sold, l.written_off, l.credited, l.lost, l.paid, coalesce(p.paid, 0) as by_payments
        from orders o
        left join ({RECEIVABLES}) l on l.company_id = o.company_id and l.order_id = o.id
        left join (
          select company_id, order_id, sum(amount_captured - amount_refunded - amount_charged_back) as paid
          from payments group by 1, 2
        ) p on p.company_id = o.company_id and p.order_id = o.id
        where (coalesce(l.written_off, 0), coalesce(l.credited, 0), coalesce(l.lost, 0), coalesce(l.paid, 0)) <>
          (case when {ENDED} and {RECOGNIZED} then greatest(o.total - o.amount_captured + o.amount_repaid, 0) else 0
            end, o.amount_refunded - o.amount_repaid, o.amount_charged_back, coalesce(p.paid, 0))
        limit 20
        """,  # noqa: S608 - constants
        ADVICE,
    ),
    Invariant(
        "Each sale in the ledger has the amounts of its order's lines and shipping, by account and rate of tax",
        f"""
        select o.company_id, o.order_number, d.account, d.rate, d.sold, d.posted
        from (
          select company_id, order_id, account, rate, s.amount as sold, l.amount as posted
          from ({SOLD}) s full join ({POSTED}) l using (company_id, order_id, account, rate)
          where s.amount is distinct from l.amount
        ) d
        join orders o on o.company_id = d.company_id and o.id = d.order_id
        where exists (
          select from ledger_entries e
          where e.company_id = o.company_id and e.order_id = o.id and e.kind in ('SALE', 'EDIT'))
          and exists (select from order_items where company_id = o.company_id and order_id = o.id)
        limit 20
        """,  # noqa: S608 - constants
        ADVICE,
    ),
    Invariant(
        "Each refund that succeeded has a credit note of its lines in the ledger",
        f"""
        select r.company_id, o.order_number, r.id as refund, r.status, d.account, d.rate, d.given_back, d.credited
        from (
          select company_id, refund_id, account, rate, g.amount as given_back, c.amount as credited
          from ({GIVEN_BACK}) g full join ({CREDITED}) c using (company_id, refund_id, account, rate)
          where g.amount is distinct from c.amount
        ) d
        join refunds r on r.company_id = d.company_id and r.id = d.refund_id
        join orders o on o.company_id = r.company_id and o.id = r.order_id
        limit 20
        """,  # noqa: S608 - constants
        ADVICE,
    ),
)
