-- What facets are grouped by, one number each: hashes of arrays, and of the columns the price band, the full stars and the
-- flags: (band * 6 + stars) * 4 + in stock * 2 + featured. Rewrites `product_facets`, seconds for a hundred thousand
-- products.

alter table product_facets
    add column cell smallint not null generated always as (
        (width_bucket(price, '{0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 25000000, 50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000, 25000000000, 50000000000, 100000000000, 250000000000, 500000000000, 1000000000000, 2500000000000, 5000000000000, 10000000000000, 25000000000000, 50000000000000, 100000000000000, 250000000000000}'::numeric[]) * 6
         + floor(rating)::integer) * 4 + in_stock::integer * 2 + is_featured::integer) stored,
    add column categories_key bigint not null generated always as (hash_array_extended(categories, 0)) stored,
    add column brands_key bigint not null generated always as (hash_array_extended(brands, 0)) stored,
    add column attributes_key bigint not null generated always as (hash_array_extended(attributes, 0)) stored;
