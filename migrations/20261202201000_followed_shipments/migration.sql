-- When a carrier was last asked for a shipment that has no label here, as labels have it.

alter table shipments add column tracking_checked_at timestamptz(6);

create index shipments_on_their_way_idx on shipments (company_id, tracking_checked_at nulls first, id)
    where label_id is null and carrier_id is not null and tracking_number is not null and shipped_at is not null
        and status in ('IN_TRANSIT', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'EXCEPTION', 'LOST');
