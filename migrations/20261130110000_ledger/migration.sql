-- The double-entry ledger of a company's money. Entries and lines are only added. The gateway adds the accounts that
-- its entries name; triggers hold what no constraint of a row can: entries balance, and name accounts that exist.

create type ledger_account_type as enum ('ASSET', 'LIABILITY', 'EQUITY', 'INCOME', 'EXPENSE');
create type ledger_side as enum ('DEBIT', 'CREDIT');

create table ledger_accounts (
    id uuid not null,
    company_id uuid not null,
    code text not null,
    name text not null,
    type ledger_account_type not null,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint ledger_accounts_pkey primary key (id)
);

create table ledger_entries (
    id uuid not null,
    company_id uuid not null,
    kind text not null,
    source_kind text not null,
    source_id uuid not null,
    order_id uuid,
    currency char(3) not null,
    line_count smallint not null,
    booked_on date not null,
    reason text,
    performed_by uuid,
    created_at timestamptz(6) not null default current_timestamp,

    constraint ledger_entries_pkey primary key (id),
    constraint ledger_entries_two_lines check (line_count >= 2)
);

create table ledger_lines (
    company_id uuid not null,
    entry_id uuid not null,
    position smallint not null,
    account text not null,
    side ledger_side not null,
    amount decimal(19, 4) not null,
    currency char(3) not null,
    subject_id uuid,
    tax_rate decimal(7, 6),
    country char(2),

    constraint ledger_lines_pkey primary key (company_id, entry_id, position),
    constraint ledger_lines_positive check (amount > 0)
);

create table ledger_balances (
    company_id uuid not null,
    account text not null,
    subject_id uuid not null,
    currency char(3) not null,
    balance decimal(19, 4) not null,
    updated_at timestamptz(6) not null,

    constraint ledger_balances_pkey primary key (company_id, account, subject_id),
    constraint ledger_balances_not_overdrawn check (balance >= 0)
);

create unique index ledger_accounts_company_id_code_key on ledger_accounts (company_id, code);
create unique index ledger_entries_company_id_id_currency_key on ledger_entries (company_id, id, currency);
create unique index ledger_entries_company_id_source_kind_source_id_kind_key
    on ledger_entries (company_id, source_kind, source_id, kind);
create index ledger_entries_company_id_order_id_idx on ledger_entries (company_id, order_id);
create index ledger_entries_company_id_created_at_id_idx on ledger_entries (company_id, created_at, id);
create index ledger_entries_company_id_kind_created_at_id_idx on ledger_entries (company_id, kind, created_at, id);
create index ledger_lines_company_id_account_entry_id_idx on ledger_lines (company_id, account, entry_id);
create index ledger_lines_company_id_subject_id_entry_id_idx
    on ledger_lines (company_id, subject_id, entry_id) where subject_id is not null;

alter table ledger_accounts add constraint ledger_accounts_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table ledger_entries add constraint ledger_entries_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table ledger_balances add constraint ledger_balances_company_id_fkey
    foreign key (company_id) references companies (id) on delete restrict on update cascade;
alter table ledger_lines add constraint ledger_lines_company_id_entry_id_currency_fkey
    foreign key (company_id, entry_id, currency) references ledger_entries (company_id, id, currency)
    on delete restrict on update cascade;

alter table payments add column tender_id uuid;

do $$
declare
    owned text;
begin
    foreach owned in array array['ledger_accounts', 'ledger_entries', 'ledger_lines', 'ledger_balances'] loop
        execute format('alter table %I enable row level security', owned);
        execute format(
            'create policy of_the_company on %I to commerce_gateway '
            'using (company_id = nullif(current_setting(''app.company_id'', true), '''')::uuid)', owned);
    end loop;
end
$$;
grant select, insert, update on ledger_accounts, ledger_balances to commerce_gateway;
grant select, insert on ledger_entries, ledger_lines to commerce_gateway;

-- An entry and its lines are added by one statement: at its end there are as many lines as the entry says, which
-- balance, in the currency of the company. So no line can be added later.
create function require_lines_of_entries() returns trigger language plpgsql as $$
begin
    if exists (
        select from added e
        where not exists (select from ledger_lines l where l.company_id = e.company_id and l.entry_id = e.id)
    ) then
        raise exception 'an entry has no lines'
            using errcode = 'check_violation', constraint = 'ledger_entries_balanced', table = 'ledger_entries';
    end if;
    return null;
end
$$;
create trigger has_lines after insert on ledger_entries
    referencing new table as added for each statement execute function require_lines_of_entries();

create function require_balanced_lines() returns trigger language plpgsql as $$
begin
    if exists (
        select from (select distinct company_id, entry_id from added) a
        join ledger_entries e on e.company_id = a.company_id and e.id = a.entry_id
        join companies c on c.id = e.company_id
        cross join lateral (
            select count(*) as lines, sum(case side when 'DEBIT' then amount else -amount end) as rest
            from ledger_lines where company_id = e.company_id and entry_id = e.id
        ) l
        where l.lines <> e.line_count or l.rest <> 0 or e.currency <> c.currency
    ) then
        raise exception 'an entry does not balance, or is not in the currency of its company'
            using errcode = 'check_violation', constraint = 'ledger_entries_balanced', table = 'ledger_lines';
    end if;
    if exists (
        select from added l
        where not exists (select from ledger_accounts a where a.company_id = l.company_id and a.code = l.account)
    ) then
        raise exception 'a line names an account that does not exist'
            using errcode = 'foreign_key_violation', constraint = 'ledger_lines_account', table = 'ledger_lines';
    end if;
    return null;
end
$$;
create trigger balanced after insert on ledger_lines
    referencing new table as added for each statement execute function require_balanced_lines();

-- What is held for a subject changes its balance, on the side on which the account grows. The update waits for others
-- of the same subject, in the order of their ids; a balance below zero is refused.
create function change_ledger_balances() returns trigger language plpgsql as $$
declare
    change record;
begin
    for change in
        select l.company_id, l.account, l.subject_id, l.currency,
            sum(case when (l.side = 'DEBIT') = (a.type in ('ASSET', 'EXPENSE')) then l.amount else -l.amount end) as amount
        from added l
        join ledger_accounts a on a.company_id = l.company_id and a.code = l.account
        where l.subject_id is not null
        group by 1, 2, 3, 4 order by 2, 3
    loop
        update ledger_balances set balance = balance + change.amount, updated_at = current_timestamp
        where company_id = change.company_id and account = change.account and subject_id = change.subject_id;
        if not found then
            insert into ledger_balances (company_id, account, subject_id, currency, balance, updated_at)
            values (change.company_id, change.account, change.subject_id, change.currency, change.amount, current_timestamp)
            on conflict (company_id, account, subject_id) do update
            set balance = ledger_balances.balance + excluded.balance, updated_at = excluded.updated_at;
        end if;
    end loop;
    return null;
end
$$;
create trigger balances after insert on ledger_lines
    referencing new table as added for each statement execute function change_ledger_balances();

-- The gateway may not change entries. This replaces a user in those that were posted by hand, in the current company.
create function erase_ledger_users(author uuid, erased_id uuid) returns bigint
    language sql security definer set search_path = pg_catalog, public as
$$
    with erased as (
        update public.ledger_entries e set performed_by = erased_id
        from public.users u
        where u.id = erased_id and u.erased_at is not null
          and e.company_id = nullif(current_setting('app.company_id', true), '')::uuid and e.performed_by = author
        returning 1
    )
    select count(*) from erased
$$;
revoke execute on function erase_ledger_users(uuid, uuid) from public;
grant execute on function erase_ledger_users(uuid, uuid) to commerce_gateway;
