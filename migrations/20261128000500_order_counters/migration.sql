-- Each company numbers its orders by a counter of its own. Those that have orders go on after the sequence that
-- numbered everybody's, so that no number comes a second time; the others begin with 1.

create table "order_counters" (
    "company_id" uuid not null,
    "last_number" bigint not null,

    constraint "order_counters_pkey" primary key ("company_id")
) with (fillfactor = 10);

alter table "order_counters" add constraint "order_counters_company_id_fkey"
    foreign key ("company_id") references "companies"("id") on delete restrict on update cascade;

alter table order_counters add constraint order_counters_last_number_positive check (last_number > 0);

alter table order_counters enable row level security;
create policy of_the_company on order_counters to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
revoke delete on order_counters from commerce_gateway;

-- Nobody takes a number of the sequence once it was read.
lock table orders in exclusive mode;

insert into order_counters (company_id, last_number)
select numbered.company_id, order_numbers.last_value
from (select distinct company_id from orders) as numbered, order_numbers;

drop sequence order_numbers;
