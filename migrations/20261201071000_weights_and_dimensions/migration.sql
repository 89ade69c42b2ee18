-- Weights (kg), dimensions (cm) and the kind of delivery of products; variants without own ones take their product's.
-- Documents of products show them: those of the earlier format are built again by a job, and are read from the tables
-- until then.

alter table products
    add column weight numeric(10, 3),
    add column length numeric(8, 1),
    add column width numeric(8, 1),
    add column height numeric(8, 1),
    add column requires_shipping boolean not null default true,
    add column shipping_profile_id uuid;
update products set requires_shipping = false where is_gift_card;
alter table products
    add constraint products_weight_check check (weight between 0 and 100000),
    add constraint products_length_check check (length > 0 and length <= 100000),
    add constraint products_width_check check (width > 0 and width <= 100000),
    add constraint products_height_check check (height > 0 and height <= 100000),
    add constraint products_gift_cards_are_not_shipped check (not (is_gift_card and requires_shipping));
create index products_company_id_shipping_profile_id_idx on products (company_id, shipping_profile_id)
    where shipping_profile_id is not null;

alter table product_variants
    add column weight numeric(10, 3),
    add column length numeric(8, 1),
    add column width numeric(8, 1),
    add column height numeric(8, 1);
alter table product_variants
    add constraint product_variants_weight_check check (weight between 0 and 100000),
    add constraint product_variants_length_check check (length > 0 and length <= 100000),
    add constraint product_variants_width_check check (width > 0 and width <= 100000),
    add constraint product_variants_height_check check (height > 0 and height <= 100000);

drop index product_documents_outdated_idx;
create index product_documents_outdated_idx on product_documents (company_id) where format < 3;
