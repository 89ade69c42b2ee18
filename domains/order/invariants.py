"""What must hold of orders over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import Texts, in_form
from domains.order.search.index import SEARCHABLE

INVARIANTS: Final = (
    Invariant(
        "The lines of each order and its shipping add up to its total",
        """
        select o.company_id, o.order_number, o.total, o.shipping_cost, o.currency,
               coalesce(sum(i.total_price), 0) as lines
        from orders o
        left join order_items i on i.company_id = o.company_id and i.order_id = o.id
        group by o.id
        having coalesce(sum(i.total_price), 0) + o.shipping_cost <> o.total
            or count(*) filter (where i.currency <> o.currency) > 0 or count(i.id) = 0
        limit 20
        """,
        "An order was written past the order domain. `commerce doctor --order NUMBER` tells its story.",
    ),
    Invariant(
        "Every order stands where its history ends",
        """
        select o.company_id, o.order_number, o.status, last.to_status as in_history
        from orders o
        left join lateral (
            select to_status from order_status_history h
            where h.company_id = o.company_id and h.order_id = o.id order by h.id desc limit 1
        ) last on true
        where last.to_status is distinct from o.status
        limit 20
        """,
        "A status was changed past the order domain. `commerce doctor --order NUMBER` tells the order's story.",
    ),
    Invariant(
        "An order was paid exactly when its whole total was captured",
        """
        select o.company_id, o.order_number, o.status, o.total, o.paid_at, paid.captured
        from orders o
        left join lateral (
            select sum(p.amount) as captured from payments p
            where p.company_id = o.company_id and p.order_id = o.id and p.status = 'SUCCEEDED'
              and p.cancel_requested_at is null
        ) paid on true
        where (o.paid_at is not null and paid.captured is distinct from o.total)
           or (o.paid_at is null and paid.captured is not null)
        limit 20
        """,
        "Compare the order's payments with the provider's own list; refund what was taken for nothing.",
    ),
    Invariant(
        "Units are reserved for living orders alone",
        """
        select r.company_id, r.order_id, o.order_number, o.status, r.quantity
        from reservations r
        left join orders o on o.company_id = r.company_id and o.id = r.order_id
        where r.status = 'ACTIVE' and r.order_id is not null
          and (o.id is null or o.status not in ('PENDING', 'PAYMENT_PENDING', 'CONFIRMED', 'PAID', 'PROCESSING'))
        limit 20
        """,
        "These reservations are orphans: an order was ended past the order domain. `commerce doctor --order NUMBER` "
        "tells its story; `InventoryService.release_order` frees them.",
    ),
    Invariant(
        "An order whose money all went back has ended, unless it is on its way",
        """
        select o.company_id, o.order_number, o.status, sum(p.amount) as given_back
        from orders o
        join payments p on p.company_id = o.company_id and p.order_id = o.id
          and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
        where o.status not in ('SHIPPED', 'REFUNDED')
        group by o.id
        having sum(p.amount) = sum((select sum(r.amount) from refunds r
            where r.company_id = o.company_id and r.payment_id = p.id and r.status = 'SUCCEEDED'))
        limit 20
        """,
        "A server or a worker ends such orders within ten minutes and frees their goods; see that one is running.",
    ),
    Invariant(
        "The money of an order that was called off goes back",
        """
        select o.company_id, o.order_number, o.status, sum(p.amount) as captured
        from orders o
        join payments p on p.company_id = o.company_id and p.order_id = o.id
          and p.status = 'SUCCEEDED' and p.cancel_requested_at is null
        where o.cancelled_at is not null and o.status <> 'REFUNDED'
        group by o.id
        having sum(p.amount) > sum((select coalesce(sum(r.amount), 0) from refunds r
            where r.company_id = o.company_id and r.payment_id = p.id and r.status <> 'FAILED'))
        limit 20
        """,
        "The provider refused to give it back. Try `orderRefund` again, or give it back another way.",
    ),
    Invariant(
        "An order that ended before it was shipped uses no promotion",
        """
        select u.company_id, o.order_number, o.status, u.promotion_id
        from promotion_uses u
        join orders o on o.company_id = u.company_id and o.id = u.order_id
        where u.released_at is null and (o.status = 'FAILED' or o.cancelled_at is not null)
        limit 20
        """,
        "A use was not given back. `commerce doctor --order NUMBER` tells the order's story.",
    ),
    Invariant(
        "A closed company owes nobody money or goods",
        """
        select o.company_id, c.slug, o.order_number, o.status, o.total, o.currency
        from orders o
        join companies c on c.id = o.company_id
        where not c.is_active and (
            o.status in ('PAYMENT_PENDING', 'PAID') or (o.status = 'PROCESSING' and o.paid_at is not null)
            or exists (select from payments p where p.company_id = o.company_id and p.order_id = o.id
                         and p.status not in ('SUCCEEDED', 'FAILED', 'CANCELLED')))
        order by o.created_at limit 20
        """,
        "A server or a worker settles open payments within minutes. What is paid and was not sent waits for staff: "
        "open the company with `companyActivate`, send or refund these orders, and close it again.",
    ),
    Invariant(
        "The history of buyers counts the orders that are paid and stand, and no others",
        """
        select o.company_id, o.order_number, o.status, o.paid_at, b.paid_at as counted_since, b.withdrawn_at
        from orders o
        left join buyer_orders b on b.company_id = o.company_id and b.order_id = o.id
        where (b.paid_at is not null and b.withdrawn_at is null) <> (
            o.paid_at is not null and o.cancelled_at is null and not coalesce((
                select sum(r.amount) filter (where r.status = 'SUCCEEDED') >= (
                    select sum(p.amount) from payments p where p.company_id = o.company_id and p.order_id = o.id
                        and p.status = 'SUCCEEDED' and p.cancel_requested_at is null)
                from refunds r where r.company_id = o.company_id and r.order_id = o.id), false))
        limit 20
        """,
        "An order was paid or ended past the order domain. `commerce doctor --order NUMBER` tells the order's story.",
    ),
    Invariant(
        "What is reserved for an order runs out when the order does",
        """
        select o.company_id, o.order_number, o.status, o.expires_at, r.expires_at as reserved_until, r.quantity
        from reservations r join orders o on o.company_id = r.company_id and o.id = r.order_id
        where r.status = 'ACTIVE' and r.expires_at is distinct from o.expires_at
        limit 20
        """,
        "An order's time was changed past the order domain. `commerce doctor --order NUMBER` tells its story.",
    ),
    Invariant(
        "An order waits until a certain time, and once it is paid or accepted it waits no more",
        """
        select company_id, order_number, status, payment_method, expires_at from orders
        where (status in ('PENDING', 'PAYMENT_PENDING') and expires_at is null)
           or (status in ('CONFIRMED', 'PAID', 'PROCESSING') and expires_at is not null)
        limit 20
        """,
        "An order was changed past the order domain. Without a time it holds its goods for good: cancel it, or "
        "accept it. `commerce doctor --order NUMBER` tells its story.",
    ),
    Invariant(
        "No order waits long past its time to be paid or accepted",
        """
        select company_id, order_number, status, payment_method, expires_at from orders
        where status in ('PENDING', 'PAYMENT_PENDING') and expires_at < now() - interval '1 hour'
        order by expires_at limit 20
        """,
        "Is a server or a worker running? Its log says what keeps orders from ending.",
    ),
)
TEXTS: Final = (
    Texts(table="orders", texts=("notes", "tracking_number"), keys=("email",)),
    Texts(
        table="order_addresses",
        texts=("full_name", "address_line_1", "address_line_2", "city", "postal_code", "province", "phone"),
    ),
    Texts(table="order_items", texts=("product_name", "variant_name"), keys=("sku",)),
    Texts(table="order_status_history", texts=("comment",)),
    Texts(table="order_promotions", texts=("promotion_name",), keys=("promo_code",)),
)
INSPECTIONS: Final = (SEARCHABLE, in_form("orders", TEXTS))
