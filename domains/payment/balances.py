"""SQL fragments over payments and refunds that other domains join into their statements."""


def wholly_refunded(order_id: str) -> str:
    """SQL of whether the whole captured amount of an order was refunded; $1 is the company."""
    return f"""(
        select coalesce(sum(p.amount) = sum(r.amount), false) from payments p
        left join lateral (
            select sum(amount) as amount from refunds
            where company_id = $1 and payment_id = p.id and status = 'SUCCEEDED'
        ) r on true
        where p.company_id = $1 and p.order_id = {order_id}
          and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
    )"""  # noqa: S608 - a column's name, given by code
