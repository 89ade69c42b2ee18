-- What staff find orders by, under an index that row security would switch off (its operators are not leakproof): so the
-- table has none, and is always joined back to the order. Orders there are get an entry without terms, which a job fills,
-- 500 at a time: the program folds words, the database cannot.

create table order_search (
    order_id uuid not null,
    company_id uuid not null,
    terms text[] default array[]::text[],
    version smallint not null default 0,

    constraint order_search_pkey primary key (order_id)
);

insert into order_search (order_id, company_id, terms) select id, company_id, '{}' from orders;

alter table order_search add constraint order_search_company_id_order_id_fkey foreign key (company_id, order_id)
    references orders (company_id, id) on delete cascade on update cascade;
create unique index order_search_company_id_order_id_key on order_search (company_id, order_id);
create index order_search_terms_idx on order_search using gin (array_to_tsvector(terms))
    with (gin_pending_list_limit = 256);
create index order_search_outdated_idx on order_search (company_id) where version < 1;
