"""Sums of payments, as SQL for the domains above."""

from typing import Final

# One row for each order with payments. Captures that are being voided count for nothing.
ORDER_SUMS: Final = """
select p.company_id, p.order_id,
    coalesce(sum(p.amount) filter (where p.status = 'SUCCEEDED' and p.void_requested_at is null), 0) as captured,
    coalesce(sum(r.refunded) filter (where p.status = 'SUCCEEDED' and p.void_requested_at is null), 0) as refunded,
    coalesce(sum(r.refunding) filter (where p.status = 'SUCCEEDED' and p.void_requested_at is null), 0) as refunding,
    coalesce(sum(p.amount) filter (where p.status::text = 'AUTHORIZED'), 0) as authorized,
    count(*) filter (where p.status in ('PENDING', 'UNKNOWN')) as open_attempts,
    count(*) filter (where p.status = 'DECLINED') as failed_attempts
from payments p
left join (
    select company_id, payment_id, sum(amount) filter (where status = 'SUCCEEDED') as refunded,
        sum(amount) filter (where status = 'PENDING') as refunding
    from refunds group by 1, 2
) r on r.company_id = p.company_id and r.payment_id = p.id
group by 1, 2
"""
