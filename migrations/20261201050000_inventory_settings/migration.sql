-- The inventory settings of companies; a company without a row has the defaults.

create type allocation_strategy as enum ('FEWEST_PARCELS', 'NEAREST', 'PRIORITY');

create table inventory_settings (
    company_id uuid not null,
    allocation_strategy allocation_strategy not null default 'FEWEST_PARCELS',

    constraint inventory_settings_pkey primary key (company_id)
);

alter table inventory_settings add constraint inventory_settings_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;

alter table inventory_settings enable row level security;
create policy of_the_company on inventory_settings to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy read_by_the_platform on inventory_settings for select to commerce_gateway
    using (nullif(current_setting('app.company_id', true), '')::uuid is null);
grant select, insert, update, delete on inventory_settings to commerce_gateway;
