"""The SQL of the floors, over the product's tables and, for searches, over a table of words of its own."""

from typing import Final

import asyncpg

_CARD: Final = """
p.id, p.name, p.slug, round(p.base_price, 2)::text, p.currency, p.images[1], c.id, c.name, c.slug,
v.id, v.sku, v.name, round(p.base_price + v.price_modifier, 2)::text, coalesce(i.available_stock, 0)
"""
_JOINS: Final = """
join categories c on c.company_id = $1 and c.id = p.category_id
left join product_variants v on v.company_id = $1 and v.product_id = p.id and v.is_active
left join inventory_items i on i.company_id = $1 and i.variant_id = v.id
"""
_NEWEST: Final = """
select * from products where company_id = $1 and archived_at is null and is_active
order by created_at desc, id desc limit 24
"""
LISTING: Final = f"""
select {_CARD} from ({_NEWEST}) p {_JOINS}
order by p.created_at desc, p.id desc, v.display_order, v.id
"""
_ONE: Final = "select * from products where company_id = $1 and slug = $2 and archived_at is null and is_active"
DETAIL: Final = f"select {_CARD} from ({_ONE}) p {_JOINS} order by v.display_order, v.id"
_RATING: Final = """
to_char(case when p.review_count = 0 then 0 else p.rating_sum::numeric / p.review_count end, 'FM0.00')
"""
TEXTS: Final = f"select p.id, p.description, p.long_description, {_RATING}, p.review_count from ({_ONE}) p"
ATTRIBUTES: Final = """
select name, value, unit from product_attributes where company_id = $1 and product_id = $2 order by id
"""
_MATCH: Final = """
select w.*, ts_rank(w.document, query, 1) as rank
from bench_words w, plainto_tsquery('simple', $2) query where w.company_id = $1 and w.document @@ query
"""
_BEST: Final = f"select * from ({_MATCH}) w order by rank desc, product_id desc limit 24"
SEARCH: Final = f"""
select {_CARD} from ({_BEST}) w join products p on p.company_id = $1 and p.id = w.product_id {_JOINS}
order by w.rank desc, p.id desc, v.display_order, v.id
"""
FOUND: Final = f"""
select p.id, p.name, w.matches
from (select *, count(*) over () as matches from ({_MATCH}) w order by rank desc, product_id desc limit 24) w
join products p on p.company_id = $1 and p.id = w.product_id order by w.rank desc, p.id desc
"""
BRANDS: Final = """
select brand, count(*) from bench_words
where company_id = $1 and document @@ plainto_tsquery('simple', $2) and brand is not null
group by brand order by count(*) desc, brand limit 100
"""
_JSON_CARD: Final = """
'id', p.id, 'name', p.name, 'slug', p.slug,
'price', json_build_object('amount', round(p.base_price, 2)::text, 'currency', p.currency),
'image', case when p.images <> '{}' then json_build_object('url', p.images[1]) end,
'category', json_build_object('id', c.id, 'name', c.name, 'slug', c.slug),
'variants', coalesce((
  select json_agg(json_build_object('id', v.id, 'sku', v.sku, 'name', v.name,
    'price', json_build_object('amount', round(p.base_price + v.price_modifier, 2)::text),
    'stock', coalesce(i.available_stock, 0)) order by v.display_order, v.id)
  from product_variants v left join inventory_items i on i.company_id = $1 and i.variant_id = v.id
  where v.company_id = $1 and v.product_id = p.id and v.is_active), '[]')
"""
_CATEGORY: Final = "join categories c on c.company_id = $1 and c.id = p.category_id"
JSON_LISTING: Final = f"""
select json_build_object('nodes', json_agg(
  json_build_object({_JSON_CARD}) order by p.created_at desc, p.id desc))::text
from ({_NEWEST}) p {_CATEGORY}
"""
JSON_DETAIL: Final = f"""
select json_build_object({_JSON_CARD}, 'description', p.description, 'longDescription', p.long_description,
  'rating', {_RATING}, 'reviewCount', p.review_count, 'attributes', coalesce((
    select json_agg(json_build_object('name', a.name, 'value', a.value, 'unit', a.unit) order by a.id)
    from product_attributes a where a.company_id = $1 and a.product_id = p.id), '[]'))::text
from ({_ONE}) p {_CATEGORY}
"""
_WORDS: Final = """
create table if not exists bench_words as
select p.company_id, p.id as product_id, p.brand,
       setweight(to_tsvector('simple', p.name), 'A') || setweight(to_tsvector('simple', concat_ws(' ', p.brand,
         array_to_string(p.tags, ' '), (select string_agg(a.value, ' ') from product_attributes a
           where a.company_id = p.company_id and a.product_id = p.id))), 'B')
       || setweight(to_tsvector('simple', coalesce(p.description, '')), 'C') as document
from products p where p.archived_at is null and p.is_active;
create index if not exists bench_words_document on bench_words using gin (document);
create unique index if not exists bench_words_product on bench_words (product_id);
analyze bench_words
"""


async def prepare(url: str) -> None:
    """Create the table of words, once for a database."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_WORDS)
    finally:
        await connection.close()
