-- The second wall between companies: what the roles may touch, and of which company.
-- `commerce migrate` makes the roles before it applies this file; they belong to the whole cluster.

grant usage on schema public to commerce_gateway, commerce_relay;
grant select, insert, update, delete on all tables in schema public to commerce_gateway;
grant usage, select on all sequences in schema public to commerce_gateway;
alter default privileges in schema public grant select, insert, update, delete on tables to commerce_gateway;
alter default privileges in schema public grant usage, select on sequences to commerce_gateway;

-- The gateway writes no permissions and no history of migrations, and rewrites no ledger.
revoke insert, update, delete on permissions from commerce_gateway;
revoke update, delete on stock_movements, order_status_history from commerce_gateway;
revoke all on _prisma_migrations from commerce_gateway;

grant select, update, delete on outbox_events to commerce_relay;
grant select, delete on inbox_entries, idempotency_keys to commerce_relay;

-- Every table with a company_id but two: `product_search` and `search_terms` are searched by operators that are not
-- leakproof, for which row security would switch their indexes off. They are always joined back to a protected table
-- or asked for one company. The current company is a setting of the connection; without one there is none.
do $$
declare
    owned record;
    company constant text := $company$nullif(current_setting('app.company_id', true), '')::uuid$company$;
begin
    for owned in
        select tables.table_name as name, columns.is_nullable = 'YES' as shared
        from information_schema.tables
        join information_schema.columns using (table_schema, table_name)
        where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'company_id'
          and table_name not in ('product_search', 'search_terms')
        order by table_name
    loop
        execute format('alter table %I enable row level security', owned.name);
        if owned.shared then
            -- Without a company only what belongs to none may be written; that much the platform itself does.
            execute format('create policy of_the_company on %I to commerce_gateway '
                'using (company_id is not distinct from %s)', owned.name, company);
        else
            execute format('create policy of_the_company on %I to commerce_gateway '
                'using (company_id = %s)', owned.name, company);
        end if;
    end loop;
end;
$$;

-- What belongs to no company is everyone's to read.
create policy shared_by_all on roles for select to commerce_gateway using (company_id is null);
create policy shared_by_all on role_permissions for select to commerce_gateway using (company_id is null);

-- A request finds its company before it is in it; it changes none but its own. The platform, in no company, opens,
-- renames and closes any.
alter table companies enable row level security;
create policy found_by_all on companies for select to commerce_gateway using (true);
create policy of_the_company on companies to commerce_gateway
    using (coalesce(id = nullif(current_setting('app.company_id', true), '')::uuid, true));

-- The relay carries the events of all companies, and clears away what has expired.
create policy carried on outbox_events to commerce_relay using (true);
create policy tidied on idempotency_keys to commerce_relay using (expires_at < now());
