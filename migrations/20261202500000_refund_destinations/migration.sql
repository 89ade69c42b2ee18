-- Where a refund goes: back to what paid, to the buyer's store credit, or to the payment of an exchange order.

create type refund_destination as enum ('ORIGINAL_PAYMENT', 'STORE_CREDIT', 'EXCHANGE');

alter table refunds
    add column destination refund_destination not null default 'ORIGINAL_PAYMENT',
    add column store_credit_id uuid,
    add column exchange_payment_id uuid,
    add constraint refunds_store_credit_of_destination
        check ((store_credit_id is not null) = (destination = 'STORE_CREDIT')),
    add constraint refunds_exchange_payment_of_destination
        check ((exchange_payment_id is not null) = (destination = 'EXCHANGE')),
    add constraint refunds_failed_at_provider check (destination = 'ORIGINAL_PAYMENT' or status <> 'FAILED');

create index refunds_company_id_store_credit_id_idx on refunds (company_id, store_credit_id);
create index refunds_company_id_exchange_payment_id_idx on refunds (company_id, exchange_payment_id);

alter table refunds
    add constraint refunds_company_id_store_credit_id_fkey
        foreign key (company_id, store_credit_id) references store_credits (company_id, id)
        on delete restrict on update cascade,
    add constraint refunds_company_id_exchange_payment_id_fkey
        foreign key (company_id, exchange_payment_id) references payments (company_id, id)
        on delete restrict on update cascade;
