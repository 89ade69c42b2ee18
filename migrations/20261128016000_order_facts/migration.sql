-- An order stores facts: times, sums of units and sums of money. Its status, payment status and fulfilment status are
-- summaries of them. The facts of the orders there are come from their history, lines, payments and refunds. Adding the
-- columns and filling them rewrites the table.

create type order_payment_status as enum (
    'PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'FAILED'
);
create type fulfilment_status as enum (
    'UNFULFILLED', 'PARTIALLY_FULFILLED', 'FULFILLED', 'DELIVERED', 'PARTIALLY_RETURNED', 'RETURNED'
);

alter table orders
    add column payment_status order_payment_status not null default 'PENDING',
    add column fulfilment_status fulfilment_status not null default 'UNFULFILLED',
    add column accepted_at timestamptz(6),
    add column processing_at timestamptz(6),
    add column failed_at timestamptz(6),
    add column units_ordered integer not null default 0,
    add column units_dropped integer not null default 0,
    add column units_shipped integer not null default 0,
    add column units_delivered integer not null default 0,
    add column units_sent_back integer not null default 0,
    add column units_returned integer not null default 0,
    add column amount_authorized decimal(19, 4) not null default 0,
    add column amount_captured decimal(19, 4) not null default 0,
    add column amount_refunded decimal(19, 4) not null default 0,
    add column open_attempts integer not null default 0,
    add column failed_attempts integer not null default 0;

-- ---- the facts of the orders there are

-- An order moves through its history; where a row of it is missing, the stored status and times stand in for it.
create temporary table order_times on commit drop as
select company_id, order_id,
    min(created_at) filter (where to_status = 'CONFIRMED') as confirmed,
    min(created_at) filter (where to_status = 'PROCESSING') as processing,
    min(created_at) filter (where to_status = 'SHIPPED') as shipped,
    min(created_at) filter (where to_status = 'DELIVERED') as delivered,
    min(created_at) filter (where to_status = 'FAILED') as failed
from order_status_history group by 1, 2;
create unique index on order_times (company_id, order_id);
analyze order_times;

create temporary table order_money on commit drop as
select p.company_id, p.order_id,
    coalesce(sum(p.amount) filter (where c.is_captured), 0) as captured,
    coalesce(sum(r.amount) filter (where c.is_captured), 0) as refunded,
    coalesce(sum(p.amount) filter (where p.status = 'AUTHORIZED'), 0) as authorized,
    count(*) filter (where p.status in ('PENDING', 'PROCESSING', 'REQUIRES_ACTION')) as open_attempts,
    count(*) filter (where p.status = 'FAILED') as failed_attempts
from payments p
cross join lateral (select p.status = 'SUCCEEDED' and p.cancel_requested_at is null as is_captured) c
left join (
    select company_id, payment_id, sum(amount) as amount from refunds where status = 'SUCCEEDED' group by 1, 2
) r on r.company_id = p.company_id and r.payment_id = p.id
group by 1, 2;
create unique index on order_money (company_id, order_id);
analyze order_money;

create temporary table order_units on commit drop as
select company_id, order_id, sum(quantity)::integer as units from order_items group by 1, 2;
create unique index on order_units (company_id, order_id);
analyze order_units;

update orders o set
    accepted_at = coalesce(f.confirmed, case when o.status = 'CONFIRMED' then o.updated_at end),
    processing_at = coalesce(f.processing, case when f.has_left then coalesce(o.shipped_at, f.shipped, o.updated_at)
        when o.status = 'PROCESSING' then o.updated_at end),
    shipped_at = coalesce(o.shipped_at, case when f.has_left then coalesce(f.shipped, o.updated_at) end),
    delivered_at = coalesce(o.delivered_at, case when f.has_arrived then coalesce(f.delivered, o.updated_at) end),
    failed_at = coalesce(f.failed, case when o.status = 'FAILED' then o.updated_at end),
    units_ordered = f.units,
    units_shipped = case when f.has_left then f.units else 0 end,
    units_delivered = case when f.has_arrived then f.units else 0 end,
    amount_authorized = f.authorized,
    amount_captured = f.captured,
    amount_refunded = f.refunded,
    open_attempts = f.open_attempts,
    failed_attempts = f.failed_attempts
from (
    select x.company_id, x.id, t.*, coalesce(u.units, 0) as units, coalesce(m.captured, 0) as captured, coalesce(m.authorized, 0) as authorized,
        coalesce(m.refunded, 0) as refunded, coalesce(m.open_attempts, 0) as open_attempts,
        coalesce(m.failed_attempts, 0) as failed_attempts,
        -- A refunded order that was not cancelled had been delivered before.
        x.shipped_at is not null or t.shipped is not null or x.status in ('SHIPPED', 'DELIVERED')
            or (x.status = 'REFUNDED' and x.cancelled_at is null) as has_left,
        x.delivered_at is not null or t.delivered is not null or x.status = 'DELIVERED'
            or (x.status = 'REFUNDED' and x.cancelled_at is null) as has_arrived
    from orders x
    left join lateral (
        select confirmed, processing, shipped, delivered, failed from order_times
        where company_id = x.company_id and order_id = x.id
    ) t on true
    left join order_units u on u.company_id = x.company_id and u.order_id = x.id
    left join order_money m on m.company_id = x.company_id and m.order_id = x.id
) f
where f.company_id = o.company_id and f.id = o.id;

-- The three summaries as domains/order/summary.py has them; status_of is compared with what is stored.
create temporary table order_summaries on commit drop as
select o.company_id, o.id, o.order_number, o.status,
    case
        when o.failed_at is not null then 'FAILED'
        when o.cancelled_at is not null then case when f.is_given_back then 'REFUNDED' else 'CANCELLED' end
        when o.units_shipped >= o.units_ordered then case
            when o.units_delivered < o.units_ordered then 'SHIPPED'
            when f.is_given_back then 'REFUNDED'
            when o.units_delivered > 0 then 'DELIVERED'
            else 'CANCELLED'
        end
        when o.processing_at is not null then 'PROCESSING'
        when o.paid_at is not null then 'PAID'
        when o.accepted_at is not null then 'CONFIRMED'
        when o.open_attempts > 0 then 'PAYMENT_PENDING'
        else 'PENDING'
    end::order_status as status_of,
    case
        when f.is_given_back then 'REFUNDED'
        when o.amount_refunded > 0 then 'PARTIALLY_REFUNDED'
        when o.amount_captured >= o.total then 'PAID'
        when o.amount_captured > 0 then 'PARTIALLY_PAID'
        when o.amount_authorized > 0 then 'AUTHORIZED'
        when o.failed_attempts > 0 and o.open_attempts = 0 then 'FAILED'
        else 'PENDING'
    end::order_payment_status as payment_status_of,
    case
        when o.units_shipped = 0 then 'UNFULFILLED'
        when o.units_shipped < o.units_ordered then 'PARTIALLY_FULFILLED'
        when o.units_delivered >= o.units_ordered then 'DELIVERED'
        else 'FULFILLED'
    end::fulfilment_status as fulfilment_status_of
from orders o
cross join lateral (
    select o.amount_captured > 0 and o.amount_refunded >= o.amount_captured as is_given_back
) f;

update orders o set payment_status = s.payment_status_of, fulfilment_status = s.fulfilment_status_of
from order_summaries s
where s.company_id = o.company_id and s.id = o.id;

-- Such orders keep their status and their facts, and `commerce doctor` lists them too.
do $$
declare
    each record;
begin
    for each in select * from order_summaries where status_of <> status order by company_id, order_number loop
        raise warning 'Order % of company % is %, but its history, payments and lines make it %.',
            each.order_number, each.company_id, each.status, each.status_of;
    end loop;
end
$$;

-- ---- what must hold

alter table orders
    add constraint orders_units_fit check (
        units_ordered >= 0 and units_dropped >= 0 and units_shipped >= 0
        and units_dropped + units_shipped <= units_ordered
    ),
    add constraint orders_units_delivered_were_shipped check (
        units_delivered >= 0 and units_sent_back >= 0 and units_delivered + units_sent_back <= units_shipped
    ),
    add constraint orders_units_returned_were_delivered check (units_returned between 0 and units_delivered),
    add constraint orders_amounts_not_negative check (
        amount_authorized >= 0 and amount_captured >= 0 and amount_refunded >= 0
    ),
    add constraint orders_attempts_not_negative check (open_attempts >= 0 and failed_attempts >= 0);

-- What the job that ends refunded orders looks for: there are none, but those of an earlier version.
create index orders_refunded_unshipped on orders (company_id)
    where amount_captured > 0 and amount_refunded >= amount_captured and units_shipped = 0
        and cancelled_at is null and failed_at is null and open_attempts = 0;
