-- Products that are sold as gift cards. Documents of products show it: those of the earlier format are built again by
-- a job, and are read from the tables until then.

alter table products add column is_gift_card boolean not null default false;
alter table products add constraint products_gift_cards_are_not_tracked check (not (is_gift_card and is_tracked));

drop index product_documents_outdated_idx;
create index product_documents_outdated_idx on product_documents (company_id) where format < 2;
