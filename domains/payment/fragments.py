"""SQL fragments over payments and refunds that other domains join into their statements."""

from typing import Final

# One row for each order with payments: `company_id`, `order_id`, sums of money, the numbers of attempts without an
# outcome and of failed attempts. Captures that are being cancelled are not counted.
ORDER_SUMS: Final = """
select p.company_id, p.order_id,
    coalesce(sum(p.amount_captured) filter (where c.is_captured), 0) as captured,
    coalesce(sum(p.amount_refunded) filter (where c.is_captured), 0) as refunded,
    coalesce(sum(r.refunding) filter (where c.is_captured), 0) as refunding,
    coalesce(sum(p.amount_charged_back) filter (where c.is_captured), 0) as charged_back,
    coalesce(sum(p.amount) filter (where p.status = 'AUTHORIZED'), 0) as authorized,
    count(*) filter (where p.status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION')) as open_attempts,
    count(*) filter (where p.status = 'FAILED') as failed_attempts
from payments p
cross join lateral (select p.status = 'SUCCEEDED' and p.cancel_requested_at is null as is_captured) c
left join (
    select company_id, payment_id, sum(amount) as refunding from refunds where status = 'PENDING' group by 1, 2
) r on r.company_id = p.company_id and r.payment_id = p.id
group by 1, 2
"""
REFUNDED_UNITS: Final = """
select l.company_id, l.order_id, l.order_item_id, sum(l.quantity)::int as units,
  coalesce(sum(l.quantity) filter (where r.status = 'SUCCEEDED'), 0)::int as given_back
from refund_lines l join refunds r on r.company_id = l.company_id and r.id = l.refund_id
where l.kind = 'ITEM' and l.quantity > 0 and r.status <> 'FAILED'
group by 1, 2, 3
"""
"""The units of orders' lines in refunds that have not failed, and those in refunds that succeeded."""
ATTEMPTS: Final = "(select company_id, order_id, status from payments)"
"""The payment attempts of orders, with their status."""


def transaction_sums(company: str, payment: str) -> str:
    """The sums of a payment's transactions: captured, refunded, charged back. One row; the parameters are SQL.

    Only the last status of a transaction counts: one that FAILED after it SUCCEEDED is undone. The bank takes the
    money when a dispute begins, and gives it back when the shop wins.
    """
    return f"""
    select coalesce(sum(t.amount) filter (where t.status = 'SUCCEEDED' and t.type in ('CHARGE', 'CAPTURE')), 0)
        as captured,
      coalesce(sum(t.amount) filter (where t.status = 'SUCCEEDED' and t.type = 'REFUND'), 0) as refunded,
      coalesce(sum(t.amount) filter (where t.type = 'CHARGEBACK'), 0) as charged_back
    from (
      select distinct on (provider_transaction_id, type) type, status, amount from payment_transactions
      where company_id = {company} and payment_id = {payment}
      order by provider_transaction_id, type, status desc
    ) t where t.status <> 'FAILED'
    """  # noqa: S608 - the names of columns or the numbers of parameters
