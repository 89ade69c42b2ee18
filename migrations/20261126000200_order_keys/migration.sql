-- What orders are listed by: their status as its place in the enum, and their total in thousandths. Under row security
-- an index answers leakproof operators alone. Those of whole numbers are; those of enums and numerics are not, and a list
-- by status or total read the index of the whole shop through. Adding the columns rewrites the table.

alter table orders
    add column status_rank smallint not null generated always as (
        case status
            when 'PENDING' then 0
            when 'PAYMENT_PENDING' then 1
            when 'CONFIRMED' then 2
            when 'PROCESSING' then 3
            when 'PAID' then 4
            when 'SHIPPED' then 5
            when 'DELIVERED' then 6
            when 'CANCELLED' then 7
            when 'REFUNDED' then 8
            when 'FAILED' then 9
            else 10
        end
    ) stored,
    -- Thousandths are exact in all currencies but two of accounting (CLF, UYW); with ten-thousandths the largest totals
    -- would not fit.
    add column total_key bigint not null generated always as ((total * 1000)::bigint) stored;

create index orders_company_id_status_rank_created_at_id_idx on orders (company_id, status_rank, created_at, id);
create index orders_company_id_total_key_id_idx on orders (company_id, total_key, id);
drop index orders_company_id_status_created_at_id_idx;
drop index orders_company_id_total_id_idx;
