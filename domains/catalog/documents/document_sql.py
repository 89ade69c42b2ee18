"""SQL of the documents of products: what a card and a page show of a product, as one JSON text beside its rows."""

from typing import Final

# The version of DOCUMENT. Increase it with every change of the expression, with a migration that recreates the index
# of outdated documents: until a job has built them again, such documents are read from the tables.
FORMAT: Final = 3


def _utc(column: str) -> str:
    """A time as ISO text, whatever the time zone of the session."""
    return f"to_char({column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"


# The document of the product `p`: what its content is decides `documents/content.py`, which reads it. Amounts are
# text, so that they keep their decimal places. `texts` has what a translation would replace, by language; "" is the
# language of the shop. The lists of variants and attributes in `texts` are in the order of those beside it.
DOCUMENT: Final = f"""(
    select json_build_object(
        'slug', p.slug, 'base_price', p.base_price::text, 'compare_at_price', p.compare_at_price::text,
        'currency', p.currency, 'images', to_json(p.images), 'brand', p.brand, 'model', p.model, 'sku', p.sku,
        'is_tracked', p.is_tracked, 'is_active', p.is_active, 'is_featured', p.is_featured,
        'is_gift_card', p.is_gift_card, 'weight', p.weight::text, 'length', p.length::text, 'width', p.width::text,
        'height', p.height::text, 'requires_shipping', p.requires_shipping,
        'rating_sum', p.rating_sum, 'review_count', p.review_count, 'archived_at', {_utc("p.archived_at")},
        'created_at', {_utc("p.created_at")}, 'updated_at', {_utc("p.updated_at")}, 'category_id', p.category_id,
        'variants', v.rows, 'attributes', a.rows,
        'texts', json_build_object('', json_build_object(
            'name', p.name, 'tags', to_json(p.tags), 'image_alt_texts', p.image_alt_texts,
            'variants', v.texts, 'attributes', a.texts)))
    from (
        select coalesce(json_agg(json_build_array(
                   each.id, each.sku, each.price_modifier::text, each.compare_at_price::text, to_json(each.images),
                   each.is_tracked, each.is_active, each.display_order, coalesce(each.weight, p.weight)::text,
                   coalesce(each.length, p.length)::text, coalesce(each.width, p.width)::text,
                   coalesce(each.height, p.height)::text, {_utc("each.created_at")}, {_utc("each.updated_at")})
                   order by each.display_order, each.id), '[]') as rows,
               coalesce(json_agg(json_build_array(
                   each.name, each.options, each.color, each.size, each.image_alt_texts)
                   order by each.display_order, each.id), '[]') as texts
        from product_variants each where each.company_id = p.company_id and each.product_id = p.id
    ) v, (
        select coalesce(json_agg(each.id order by each.id), '[]') as rows,
               coalesce(json_agg(json_build_array(each.name, each.value, each.unit) order by each.id), '[]') as texts
        from product_attributes each where each.company_id = p.company_id and each.product_id = p.id
    ) a
)"""

# Writes the documents of the products $2 of the company $1, which are locked, where they differ from what is stored.
# The version is raised by every write and is a time, so that one is not repeated after a back-up was restored.
WRITE: Final = f"""
    insert into product_documents as d (company_id, product_id, version, format, document)
    select p.company_id, p.id, (extract(epoch from clock_timestamp()) * 1000000)::bigint, {FORMAT}, {DOCUMENT}
    from products p where p.company_id = $1 and p.id = any($2) order by p.id
    on conflict (product_id) do update
    set version = greatest(d.version + 1, excluded.version), format = excluded.format, document = excluded.document
    where d.format <> excluded.format or d.document::text <> excluded.document::text
"""

# The products of the company $1 whose documents have an earlier format.
OUTDATED: Final = f"select product_id from product_documents where company_id = $1 and format < {FORMAT}"

# Products without a document, or with one that is not what the tables say, in all companies.
DIFFERENT: Final = f"""
    select p.company_id, p.slug from products p left join product_documents d on d.product_id = p.id
    where d.product_id is null or (d.format = {FORMAT} and d.document::text <> {DOCUMENT}::text) limit 20
"""
