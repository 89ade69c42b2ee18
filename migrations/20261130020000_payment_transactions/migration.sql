-- Transactions of payments at their providers, of which rows are only added. Those of earlier payments are made from
-- the payments and refunds; what moved before a payment was cancelled is not known, and came back.

create type payment_transaction_type as enum ('AUTHORIZATION', 'CHARGE', 'CAPTURE', 'REFUND', 'VOID', 'CHARGEBACK');
create type payment_transaction_status as enum ('PENDING', 'SUCCEEDED', 'FAILED');

create table payment_transactions (
    id uuid not null,
    company_id uuid not null,
    payment_id uuid not null,
    refund_id uuid,
    provider text not null,
    type payment_transaction_type not null,
    status payment_transaction_status not null,
    provider_transaction_id text not null,
    amount decimal(19, 4) not null,
    currency char(3) not null,
    processed_at timestamptz(6) not null,
    created_at timestamptz(6) not null default current_timestamp,

    constraint payment_transactions_pkey primary key (id),
    constraint payment_transactions_positive check (amount > 0),
    constraint payment_transactions_refund_is_refunded check (refund_id is null or type = 'REFUND')
);

create unique index refunds_company_id_id_key on refunds (company_id, id);

insert into payment_transactions (id, company_id, payment_id, refund_id, provider, type, status,
    provider_transaction_id, amount, currency, processed_at)
select gen_random_uuid(), company_id, id, null::uuid, provider,
    case when capture_method = 'AUTOMATIC' then 'CHARGE' else 'CAPTURE' end::payment_transaction_type, 'SUCCEEDED'::payment_transaction_status,
    coalesce(provider_transaction_id, id::text), amount, currency, coalesce(settled_at, updated_at)
from payments where status = 'SUCCEEDED'
union all
select gen_random_uuid(), company_id, id, null::uuid, provider, 'AUTHORIZATION', 'SUCCEEDED',
    coalesce(provider_transaction_id, id::text), amount, currency, created_at
from payments where status = 'AUTHORIZED' or (status = 'SUCCEEDED' and capture_method = 'MANUAL')
union all
select gen_random_uuid(), r.company_id, r.payment_id, r.id, p.provider, 'REFUND',
    r.status::text::payment_transaction_status, coalesce(r.provider_refund_id, r.id::text), r.amount, r.currency,
    coalesce(r.settled_at, r.updated_at)
from refunds r join payments p on p.company_id = r.company_id and p.id = r.payment_id
where r.status <> 'PENDING';

create unique index payment_transactions_at_provider_key
    on payment_transactions (company_id, provider, provider_transaction_id, type, status);
create index payment_transactions_company_id_payment_id_idx on payment_transactions (company_id, payment_id);
create index payment_transactions_company_id_refund_id_idx on payment_transactions (company_id, refund_id);

alter table payment_transactions add constraint payment_transactions_company_id_payment_id_fkey
    foreign key (company_id, payment_id) references payments (company_id, id) on delete restrict on update cascade;
alter table payment_transactions add constraint payment_transactions_company_id_refund_id_fkey
    foreign key (company_id, refund_id) references refunds (company_id, id) on delete restrict on update cascade;

alter table payment_transactions enable row level security;
create policy of_the_company on payment_transactions to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
grant select, insert on payment_transactions to commerce_gateway;
