-- An order whose goods all came back or were lost before their delivery is CANCELLED too, and nobody cancelled it.

alter table orders drop constraint orders_cancelled_has_time;
alter table orders add constraint orders_cancelled_has_reason check (
    status <> 'CANCELLED' or cancelled_at is not null or units_sent_back > 0);

-- An order is completed once, also when its parcel goes back after its delivery and is delivered again.
alter table orders add column completed_at timestamptz(6);
update orders set completed_at = greatest(paid_at, delivered_at, created_at)
where units_delivered > 0 and units_delivered + units_sent_back >= units_ordered - units_dropped
    and amount_captured >= total and cancelled_at is null and failed_at is null;
