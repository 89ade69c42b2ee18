-- Notes of staff on orders, internal or shown to the buyer; and the index by which orders on hold are listed.

create table order_notes (
    id uuid not null,
    company_id uuid not null,
    order_id uuid not null,
    note text not null,
    is_internal boolean not null default true,
    created_by uuid,
    created_at timestamptz(6) not null default current_timestamp,
    updated_at timestamptz(6) not null,

    constraint order_notes_pkey primary key (id),
    constraint order_notes_note_length check (length(note) between 1 and 5000)
);

create index order_notes_company_id_order_id_id_idx on order_notes (company_id, order_id, id);
create index order_notes_created_by_idx on order_notes (created_by);
create index orders_on_hold_idx on orders (company_id, created_at, id) where held_at is not null;

alter table order_notes
    add constraint order_notes_company_id_order_id_fkey
        foreign key (company_id, order_id) references orders (company_id, id) on delete restrict on update cascade,
    add constraint order_notes_created_by_fkey
        foreign key (created_by) references users (id) on delete restrict on update cascade;

alter table order_notes enable row level security;
create policy of_the_company on order_notes to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on order_notes to commerce_gateway;
