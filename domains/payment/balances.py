"""What the payments of an order come to, for the domains above to read beside what they ask for."""


def wholly_refunded(order_id: str) -> str:
    """SQL of whether all that was captured on an order was given back; $1 is the company."""
    return f"""(
        select coalesce(sum(p.amount) = sum(r.amount), false) from payments p
        left join lateral (
            select sum(amount) as amount from refunds
            where company_id = $1 and payment_id = p.id and status = 'SUCCEEDED'
        ) r on true
        where p.company_id = $1 and p.order_id = {order_id}
          and p.status = 'SUCCEEDED' and p.void_requested_at is null
    )"""  # noqa: S608 - a column's name, given by code
