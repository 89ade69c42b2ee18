-- Brands and attributes are counted without regard to case: their tokens are folded, and how products write them is
-- counted beside them. What wrote an entry is noted with it, so that a job makes the entries of earlier versions anew,
-- 500 at a time; adding the columns rewrites nothing.
alter table product_search
    add column labels jsonb not null default '{}',
    add column version smallint not null default 0;
alter table facet_counts add column label text not null default '';

create index product_search_outdated_idx on product_search (company_id) where version < 1;
