"""A hundred thousand products in two companies, made by the server itself in a few seconds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domains.catalog.search.facet_tokens import company_code

EACH = 50_000
TERMS = 50_000
INDEXES = """
select indexname, indexdef from pg_indexes
where tablename in ('products', 'product_search', 'search_terms') and indexdef not like '%UNIQUE%'
"""
CATEGORIES = """
insert into categories (id, company_id, name, slug, parent_id, updated_at)
select md5($1 || 'c' || level || '-' || i)::uuid, $1::uuid, 'Category ' || level || '-' || i,
       'c' || level || '-' || i,
       case when level > 0 then md5($1 || 'c' || level - 1 || '-' || i % (4 * 5 ^ (level - 1))::int)::uuid end, now()
from generate_series(0, 2) level, lateral generate_series(0, (4 * 5 ^ level)::int - 1) i order by level
"""
PRODUCTS = """
insert into products (id, company_id, name, slug, description, base_price, currency, brand, category_id, is_active,
                      created_at, updated_at)
select md5($1 || 'p' || i)::uuid, $1::uuid, 'Product ' || i, 'p' || i, 'All about ' || i, (i * 7919 % 100000) / 100.0,
       'EUR', 'Brand ' || i::bigint * i % 53, md5($1 || 'c2-' || i % 100)::uuid, i * 31 % 20 <> 0,
       timestamptz '2026-01-01' + i * interval '1 minute', now()
from generate_series(1, $2::int) i
"""
ENTRIES = """
insert into product_search (product_id, company_id, name_key, price, rating, popularity, created_at, is_listed,
                            in_stock, tokens, document)
select p.id, p.company_id, lower(p.name), p.base_price, (i * 13 % 41) / 10.0 + 1, i * 31 % 1000, p.created_at,
       p.is_active, i * 17 % 7 <> 0,
       array[$2 || 'c' || p.category_id, $2 || 'c' || md5($1 || 'c1-' || i % 20)::uuid,
             $2 || 'c' || md5($1 || 'c0-' || i % 4)::uuid, $2 || 'b' || p.brand,
             $2 || 'aColor' || e'\\x1f' || i * 11 % 10, $2 || 'aSize' || e'\\x1f' || i * 7 % 6,
             $2 || 'p' || (array[0, 1, 2.5, 5, 10, 25, 50, 100, 250, 500])[
                 1 + i * 7919 % 10], $2 || 'r' || 1 + i * 13 % 4]
           || case when i * 17 % 7 <> 0 then array[$2 || 's'] else '{}' end
           || case when i % 100 = 0 then array[$2 || 'f'] else '{}' end,
       format('''%1$sproduct'':1A ''%1$s%2$s'':2A ''%1$sshade%3$s'':3B ''%1$sword%4$s'':4C ''%1$sword%5$s'':5C '
              '''%1$sword%6$s'':6C', $2, i, i * 11 % 10, i * 31 % 5000, i * 37 % 500, i * 41 % 50)::tsvector
from (select *, substr(slug, 2)::int as i from products where company_id = $1::uuid) p
"""
# Words of three syllables each, about as alike as those of a language are.
SYLLABLES = [start + end for start in "bcdfghlmnprstv" for end in ("a", "er", "in", "o", "u")]
WORDS = """
insert into search_terms (company_id, term, trigrams)
select $1::uuid, term,
       array(select distinct substr('  ' || term || ' ', k, 3) from generate_series(1, length(term) + 1) k)
from (select ($3::text[])[1 + i % 70] || ($3::text[])[1 + i / 70 % 70] || ($3::text[])[1 + i * 31 / 4900 % 70] as term
      from generate_series(1, $2::int) i) t
"""
COUNTS = """
insert into facet_counts (company_id, token, listed, total)
select company_id, token, count(*) filter (where is_listed), count(*)
from (select company_id, is_listed, unnest(tokens || (left(tokens[1], 3) || '.')) as token from product_search) t
group by 1, 2
"""


async def load(connection: Any, companies: Sequence[UUID]) -> None:
    """Fill the tables; indexes that only find are made afterwards, which is quicker."""
    await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
    await connection.execute("set maintenance_work_mem = '256MB'")
    indexes = await connection.fetch(INDEXES)
    for index in indexes:
        await connection.execute(f'drop index "{index["indexname"]}"')
    for company_id in companies:
        company, code = str(company_id), company_code(company_id)
        await connection.execute(CATEGORIES, company)
        await connection.execute(PRODUCTS, company, EACH)
        await connection.execute(ENTRIES, company, code)
        await connection.execute(WORDS, company, TERMS, SYLLABLES)
    for index in indexes:
        await connection.execute(index["indexdef"])
    await connection.execute(COUNTS)
    for table in ("products", "product_search", "search_terms", "facet_counts", "categories"):
        await connection.execute(f"vacuum analyze {table}")
