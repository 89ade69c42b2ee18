"""Invariants of the catalog, checked by `commerce doctor`."""

from typing import Final

from domains.catalog.documents import document_sql
from domains.catalog.search import frequency_sql
from domains.kernel.invariants import Invariant
from domains.kernel.text.stored_texts import TextColumns, normalized_texts

REINDEX: Final = "Run `commerce reindex`."
INVARIANTS: Final = (
    Invariant(
        "The search index has every product that is not archived, and no other",
        """
        select p.company_id, p.slug, p.archived_at from products p
        left join product_search s on s.company_id = p.company_id and s.product_id = p.id
        where (p.archived_at is null) <> (s.product_id is not null) limit 20
        """,
        REINDEX,
    ),
    Invariant(
        "Listed products are published and in active categories only",
        """
        with recursive hidden as (
          select company_id, id from categories where not is_active
          union
          select c.company_id, c.id from hidden
          join categories c on c.company_id = hidden.company_id and c.parent_id = hidden.id
        )
        select p.company_id, p.slug from products p
        join product_search s on s.company_id = p.company_id and s.product_id = p.id
        left join hidden h on h.company_id = p.company_id and h.id = p.category_id
        where s.is_listed <> (p.is_active and p.archived_at is null and h.id is null) limit 20
        """,
        REINDEX,
    ),
    Invariant(
        "The documents of products equal their rows",
        document_sql.DIFFERENT,
        REINDEX,
    ),
    Invariant(
        "The stock of gift cards is not counted",
        """
        select p.company_id, p.slug, v.sku from products p
        join product_variants v on v.company_id = p.company_id and v.product_id = p.id
        where p.is_gift_card and v.is_tracked limit 20
        """,
        "A variant was changed outside the catalog domain: set its `is_tracked` to false.",
    ),
    Invariant(
        "The stored facet counts match the products",
        """
        with counted as (
          select company_id, token, label, count(*) filter (where is_listed) as listed, count(*) as total
          from (select company_id, is_listed, unnest(tokens || (left(tokens[1], 3) || '.')) as token, '' as label
                from product_search
                union all
                select company_id, is_listed, l.key, l.value from product_search, jsonb_each_text(labels) l) t
          group by company_id, token, label
        ), stored as (
          select company_id, token, label, sum(listed) as listed, sum(total) as total
          from facet_counts group by company_id, token, label having sum(listed) <> 0 or sum(total) <> 0
        )
        select * from counted full join stored using (company_id, token, label)
        where (counted.listed, counted.total) is distinct from (stored.listed, stored.total) limit 20
        """,
        "Products or counts were changed outside the service. While no process writes, replace the rows of "
        "facet_counts by the counted ones.",
    ),
    Invariant(
        "The rows that facets are counted by equal the search entries",
        """
        select * from (select company_id, product_id, is_listed, in_stock, is_featured, price, rating, categories,
                              brands, attributes from product_search) entry
        full join product_facets f using (company_id, product_id)
        where (entry.is_listed, entry.in_stock, entry.is_featured, entry.price, entry.rating, entry.categories,
               entry.brands, entry.attributes) is distinct from
              (f.is_listed, f.in_stock, f.is_featured, f.price, f.rating, f.categories, f.brands, f.attributes)
        limit 20
        """,
        REINDEX,
    ),
    Invariant(
        "The stored frequencies of words are near those of the products",
        frequency_sql.DIFFERENT,
        REINDEX,
    ),
    Invariant(
        "The tree of categories has no cycle",
        """
        with recursive reached as (
          select company_id, id from categories where parent_id is null
          union all
          select c.company_id, c.id from reached
          join categories c on c.company_id = reached.company_id and c.parent_id = reached.id
        )
        select company_id, slug from categories c
        where not exists (select from reached r where r.company_id = c.company_id and r.id = c.id) limit 20
        """,
        "Move one of these categories to the root.",
    ),
    Invariant(
        "No SKU belongs both to a product and to a variant",
        """
        select p.company_id, p.sku, p.slug from products p
        join product_variants v on v.company_id = p.company_id and v.sku = p.sku limit 20
        """,
        "Give one of the two another SKU.",
    ),
    Invariant(
        "No variant has a negative price",
        """
        select v.company_id, v.sku, p.base_price, v.price_modifier from product_variants v
        join products p on p.company_id = v.company_id and p.id = v.product_id
        where p.base_price + v.price_modifier < 0 limit 20
        """,
        "Raise the product's base price or the variant's modifier.",
    ),
)
TEXTS: Final = (
    TextColumns(
        table="categories",
        texts=("name", "description", "icon", "image_alt_text"),
        keys=("slug",),
        urls=("image_url",),
    ),
    TextColumns(table="category_attributes", texts=("name", "unit", "options[]")),
    TextColumns(
        table="products",
        texts=("name", "description", "long_description", "brand", "model", "tags[]"),
        keys=("slug", "sku"),
        urls=("images[]",),
    ),
    TextColumns(table="product_attributes", texts=("name", "value", "unit")),
    TextColumns(
        table="product_variants",
        texts=("name", "color", "size", "options[].name", "options[].value"),
        keys=("sku",),
        urls=("images[]",),
    ),
)
ROW_INVARIANTS: Final = (normalized_texts("the catalogue", TEXTS),)
