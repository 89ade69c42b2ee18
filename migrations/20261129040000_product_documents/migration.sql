-- What a card and a page show of a product, as one JSON text beside its rows, and the version of a company's categories.
-- Builds the documents of all products, which takes about a minute for a million; rewrites no table.

create table "product_documents" (
    "product_id" uuid not null,
    "company_id" uuid not null,
    "version" bigint not null,
    "format" smallint not null,
    "document" json not null,

    constraint "product_documents_pkey" primary key ("product_id")
);

create table "category_versions" (
    "company_id" uuid not null,
    "version" bigint not null,

    constraint "category_versions_pkey" primary key ("company_id")
);

create unique index "product_documents_company_id_product_id_key" on "product_documents"("company_id", "product_id");

alter table "product_documents" add constraint "product_documents_company_id_product_id_fkey"
    foreign key ("company_id", "product_id") references "products"("company_id", "id")
    on delete cascade on update cascade;
alter table "category_versions" add constraint "category_versions_company_id_fkey"
    foreign key ("company_id") references "companies"("id") on delete restrict on update cascade;

do $$
declare
    owned text;
begin
    foreach owned in array array['product_documents', 'category_versions'] loop
        execute format('alter table %I enable row level security', owned);
        execute format('create policy of_the_company on %I to commerce_gateway '
            'using (company_id = nullif(current_setting(''app.company_id'', true), '''')::uuid)', owned);
    end loop;
end
$$;

grant select, insert, update, delete on product_documents, category_versions to commerce_gateway;

-- Documents of an earlier format, which a job builds again.
create index product_documents_outdated_idx on product_documents (company_id) where format < 1;

-- Raised in the transaction of every write of categories, whatever writes them. It is a time, so that a version is not
-- repeated after a back-up was restored.
create function raise_category_version() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
    insert into public.category_versions as v (company_id, version)
    select company_id, (extract(epoch from clock_timestamp()) * 1000000)::bigint
    from written group by company_id order by company_id
    on conflict (company_id) do update set version = greatest(v.version + 1, excluded.version);
    return null;
end
$$;

create trigger raise_version_of_inserted after insert on categories
    referencing new table as written for each statement execute function raise_category_version();
create trigger raise_version_of_updated after update on categories
    referencing new table as written for each statement execute function raise_category_version();
create trigger raise_version_of_deleted after delete on categories
    referencing old table as written for each statement execute function raise_category_version();

insert into category_versions (company_id, version)
select distinct company_id, (extract(epoch from now()) * 1000000)::bigint from categories;

insert into product_documents (company_id, product_id, version, format, document)
select p.company_id, p.id, (extract(epoch from clock_timestamp()) * 1000000)::bigint, 1, (
    select json_build_object(
        'slug', p.slug, 'base_price', p.base_price::text, 'compare_at_price', p.compare_at_price::text,
        'currency', p.currency, 'images', to_json(p.images), 'brand', p.brand, 'model', p.model, 'sku', p.sku,
        'is_tracked', p.is_tracked, 'is_active', p.is_active, 'is_featured', p.is_featured,
        'rating_sum', p.rating_sum, 'review_count', p.review_count, 'archived_at', to_char(p.archived_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'created_at', to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'updated_at', to_char(p.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'category_id', p.category_id,
        'variants', v.rows, 'attributes', a.rows,
        'texts', json_build_object('', json_build_object(
            'name', p.name, 'tags', to_json(p.tags), 'image_alt_texts', p.image_alt_texts,
            'variants', v.texts, 'attributes', a.texts)))
    from (
        select coalesce(json_agg(json_build_array(
                   each.id, each.sku, each.price_modifier::text, each.compare_at_price::text, to_json(each.images),
                   each.is_tracked, each.is_active, each.display_order, to_char(each.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                   to_char(each.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')) order by each.display_order, each.id), '[]') as rows,
               coalesce(json_agg(json_build_array(
                   each.name, each.options, each.color, each.size, each.image_alt_texts)
                   order by each.display_order, each.id), '[]') as texts
        from product_variants each where each.company_id = p.company_id and each.product_id = p.id
    ) v, (
        select coalesce(json_agg(each.id order by each.id), '[]') as rows,
               coalesce(json_agg(json_build_array(each.name, each.value, each.unit) order by each.id), '[]') as texts
        from product_attributes each where each.company_id = p.company_id and each.product_id = p.id
    ) a
)
from products p;
