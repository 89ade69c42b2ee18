-- Edits of orders. A refund of what an edit made too much has no tax of its own: the edit took the tax back.
create table order_edits (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    reason text,
    total_before decimal(19, 4) not null,
    total_after decimal(19, 4) not null,
    currency char(3) not null,
    changes jsonb not null,
    created_by uuid,
    actor_kind actor_kind not null,
    created_at timestamptz(6) not null default current_timestamp,

    constraint order_edits_pkey primary key (id),
    constraint order_edits_totals_not_negative check (total_before >= 0 and total_after >= 0),
    constraint order_edits_currency_code check (currency ~ '^[A-Z]{3}$'),
    constraint order_edits_changes_object check (jsonb_typeof(changes) = 'object')
);

create unique index order_edits_company_id_id_key on order_edits (company_id, id);
create index order_edits_company_id_order_id_id_idx on order_edits (company_id, order_id, id);
create index order_edits_created_by_idx on order_edits (created_by);

alter table order_edits
    add constraint order_edits_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint order_edits_created_by_fkey
        foreign key (created_by) references users (id) on delete restrict on update cascade;

alter table refund_lines add constraint refund_lines_overpayment_has_no_tax
    check (kind <> 'OVERPAYMENT' or (tax = 0 and tax_rate = 0));
alter table orders add constraint orders_repaid_was_captured check (amount_repaid <= amount_captured);

alter table order_edits enable row level security;
create policy of_the_company on order_edits to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update on order_edits to commerce_gateway;
