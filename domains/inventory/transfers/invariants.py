"""Invariants of stock transfers over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "The units of a stock transfer are those that its movements took out and added",
        """
        select t.company_id, t.number, i.sku, l.shipped, l.received, l.returned,
               coalesce(-sum(m.available_delta) filter (where m.type = 'TRANSFER_OUT'), 0) as taken_out,
               coalesce(sum(m.available_delta) filter (
                 where m.type = 'TRANSFER_IN' and m.warehouse_id = t.to_warehouse_id), 0) as added,
               coalesce(sum(m.available_delta) filter (
                 where m.type = 'TRANSFER_IN' and m.warehouse_id = t.from_warehouse_id), 0) as brought_back
        from stock_transfer_lines l
        join stock_transfers t on t.company_id = l.company_id and t.id = l.transfer_id
        join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
        left join stock_movements m on m.company_id = l.company_id and m.reference = t.number
          and m.inventory_id = l.inventory_id and m.type in ('TRANSFER_OUT', 'TRANSFER_IN')
        group by t.id, l.id, i.sku
        having l.shipped <> coalesce(-sum(m.available_delta) filter (where m.type = 'TRANSFER_OUT'), 0)
            or l.received <> coalesce(sum(m.available_delta) filter (
                 where m.type = 'TRANSFER_IN' and m.warehouse_id = t.to_warehouse_id), 0)
            or l.returned <> coalesce(sum(m.available_delta) filter (
                 where m.type = 'TRANSFER_IN' and m.warehouse_id = t.from_warehouse_id), 0)
        limit 20
        """,
        "Transfers or movements were changed outside the inventory. Compare the transfer with its movements.",
    ),
    Invariant(
        "The status of a stock transfer is that of its units",
        """
        select t.company_id, t.number, t.status, sum(l.shipped) as shipped, sum(l.received) as received,
               sum(l.lost) as lost, sum(l.returned) as returned
        from stock_transfers t
        join stock_transfer_lines l on l.company_id = t.company_id and l.transfer_id = t.id
        group by t.id
        having t.status <> case
            when t.cancelled_at is not null then 'CANCELLED'
            when sum(l.shipped) = 0 then 'DRAFT'
            when sum(l.received + l.lost) = 0 then 'IN_TRANSIT'
            when sum(l.received + l.lost) < sum(l.shipped) then 'PARTIALLY_RECEIVED'
            else 'RECEIVED' end::stock_transfer_status
            or (t.cancelled_at is not null and sum(l.returned) <> sum(l.shipped))
        limit 20
        """,
        "A transfer was changed outside the inventory. Set its status and times to those of its lines.",
    ),
)
