"""SQL fragments over payments and refunds that other domains join into their statements."""

from typing import Final

# One row for each order with payments: `company_id`, `order_id`, sums of money, the numbers of attempts without an
# outcome and of failed attempts. Captures that are being cancelled are not counted.
ORDER_SUMS: Final = """
select p.company_id, p.order_id,
    coalesce(sum(p.amount) filter (where c.is_captured), 0) as captured,
    coalesce(sum(r.refunded) filter (where c.is_captured), 0) as refunded,
    coalesce(sum(r.refunding) filter (where c.is_captured), 0) as refunding,
    coalesce(sum(p.amount) filter (where p.status = 'AUTHORIZED'), 0) as authorized,
    count(*) filter (where p.status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION')) as open_attempts,
    count(*) filter (where p.status = 'FAILED') as failed_attempts
from payments p
cross join lateral (select p.status = 'SUCCEEDED' and p.cancel_requested_at is null as is_captured) c
left join (
    select company_id, payment_id, sum(amount) filter (where status = 'SUCCEEDED') as refunded,
        sum(amount) filter (where status = 'PENDING') as refunding
    from refunds group by 1, 2
) r on r.company_id = p.company_id and r.payment_id = p.id
group by 1, 2
"""
ATTEMPTS: Final = "(select company_id, order_id, status from payments)"
"""The payment attempts of orders, with their status."""
