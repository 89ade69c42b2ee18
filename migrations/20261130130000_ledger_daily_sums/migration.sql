-- Kept sums of the ledger by day, account, rate of tax and country. A posting only adds its entry to a queue; a job adds
-- the entries of the queue to the sums. The entries that exist are added here, which reads all lines once.

create table ledger_daily_sums (
    id uuid not null,
    company_id uuid not null,
    account text not null,
    booked_on date not null,
    currency char(3) not null,
    tax_rate decimal(7, 6),
    country char(2),
    debit decimal(19, 4) not null,
    credit decimal(19, 4) not null,
    line_count integer not null,
    updated_at timestamptz(6) not null,

    constraint ledger_daily_sums_pkey primary key (id),
    constraint ledger_daily_sums_positive check (debit >= 0 and credit >= 0 and line_count > 0)
);

create table ledger_unsummed_entries (
    company_id uuid not null,
    entry_id uuid not null,
    booked_on date not null,

    constraint ledger_unsummed_entries_pkey primary key (company_id, entry_id)
);

insert into ledger_daily_sums
    (id, company_id, account, booked_on, currency, tax_rate, country, debit, credit, line_count, updated_at)
select gen_random_uuid(), l.company_id, l.account, e.booked_on, l.currency, l.tax_rate, l.country,
    coalesce(sum(l.amount) filter (where l.side = 'DEBIT'), 0),
    coalesce(sum(l.amount) filter (where l.side = 'CREDIT'), 0), count(*), current_timestamp
from ledger_lines l join ledger_entries e on e.company_id = l.company_id and e.id = l.entry_id
group by l.company_id, l.account, e.booked_on, l.currency, l.tax_rate, l.country;

create unique index ledger_daily_sums_one_per_day
    on ledger_daily_sums (company_id, account, booked_on, currency, tax_rate, country) nulls not distinct;
create index ledger_entries_company_id_booked_on_id_idx on ledger_entries (company_id, booked_on, id);

alter table ledger_daily_sums add constraint ledger_daily_sums_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;

do $$
declare
    owned text;
begin
    foreach owned in array array['ledger_daily_sums', 'ledger_unsummed_entries'] loop
        execute format('alter table %I enable row level security', owned);
        execute format(
            'create policy of_the_company on %I to commerce_gateway '
            'using (company_id = nullif(current_setting(''app.company_id'', true), '''')::uuid)', owned);
    end loop;
end
$$;
grant select, insert, update on ledger_daily_sums to commerce_gateway;
grant select, insert, update, delete on ledger_unsummed_entries to commerce_gateway;

-- The row of the queue is new, so that a posting waits for nothing.
create function queue_entries_for_sums() returns trigger language plpgsql as $$
begin
    insert into ledger_unsummed_entries (company_id, entry_id, booked_on)
    select company_id, id, booked_on from added;
    return null;
end
$$;
create trigger unsummed after insert on ledger_entries
    referencing new table as added for each statement execute function queue_entries_for_sums();
