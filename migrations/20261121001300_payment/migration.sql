-- A charge that is to be undone says so in its row, and the MOCK provider keeps books of its own.

alter table "payments" add column "void_requested_at" timestamptz(6);

alter table payments
    add constraint payments_settled_has_time
        check ((status in ('PENDING', 'UNKNOWN')) = (settled_at is null)),
    add constraint payments_captured_has_transaction
        check (status <> 'SUCCEEDED' or provider_transaction_id is not null);
alter table refunds
    add constraint refunds_settled_has_time check ((status = 'PENDING') = (settled_at is null));

-- What the settling job looks for; settled payments, nearly all of them, take no room in it.
create index payments_open on payments (company_id, updated_at)
    where status in ('PENDING', 'UNKNOWN') or (status = 'SUCCEEDED' and void_requested_at is not null);
create index refunds_open on refunds (company_id, updated_at) where status = 'PENDING';

create table "mock_charges" (
    "reference" uuid not null,
    "transaction_id" text not null,
    "status" text not null,
    "amount" decimal(19,4),
    "currency" char(3),
    "code" text,
    "created_at" timestamptz(6) not null default current_timestamp,

    constraint "mock_charges_pkey" primary key ("reference")
);

create table "mock_refunds" (
    "reference" uuid not null,
    "transaction_id" text not null,
    "status" text not null,
    "amount" decimal(19,4) not null,
    "created_at" timestamptz(6) not null default current_timestamp,

    constraint "mock_refunds_pkey" primary key ("reference")
);

create unique index "mock_charges_transaction_id_key" on "mock_charges"("transaction_id");
create index "mock_refunds_transaction_id_idx" on "mock_refunds"("transaction_id");
alter table "mock_refunds" add constraint "mock_refunds_transaction_id_fkey"
    foreign key ("transaction_id") references "mock_charges"("transaction_id") on delete restrict on update cascade;

alter table mock_charges
    add constraint mock_charges_known_status check (status in ('APPROVED', 'DECLINED', 'VOIDED')),
    add constraint mock_charges_approved_has_amount check (status <> 'APPROVED' or amount > 0);
alter table mock_refunds
    add constraint mock_refunds_known_status check (status in ('APPROVED', 'DECLINED')),
    add constraint mock_refunds_amount_positive check (amount > 0);
