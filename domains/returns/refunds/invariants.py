"""Invariants of the money of returns, for `commerce doctor`. Refunds that FAILED are not counted."""

from typing import Final

from domains.kernel.invariants import Invariant

REMEDY: Final = "The return was refunded outside the API. Compare its refunds with those of its order."
INVARIANTS: Final = (
    Invariant(
        "The refunded units and amount of each item of a return are those of the lines of its refunds",
        """
        select i.company_id, q.rma_number, i.product_sku, i.refunded, i.refund_amount, l.units, l.amount
        from return_items i
        join return_requests q on q.company_id = i.company_id and q.id = i.return_request_id
        cross join lateral (
          select coalesce(sum(l.quantity), 0) as units, coalesce(sum(l.amount), 0) as amount
          from return_refunds f
          join refund_lines l on l.company_id = f.company_id and l.refund_id = f.refund_id
          where f.company_id = i.company_id and f.return_request_id = i.return_request_id and f.status <> 'FAILED'
            and l.order_item_id = i.order_item_id
        ) l
        where i.refunded <> l.units or i.refund_amount <> l.amount limit 20
        """,
        REMEDY,
    ),
    Invariant(
        "The refunded amount of each return is the sum of its refunds",
        """
        select q.company_id, q.rma_number, q.refund_amount, coalesce(f.amount, 0) as in_refunds
        from return_requests q
        left join (
          select company_id, return_request_id, sum(amount) as amount from return_refunds
          where status <> 'FAILED' group by 1, 2
        ) f on f.company_id = q.company_id and f.return_request_id = q.id
        where q.refund_amount <> coalesce(f.amount, 0) limit 20
        """,
        REMEDY,
    ),
    Invariant(
        "A return is processed exactly when it was refunded and nothing is left to refund",
        """
        select q.company_id, q.rma_number, q.status, q.processed_at, q.received_at, i.has_rest, f.is_refunded
        from return_requests q
        cross join lateral (
          select bool_or(case when q.received_at is null then i.approved else i.received end > i.refunded) as has_rest
          from return_items i where i.company_id = q.company_id and i.return_request_id = q.id
        ) i
        cross join lateral (
          select coalesce(bool_or(f.status = 'COMPLETED') and not bool_or(f.status in ('PENDING', 'PROCESSING')),
            false) as is_refunded
          from return_refunds f where f.company_id = q.company_id and f.return_request_id = q.id
        ) f
        where (q.processed_at is not null) <> (f.is_refunded and not i.has_rest) limit 20
        """,
        REMEDY,
    ),
    Invariant(
        "Each refund of a return agrees with its refund of the order, once the event of that was handled",
        """
        select f.company_id, q.rma_number, f.status, f.amount, f.refund_method, r.status as status_of_refund,
          r.amount as amount_of_refund, r.destination
        from return_refunds f
        join return_requests q on q.company_id = f.company_id and q.id = f.return_request_id
        left join refunds r on r.company_id = f.company_id and r.id = f.refund_id
        where r.id is null
          or (f.order_id, f.payment_id, f.amount, f.currency, f.refund_method::text)
            is distinct from (r.order_id, r.payment_id, r.amount, r.currency, r.destination::text)
          or f.status::text <> case r.status when 'SUCCEEDED' then 'COMPLETED' when 'FAILED' then 'FAILED'
              else 'PROCESSING' end
            and not exists (
              select from outbox_events e where e.aggregate_id = r.payment_id and e.published_at is null
                and e.topic in ('payment.refunded', 'payment.refund_failed')
                and e.payload ->> 'refund_id' = r.id::text)
        limit 20
        """,
        REMEDY,
    ),
    Invariant(
        "Each exchange of a return pays its new order, which replaces goods of the returned one",
        """
        select f.company_id, q.rma_number, f.amount, f.exchange_order_id, o.exchanged_order_id,
          p.order_id as paid_order
        from return_refunds f
        join return_requests q on q.company_id = f.company_id and q.id = f.return_request_id
        left join orders o on o.company_id = f.company_id and o.id = f.exchange_order_id
        left join refunds r on r.company_id = f.company_id and r.id = f.refund_id
        left join payments p on p.company_id = r.company_id and p.id = r.exchange_payment_id
        where case when f.refund_method = 'EXCHANGE'
            then (o.exchanged_order_id, p.order_id) is distinct from (f.order_id, f.exchange_order_id)
              or p.provider is distinct from 'EXCHANGE'
            else f.exchange_order_id is not null or p.id is not null end
        limit 20
        """,
        REMEDY,
    ),
)
