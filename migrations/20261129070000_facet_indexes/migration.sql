-- The rows of facets are counted in indexes that have all their numbers, by price and stock or by category. The table is
-- made anew from the search entries, numbers first: seconds for a hundred thousand products, in which searches wait,
-- since the foreign key is on their table. `vacuum product_facets` afterwards makes counting fast at once; otherwise
-- autovacuum does.

drop table product_facets;

create table product_facets (
    product_id uuid not null,
    company_id uuid not null,
    -- In ten-thousandths above 500 trillion, the middle of the range of prices, so that every price fits.
    price_number bigint not null generated always as (((price - 500000000000000) * 10000)::bigint) stored,
    categories_key bigint not null generated always as (hash_array_extended(categories, 0)) stored,
    brands_key bigint not null generated always as (hash_array_extended(brands, 0)) stored,
    attributes_key bigint not null generated always as (hash_array_extended(attributes, 0)) stored,
    -- (price band * 6 + full stars) * 4 + in stock * 2 + featured
    cell smallint not null generated always as (
        (width_bucket(price, '{0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 25000000, 50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000, 25000000000, 50000000000, 100000000000, 250000000000, 500000000000, 1000000000000, 2500000000000, 5000000000000, 10000000000000, 25000000000000, 50000000000000, 100000000000000, 250000000000000}'::numeric[]) * 6
         + floor(rating)::integer) * 4 + in_stock::integer * 2 + is_featured::integer) stored,
    is_listed boolean not null,
    in_stock boolean not null,
    is_featured boolean not null,
    price numeric(19, 4) not null,
    rating numeric(3, 2) not null,
    categories bigint[] not null,
    brands bigint[] not null,
    attributes bigint[] not null,

    constraint product_facets_pkey primary key (company_id, product_id)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

insert into product_facets (product_id, company_id, is_listed, in_stock, is_featured, price, rating, categories, brands,
                            attributes)
select product_id, company_id, is_listed, in_stock, is_featured, price, rating, categories, brands, attributes
from product_search order by company_id, product_id;

create index product_facets_company_id_in_stock_price_number_idx on product_facets (company_id, in_stock, price_number)
    include (is_listed, is_featured, rating, cell, categories_key, brands_key, attributes_key);
create index product_facets_company_id_categories_key_price_number_idx
    on product_facets (company_id, categories_key, price_number)
    include (is_listed, in_stock, is_featured, rating, cell, brands_key, attributes_key);
create index product_facets_company_id_brands_key_price_number_idx
    on product_facets (company_id, brands_key, price_number)
    include (is_listed, in_stock, is_featured, rating, cell, categories_key, attributes_key);
create index product_facets_company_id_attributes_key_price_number_idx
    on product_facets (company_id, attributes_key, price_number)
    include (is_listed, in_stock, is_featured, rating, cell, categories_key, brands_key);
create index product_facets_categories_brands_attributes_idx on product_facets
    using gin (categories, brands, attributes) with (gin_pending_list_limit = 256);
alter table product_facets add constraint product_facets_company_id_product_id_fkey
    foreign key (company_id, product_id) references product_search (company_id, product_id)
    on delete cascade on update cascade;
grant select, insert, update, delete on product_facets to commerce_gateway;
analyze product_facets;
