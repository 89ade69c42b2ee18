"""SQL that updates the search table, the stored facet counts and the terms for spelling."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.catalog.documents import document_sql
from domains.kernel.database import Reader, Tx

# The version of the code that wrote an entry. Increase it when entries of unchanged products would change, with a
# migration that recreates the index of outdated entries; a job then indexes them again.
VERSION = 1

# Two statements, not one: after waiting for a lock, rows must be read with a newer snapshot.
# Writers of products lock the tree of categories before this (`queries.lock_skus`).
_LOCK = """
with product as (
    select id from products where company_id = $1 and id = any($2) order by id for no key update
), entry as (
    select product_id from product_search where company_id = $1 and product_id = any($2)
    order by product_id for update
)
select (select count(*) from product) + (select count(*) from entry)
"""

_SOURCE = """
with recursive item as (
    select * from products where company_id = $1 and id = any($2) and archived_at is null
), ancestor as (
    select c.id as start_id, c.id, c.parent_id, c.name, c.is_active, 0 as depth
    from categories c where c.company_id = $1 and c.id in (select category_id from item)
    union all
    select a.start_id, c.id, c.parent_id, c.name, c.is_active, a.depth + 1
    from ancestor a join categories c on c.company_id = $1 and c.id = a.parent_id
), category_path as (
    select start_id, array_agg(id order by depth) as path, array_agg(name order by depth) as names,
           bool_and(is_active) as is_active
    from ancestor group by start_id
)
select i.id, i.name, i.brand, i.model, i.sku, i.tags, i.description, i.long_description, i.base_price, i.is_active,
       i.is_featured, i.is_tracked, i.view_count, i.rating_sum, i.review_count, i.created_at,
       p.path, p.names, p.is_active as category_is_active,
       array(select a.name from category_attributes a
             where a.company_id = $1 and a.category_id = any(p.path) and a.is_filterable) as filterable,
       (select coalesce(jsonb_agg(jsonb_build_array(a.name, a.value) order by a.name), '[]')
        from product_attributes a where a.company_id = $1 and a.product_id = i.id) as attributes,
       (select coalesce(jsonb_agg(jsonb_build_object(
                   'sku', v.sku, 'name', v.name, 'options', v.options, 'color', v.color, 'size', v.size,
                   'modifier', v.price_modifier::text, 'tracked', v.is_tracked) order by v.display_order, v.id), '[]')
        from product_variants v where v.company_id = $1 and v.product_id = i.id and v.is_active) as variants
from item i join category_path p on p.start_id = i.category_id
"""

# Applies a change of tokens to the stored counts. Earlier rows of the same tokens are merged into the new one unless
# another transaction has locked them: no transaction waits, and a token has at most one row per concurrent writer.
_UPDATE_COUNTS = """
locked as (
    select id from facet_counts where company_id = $1 and token in (select token from change)
    for update skip locked
), deleted as (
    delete from facet_counts where id in (select id from locked) returning token, label, listed, total
)
insert into facet_counts (company_id, token, label, listed, total)
select $1, token, label, sum(listed), sum(total)
from (select token, label, listed, total from change union all select token, label, listed, total from deleted) d
group by token, label having sum(listed) <> 0 or sum(total) <> 0
"""

# The columns of `product_facets`, which are those of the entry.
_NARROW: Final = (
    "is_listed", "in_stock", "is_featured", "price", "rating", "categories", "brands", "attributes"
)  # fmt: skip
_NARROW_COLUMNS: Final = ", ".join(_NARROW)

_WRITE = f"""
with old as (
    select product_id, tokens, labels, is_listed, in_stock
    from product_search where company_id = $1 and product_id = any($2)
), fresh as (
    select f.product_id, f.name_key, f.price, f.rating, f.popularity, f.created_at, f.is_listed, f.document,
           f.labels, coalesce(old.in_stock, f.in_stock) as in_stock,
           case when coalesce(old.in_stock, f.in_stock) then f.tokens || $4::text else f.tokens end as tokens
    from jsonb_to_recordset($3::jsonb) as f (
        product_id uuid, name_key text, price numeric, rating numeric, popularity integer, created_at timestamptz,
        is_listed boolean, in_stock boolean, tokens text[], labels jsonb, document text)
    left join old on old.product_id = f.product_id
), removed as (
    delete from product_search
    where company_id = $1 and product_id = any($2) and product_id not in (select product_id from fresh)
), written as (
    insert into product_search as s (company_id, product_id, name_key, price, rating, popularity, created_at,
                                     is_listed, in_stock, tokens, labels, version, document)
    select $1, product_id, name_key, price, rating, popularity, created_at, is_listed, in_stock, tokens, labels,
           {VERSION}, document::tsvector
    from fresh order by product_id
    on conflict (product_id) do update
    set name_key = excluded.name_key, price = excluded.price, rating = excluded.rating,
        created_at = excluded.created_at, is_listed = excluded.is_listed, tokens = excluded.tokens,
        labels = excluded.labels, version = excluded.version, document = excluded.document
    where (s.name_key, s.price, s.rating, s.created_at, s.is_listed, s.tokens, s.labels, s.version, s.document)
          is distinct from
          (excluded.name_key, excluded.price, excluded.rating, excluded.created_at, excluded.is_listed,
           excluded.tokens, excluded.labels, excluded.version, excluded.document)
    returning company_id, product_id, {_NARROW_COLUMNS}
), narrowed as (
    insert into product_facets as f (company_id, product_id, {_NARROW_COLUMNS})
    select * from written
    union all
    select company_id, product_id, {_NARROW_COLUMNS} from product_search
    where company_id = $1 and product_id in (select product_id from fresh)
      and product_id not in (select product_id from written)
    order by product_id
    on conflict (company_id, product_id) do update
    set {", ".join(f"{column} = excluded.{column}" for column in _NARROW)}
    where ({", ".join(f"f.{column}" for column in _NARROW)})
          is distinct from ({", ".join(f"excluded.{column}" for column in _NARROW)})
), words as (
    insert into search_terms (company_id, term, trigrams)
    select $1, t.term, array(select distinct substr('  ' || t.term || ' ', i, 3)
                             from generate_series(1, length(t.term) + 1) i)
    from unnest($6::text[]) as t (term)
    where not exists (
        select from search_terms known
        where known.company_id = $1 and known.term = t.term and known.trigrams <> '{{}}')
), documented as ({document_sql.WRITE}
), change as (
    select token, label, sum(n * is_listed::integer) as listed, sum(n) as total
    from (select unnest(tokens || $5::text) as token, '' as label, is_listed, 1 as n from fresh
          union all
          select unnest(tokens || $5::text), '', is_listed, -1 from old
          union all
          select l.key, l.value, f.is_listed, 1 from fresh f, jsonb_each_text(f.labels) l
          union all
          select l.key, l.value, o.is_listed, -1 from old o, jsonb_each_text(o.labels) l) d
    group by token, label having sum(n * is_listed::integer) <> 0 or sum(n) <> 0
), {_UPDATE_COUNTS}
"""

_SET_IN_STOCK = f"""
with entry as (
    select s.product_id, s.is_listed, g.in_stock
    from product_search s join unnest($2::uuid[], $3::boolean[]) as g (product_id, in_stock) using (product_id)
    where s.company_id = $1 and s.in_stock <> g.in_stock order by s.product_id for update of s
), changed as (
    update product_search s
    set in_stock = e.in_stock,
        tokens = case when e.in_stock then s.tokens || $4::text else array_remove(s.tokens, $4) end
    from entry e where s.company_id = $1 and s.product_id = e.product_id
), narrowed as (
    update product_facets f set in_stock = e.in_stock
    from entry e where f.company_id = $1 and f.product_id = e.product_id
), change as (
    select $4::text as token, '' as label, sum(n * is_listed::integer) as listed, sum(n) as total
    from (select is_listed, case when in_stock then 1 else -1 end as n from entry) e
    having count(*) > 0
), {_UPDATE_COUNTS}
"""

# Changing an entry updates all indexes, so the popularity is written only when it changes by a tenth.
_SET_POPULARITY = """
with entry as (
    select s.product_id, g.popularity
    from product_search s join unnest($2::uuid[], $3::integer[]) as g (product_id, popularity) using (product_id)
    where s.company_id = $1 and s.popularity <> g.popularity
      and abs(g.popularity::bigint - s.popularity) * 10 >= s.popularity
    order by s.product_id for update of s
)
update product_search s set popularity = e.popularity from entry e
where s.company_id = $1 and s.product_id = e.product_id
"""

_PRODUCTS_BELOW = """
with recursive below as (
    select id from categories where company_id = $1 and id = any($2)
    union
    select c.id from below b join categories c on c.company_id = $1 and c.parent_id = b.id
)
select p.id from products p join below b on p.category_id = b.id
where p.company_id = $1 order by p.id
"""

_DELETE_UNUSED_TERMS = """
with used as materialized (
    select distinct substr(word, length($2) + 1) as term
    from product_search s, unnest(tsvector_to_array(s.document)) word where s.company_id = $1 and s.is_listed
)
delete from search_terms t
where t.company_id = $1 and t.term <> ''
  and (exists (select from search_terms d where d.company_id = $1 and d.term = t.term
                 and (d.trigrams = '{}', d.id) < (t.trigrams = '{}', t.id))
       or not exists (select from used where used.term = t.term))
"""


async def lock(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Lock products and their entries in the search table, each by id, until the transaction ends."""
    await tx.fetch_value(_LOCK, tx.company_id, product_ids)


async def source(tx: Tx, product_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """The data of the entries of these products, without archived ones."""
    return await tx.fetch(_SOURCE, tx.company_id, product_ids)


async def write(
    tx: Tx,
    product_ids: Sequence[UUID],
    entries: Sequence[Mapping[str, Any]],
    *,
    in_stock: str,
    all_products: str,
    terms: Sequence[str],
) -> None:
    """Replace the products' entries by these, delete those without one, and update documents, counts and terms.

    `in_stock` is the token of products in stock, which an entry keeps; `all_products` is counted for each entry.
    """
    await tx.execute(_WRITE, tx.company_id, product_ids, entries, in_stock, all_products, terms)


async def set_in_stock(tx: Tx, product_ids: Sequence[UUID], in_stock: Sequence[bool], token: str) -> None:
    """Store whether products are in stock."""
    await tx.execute(_SET_IN_STOCK, tx.company_id, product_ids, in_stock, token)


async def set_popularity(tx: Tx, product_ids: Sequence[UUID], popularity: Sequence[int]) -> None:
    """Store the popularity of products where it has changed by a tenth."""
    await tx.execute(_SET_POPULARITY, tx.company_id, product_ids, popularity)


async def products_below(db: Reader, category_ids: Sequence[UUID]) -> list[UUID]:
    """The products of these categories and their descendants, archived ones too, by id."""
    return [record["id"] for record in await db.fetch(_PRODUCTS_BELOW, db.company_id, category_ids)]


async def outdated(tx: Tx, limit: int) -> list[UUID]:
    """Some products whose entries or documents were written by an earlier version."""
    records = await tx.fetch(
        f"select product_id from product_search where company_id = $1 and version < {VERSION} "
        f"union {document_sql.OUTDATED} limit $2",
        tx.company_id,
        limit,
    )
    return [record["product_id"] for record in records]


async def delete_unused_terms(tx: Tx, code: str) -> int:
    """Delete duplicate terms and those of no listed product; their number."""
    return await tx.execute(_DELETE_UNUSED_TERMS, tx.company_id, code)
