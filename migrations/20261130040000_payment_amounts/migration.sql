-- The sums of each payment's transactions, and of what buyers' banks took back from an order. The generated column
-- payment_status_rank has 7 for the new status already.

alter type order_payment_status add value 'CHARGED_BACK';

alter table payments
    add column amount_captured decimal(19, 4) not null default 0,
    add column amount_refunded decimal(19, 4) not null default 0,
    add column amount_charged_back decimal(19, 4) not null default 0;

update payments p set amount_captured = t.captured, amount_refunded = t.refunded
from (
    select company_id, payment_id,
        coalesce(sum(amount) filter (where type in ('CHARGE', 'CAPTURE')), 0) as captured,
        coalesce(sum(amount) filter (where type = 'REFUND'), 0) as refunded
    from payment_transactions where status = 'SUCCEEDED' group by 1, 2
) t
where t.company_id = p.company_id and t.payment_id = p.id;

alter table payments add constraint payments_amounts_not_negative
    check (amount_captured >= 0 and amount_refunded >= 0 and amount_charged_back >= 0);

alter table orders add column amount_charged_back decimal(19, 4) not null default 0;
alter table orders add constraint orders_charged_back_not_negative check (amount_charged_back >= 0);
