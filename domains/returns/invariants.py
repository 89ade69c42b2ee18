"""Invariants of returns over whole tables, for `commerce doctor`."""

from typing import Final

from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts
from domains.returns.refunds import invariants as refunds

INVARIANTS: Final = (
    Invariant(
        "The returned units of each order are those that its return requests have received",
        """
        select o.company_id, o.order_number, o.units_returned, coalesce(r.received, 0) as received
        from orders o
        left join (
          select q.company_id, q.order_id, sum(i.received) as received
          from return_requests q join return_items i on i.company_id = q.company_id and i.return_request_id = q.id
          group by q.company_id, q.order_id
        ) r on r.company_id = o.company_id and r.order_id = o.id
        where o.units_returned <> coalesce(r.received, 0) limit 20
        """,
        "A return or an order was changed outside the API. Correct the received units of the return.",
    ),
    Invariant(
        "No line of an order has more units in return requests than were shipped, nor received more than delivered",
        """
        select i.company_id, i.order_item_id, o.returned_quantity, sum(i.received) as received, sum(case
            when q.status in ('REJECTED', 'CLOSED') then greatest(i.received, i.refunded)
            when q.approved_at is not null then i.approved else i.quantity end) as held, d.shipped, d.delivered
        from return_items i
        join return_requests q on q.company_id = i.company_id and q.id = i.return_request_id
        join order_items o on o.company_id = i.company_id and o.id = i.order_item_id
        left join lateral (
          select coalesce(sum(l.quantity), 0) as shipped,
            coalesce(sum(l.quantity) filter (where s.status = 'DELIVERED'), 0) as delivered
          from shipment_lines l join shipments s on s.company_id = l.company_id and s.id = l.shipment_id
          where l.company_id = i.company_id and l.order_item_id = i.order_item_id and s.shipped_at is not null
        ) d on true
        group by i.company_id, i.order_item_id, o.returned_quantity, d.shipped, d.delivered
        having sum(i.received) <> o.returned_quantity or sum(i.received) > d.delivered or sum(case
            when q.status in ('REJECTED', 'CLOSED') then greatest(i.received, i.refunded)
            when q.approved_at is not null then i.approved else i.quantity end) > d.shipped
        limit 20
        """,
        "A return or a shipment was changed outside the API. Reject or close the return, or correct the shipment.",
    ),
    Invariant(
        "Each approved return request has an authorization",
        """
        select q.company_id, q.rma_number, q.status from return_requests q
        where q.approved_at is not null and not exists (
          select from return_authorizations a where a.company_id = q.company_id and a.return_request_id = q.id)
        limit 20
        """,
        "The request was approved outside the API. Close it, and let the buyer request the return again.",
    ),
    Invariant(
        "The history of each return request ends with its status",
        """
        select q.company_id, q.rma_number, q.status, h.status as last_in_history
        from return_requests q
        left join lateral (
          select h.status from return_status_history h
          where h.company_id = q.company_id and h.return_request_id = q.id order by h.id desc limit 1
        ) h on true
        where q.status is distinct from h.status limit 20
        """,
        "The status was changed outside the API: change it back.",
    ),
    *refunds.INVARIANTS,
)
TEXTS: Final = (
    TextColumns(table="return_requests", texts=("return_notes", "rejection_reason")),
    TextColumns(table="return_items", texts=("product_name", "variant_name", "product_sku")),
    TextColumns(table="return_authorizations", texts=("return_instructions", "carrier_name", "tracking_number")),
    TextColumns(table="return_status_history", texts=("notes",)),
    TextColumns(table="return_tracking", texts=("location", "description")),
    TextColumns(table="return_refunds", texts=("reason",)),
    TextColumns(table="return_settings", texts=("return_instructions",), id="company_id"),
)
ROW_INVARIANTS: Final = (normalized_texts("returns", TEXTS),)
