-- How many orders a buyer has paid, which promotions for first and for loyal customers ask for.

create table "buyer_records" (
    "id" uuid not null,
    "company_id" uuid not null,
    "email" text not null,
    "user_id" uuid,
    "paid_orders" integer not null default 0,
    "updated_at" timestamptz(6) not null,

    constraint "buyer_records_pkey" primary key ("id")
);

create index "buyer_records_company_id_user_id_idx" on "buyer_records"("company_id", "user_id");
create index "buyer_records_user_id_idx" on "buyer_records"("user_id");
create unique index "buyer_records_company_id_email_key" on "buyer_records"("company_id", "email");
create index "promotions_company_id_name_id_idx" on "promotions"("company_id", "name", "id");
create index "promotions_company_id_start_date_id_idx" on "promotions"("company_id", "start_date", "id");

alter table "buyer_records" add constraint "buyer_records_company_id_fkey"
    foreign key ("company_id") references "companies"("id") on delete restrict on update cascade;
alter table "buyer_records" add constraint "buyer_records_user_id_fkey"
    foreign key ("user_id") references "users"("id") on delete restrict on update cascade;

alter table buyer_records
    add constraint buyer_records_email_folded check (email = lower(email)),
    add constraint buyer_records_paid_orders_not_negative check (paid_orders >= 0);

alter table buyer_records enable row level security;
create policy of_the_company on buyer_records to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

-- Every cart asks for the promotions that apply by themselves.
create index promotions_automatic on promotions (company_id, start_date) where is_automatic and is_active;
