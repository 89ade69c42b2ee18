-- An edit makes the invoice of its order outdated, also one that leaves the total as it was.

alter table orders add column is_invoice_outdated boolean not null default false;

drop index orders_of_outdated_invoice_idx;
create index orders_of_outdated_invoice_idx on orders (company_id, updated_at, id)
    where invoiced_total is not null and (invoiced_total <> total or is_invoice_outdated
        or amount_refunded - amount_repaid <> amount_credited or cancelled_at is not null or failed_at is not null);
