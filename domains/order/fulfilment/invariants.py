"""Invariants of the shipments of orders over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

WRITTEN: Final = (
    "A shipment was written outside the order domain. `commerce doctor --order NUMBER` shows the order's timeline."
)
_UNITS: Final = """
    select s.company_id, s.order_id,
        coalesce(sum(l.quantity) filter (where s.shipped_at is not null), 0) as dispatched,
        coalesce(sum(l.quantity) filter (where s.status = 'DELIVERED'), 0) as delivered,
        coalesce(sum(l.quantity) filter (where s.status in ('RETURNED_TO_SENDER', 'LOST')), 0) as back
    from shipments s join shipment_lines l on l.company_id = s.company_id and l.shipment_id = s.id
    group by 1, 2
"""
INVARIANTS: Final = (
    Invariant(
        "The shipments of each order's line have at most the units that are wanted of it",
        """
        select i.company_id, o.order_number, i.sku, i.quantity, i.dropped_quantity, sum(l.quantity) as packed
        from shipment_lines l
        join shipments s on s.company_id = l.company_id and s.id = l.shipment_id and s.status <> 'CANCELLED'
        join order_items i on i.company_id = l.company_id and i.id = l.order_item_id
        join orders o on o.company_id = i.company_id and o.id = i.order_id
        group by i.id, o.id
        having sum(l.quantity) > i.quantity - i.dropped_quantity or not i.requires_shipping
            or count(*) filter (where l.order_id <> i.order_id or s.order_id <> i.order_id) > 0
        limit 20
        """,
        WRITTEN,
    ),
    Invariant(
        "The shipped units of each order are the digital ones and those of its dispatched shipments",
        f"""
        select o.company_id, o.order_number, o.status, o.units_shipped, o.units_sent_back, o.units_digital,
            s.dispatched, s.back
        from orders o
        left join ({_UNITS}) s on s.company_id = o.company_id and s.order_id = o.id
        where o.units_sent_back <> coalesce(s.back, 0) or case
            when o.paid_at is not null then o.units_shipped <> o.units_digital + coalesce(s.dispatched, 0)
            when o.total = 0 then o.units_shipped - coalesce(s.dispatched, 0) not in (0, o.units_digital)
            else o.units_shipped <> coalesce(s.dispatched, 0) end
        limit 20
        """,  # noqa: S608 - fixed text
        WRITTEN,
    ),
    Invariant(
        "The reserved units of an order cover its pending shipments, by warehouse",
        """
        select p.company_id, o.order_number, n.sku, p.warehouse_id, p.packed, p.reserved
        from (
            select s.company_id, s.order_id, s.warehouse_id, n.id as inventory_id, sum(l.quantity) as packed,
                (select coalesce(sum(r.quantity), 0) from reservations r
                 where r.company_id = s.company_id and r.order_id = s.order_id and r.warehouse_id = s.warehouse_id
                   and r.inventory_id = n.id and r.status = 'ACTIVE') as reserved
            from shipments s
            join shipment_lines l on l.company_id = s.company_id and l.shipment_id = s.id
            join order_items i on i.company_id = l.company_id and i.id = l.order_item_id
            join inventory_items n on n.company_id = i.company_id
                and coalesce(n.variant_id, n.product_id) = coalesce(i.variant_id, i.product_id)
            where s.status = 'PENDING' and exists (
                select from reservations r where r.company_id = s.company_id and r.order_id = s.order_id
                  and r.inventory_id = n.id and r.status in ('ACTIVE', 'CONFIRMED'))
            group by s.company_id, s.order_id, s.warehouse_id, n.id
        ) p
        join orders o on o.company_id = p.company_id and o.id = p.order_id
        join inventory_items n on n.company_id = p.company_id and n.id = p.inventory_id
        where p.reserved < p.packed
        limit 20
        """,
        "Reservations were written outside the inventory domain. Cancel the shipment, and re-allocate the order.",
    ),
    Invariant(
        "An order that has ended has no pending shipment",
        """
        select o.company_id, o.order_number, o.status, s.position from shipments s
        join orders o on o.company_id = s.company_id and o.id = s.order_id
        where s.status = 'PENDING' and (o.cancelled_at is not null or o.failed_at is not null)
        limit 20
        """,
        WRITTEN,
    ),
)
