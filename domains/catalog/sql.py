"""SQL of the catalogue that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID
from zlib import crc32

from asyncpg import Record

from domains.catalog import data
from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.models import CategoryContents, Product, Variant, product_from_record, variant_from_record
from domains.catalog.products.price_changes import VariantModifier
from domains.kernel.database import Reader, Tx

_PRODUCT = data.product.columns("p")
_SKU_LOCKS = 64
_LISTED = "join product_search s on s.company_id = p.company_id and s.product_id = p.id and s.is_listed"

_VARIANTS = """
select v.id, v.product_id, v.sku, v.name, v.options, v.color, v.size, v.price_modifier, v.compare_at_price, v.images,
       v.image_alt_texts, v.is_tracked, v.is_active, v.display_order, coalesce(v.weight, p.weight),
       coalesce(v.length, p.length), coalesce(v.width, p.width), coalesce(v.height, p.height), v.created_at,
       v.updated_at, p.base_price, p.compare_at_price, p.currency
from product_variants v join products p on p.company_id = v.company_id and p.id = v.product_id
"""

_WITH_ANCESTORS = """
with recursive line as (
  select id, parent_id, 0 as height from categories where company_id = $1 and id = $2
  union all
  select c.id, c.parent_id, line.height + 1
  from line join categories c on c.company_id = $1 and c.id = line.parent_id
)
"""

_ANCESTORS = f"{_WITH_ANCESTORS} select id from line order by height"


async def is_listed(db: Reader, product_id: UUID) -> bool:
    """Whether customers see a product."""
    sql = f"select from products p {_LISTED} where p.company_id = $1 and p.id = $2"
    return await db.fetch_row(sql, db.company_id, product_id) is not None


async def lock_product(tx: Tx, product_id: UUID) -> data.ProductRow | None:
    """A product's row, locked until the end of the transaction.

    No key of it changes, so rows that refer to it (views, reviews, items of carts) may be written meanwhile.
    """
    sql = f"select {data.product.columns()} from products where company_id = $1 and id = $2 for no key update"
    record = await tx.fetch_row(sql, tx.company_id, product_id)
    return data.product.from_record(record) if record else None


async def find_products(db: Reader, ids: Collection[UUID]) -> list[Product]:
    """The products of these ids, archived ones too."""
    sql = f"select {_PRODUCT} from products p where p.company_id = $1 and p.id = any($2)"
    return [product_from_record(record) for record in await db.fetch(sql, db.company_id, list(ids))]


async def find_variants(db: Reader, product_ids: Collection[UUID]) -> list[Variant]:
    """The variants of products, in their display order."""
    sql = f"{_VARIANTS} where v.company_id = $1 and v.product_id = any($2) order by v.display_order, v.id"
    return [variant_from_record(record) for record in await db.fetch(sql, db.company_id, list(product_ids))]


async def find_variant(db: Reader, variant_id: UUID) -> Variant | None:
    """One variant, with its product's prices, unless its product is archived."""
    sql = f"{_VARIANTS} where v.company_id = $1 and v.id = $2 and p.archived_at is null"
    record = await db.fetch_row(sql, db.company_id, variant_id)
    return variant_from_record(record) if record else None


async def taken_slugs(db: Reader, table: str, slugs: Collection[str]) -> set[str]:
    """Those of the slugs that rows of a table have."""
    sql = f"select slug from {table} where company_id = $1 and slug = any($2)"
    return {row["slug"] for row in await db.fetch(sql, db.company_id, list(slugs))}


async def lock_name(tx: Tx, base: str) -> None:
    """Lock slugs of this base for the rest of the transaction; transactions that lost a race for one wait here."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2, 3))", tx.company_id, base)


async def lock_skus(tx: Tx, skus: Collection[str]) -> None:
    """Lock these SKUs of the company until the end of the transaction, before a product is written.

    A SKU may be a product's or a variant's, and no constraint spans two tables. Each is under one of 64 locks, taken
    in their order, so that an import of thousands does not fill the server's table of locks. The tree of
    categories is locked too, in shared mode, so that no product is written to a category that is being
    hidden or deleted. Comes before any lock of a row.
    """
    lock_numbers = sorted({crc32(sku.encode()) % _SKU_LOCKS for sku in skus})
    await tx.execute(
        """
        select case when number is null then pg_advisory_xact_lock_shared(hashtextextended($1::uuid::text, 2))
                    else pg_advisory_xact_lock(hashtextextended($1::uuid::text, 1000 + number)) end
        from (
          select number from unnest($2::int[]) with ordinality as given (number, rank) order by rank
        ) as ordered
        """,
        tx.company_id,
        [None, *lock_numbers],
    )


async def sku_owners(db: Reader, skus: Collection[str]) -> list[Record]:
    """The owners of these SKUs, as the fields of a SkuOwner."""
    return await db.fetch(OWNERS_OF_SKUS, db.company_id, list(skus))


async def visible_sku_owner(db: Reader, sku: str, *, listed_only: bool) -> Record | None:
    """The owner of a SKU, unless it is archived; with `listed_only`, when a customer may see it."""
    join, condition = (_LISTED, "o.is_sold") if listed_only else ("", "not o.is_archived")
    sql = f"""
        select o.* from ({OWNERS_OF_SKUS}) o join products p on p.company_id = $1 and p.id = o.product_id {join}
        where {condition}
    """
    return await db.fetch_row(sql, db.company_id, [sku])


async def sku_owners_in(db: Reader, product_ids: Collection[UUID]) -> list[Record]:
    """The SKUs of products, as the fields of SkuOwners; a product without variants may have none."""
    without_variants = (
        "id = any($2) and not exists (select from product_variants where company_id = $1 and product_id = p.id)"
    )
    return await db.fetch(_owners(without_variants, "v.product_id = any($2)"), db.company_id, list(product_ids))


def _owners(product_condition: str, variant_condition: str) -> str:
    return f"""
        select case when sku is null then '' else sku end as sku, id as product_id, null::uuid as variant_id,
               is_tracked, is_active and archived_at is null as is_sold, archived_at is not null as is_archived
        from products p where company_id = $1 and {product_condition}
        union all
        select v.sku, v.product_id, v.id, v.is_tracked,
               v.is_active and p.is_active and p.archived_at is null, p.archived_at is not null
        from product_variants v join products p on p.company_id = v.company_id and p.id = v.product_id
        where v.company_id = $1 and {variant_condition}
    """


OWNERS_OF_SKUS: Final = _owners("sku = any($2)", "v.sku = any($2)")


async def slugs_of_skus(db: Reader, skus: Collection[str]) -> dict[str, str]:
    """The slugs of the products that SKUs belong to, archived ones too, by SKU."""
    sql = (
        f"select o.sku, p.slug from ({OWNERS_OF_SKUS}) o join products p on p.company_id = $1 and p.id = o.product_id"
    )
    return {row["sku"]: row["slug"] for row in await db.fetch(sql, db.company_id, list(skus))}


async def modifiers_of(db: Reader, product_id: UUID) -> list[VariantModifier]:
    """The price modifiers of a product's variants, in their display order."""
    rows = await db.fetch(
        "select id, sku, price_modifier from product_variants where company_id = $1 and product_id = $2 "
        "order by display_order, id",
        db.company_id,
        product_id,
    )
    return [VariantModifier(*row) for row in rows]


async def lock_category_tree(tx: Tx) -> None:
    """Lock the tree of categories: other transactions change neither it nor products until this one ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 2))", tx.company_id)


async def ancestors_of(db: Reader, category_id: UUID) -> list[UUID]:
    """A category and its ancestors, from the category up; empty when it does not exist."""
    rows = await db.fetch(_ANCESTORS, db.company_id, category_id)
    return [row["id"] for row in rows]


async def hidden_categories(db: Reader) -> list[UUID]:
    """The categories that customers do not see: those that are not active, and all below them."""
    rows = await db.fetch(
        """
        with recursive hidden as (
          select id from categories where company_id = $1 and not is_active
          union
          select c.id from hidden join categories c on c.company_id = $1 and c.parent_id = hidden.id
        )
        select id from hidden
        """,
        db.company_id,
    )
    return [row["id"] for row in rows]


async def ancestors_by_category(db: Reader, category_ids: Collection[UUID]) -> list[tuple[UUID, UUID, int]]:
    """Categories with their ancestors: (category, itself or an ancestor, how many levels up)."""
    rows = await db.fetch(
        """
        with recursive line as (
          select id as origin, id, parent_id, 0 as height from categories where company_id = $1 and id = any($2)
          union all
          select line.origin, c.id, c.parent_id, line.height + 1
          from line join categories c on c.company_id = $1 and c.id = line.parent_id
        )
        select origin, id, height from line
        """,
        db.company_id,
        list(category_ids),
    )
    return [(row["origin"], row["id"], row["height"]) for row in rows]


async def attribute_rules(db: Reader, category_id: UUID) -> list[list[AttributeRule]] | None:
    """The attribute rules of a category and its ancestors, by category from the root; None for a missing category."""
    sql = f"""
        {_WITH_ANCESTORS}
        select line.height, a.name, a.type, a.is_required, a.is_filterable, a.options
        from line left join category_attributes a on a.company_id = $1 and a.category_id = line.id
        order by line.height desc, a.name
    """
    rows = await db.fetch(sql, db.company_id, category_id)
    if not rows:
        return None
    levels: dict[int, list[AttributeRule]] = {}
    for row in rows:
        level = levels.setdefault(row["height"], [])
        if row["name"] is not None:
            attribute_type = data.AttributeType(row["type"])
            level.append(
                AttributeRule(
                    row["name"], attribute_type, row["is_required"], row["is_filterable"], tuple(row["options"])
                )
            )
    return list(levels.values())


async def rename_attribute(tx: Tx, category_id: UUID, old: str, new: str) -> list[UUID]:
    """Rename an attribute of the products of a category and its descendants, unless they have both names.

    The ids of the products that have another name now, in order; without archived ones, which are changed too.
    """
    rows = await tx.fetch(
        """
        with recursive tree as (
          select id from categories where company_id = $1 and id = $2
          union all
          select c.id from tree join categories c on c.company_id = $1 and c.parent_id = tree.id
        )
        update product_attributes a set name = $4
        from products p join tree on tree.id = p.category_id
        where a.company_id = $1 and p.company_id = $1 and p.id = a.product_id and a.name = $3
          and not exists (
            select from product_attributes other
            where other.company_id = $1 and other.product_id = a.product_id and other.name = $4
          )
        returning p.id, p.archived_at is not null as is_archived
        """,
        tx.company_id,
        category_id,
        old,
        new,
    )
    return sorted(row["id"] for row in rows if not row["is_archived"])


async def depth_of_tree(db: Reader, category_id: UUID) -> int:
    """The number of levels from the root above a category to its deepest descendant."""
    sql = f"""
        {_WITH_ANCESTORS}, down as (
          select id, 0 as depth from categories where company_id = $1 and id = $2
          union all
          select c.id, down.depth + 1 from down join categories c on c.company_id = $1 and c.parent_id = down.id
        )
        select (select max(height) from line) + (select max(depth) from down) + 1
    """
    depth: int = await db.fetch_value(sql, db.company_id, category_id)
    return depth


async def contents_of(tx: Tx, category_id: UUID) -> CategoryContents:
    """The numbers of a category's own sub-categories and products, and the first names of sub-categories."""
    row = await tx.fetch_row(
        """
        select (select count(*)::int from categories where company_id = $1 and parent_id = $2),
          array(select name from categories where company_id = $1 and parent_id = $2
                order by display_order, id limit 5),
          count(*)::int, count(archived_at)::int
        from products where company_id = $1 and category_id = $2
        """,
        tx.company_id,
        category_id,
    )
    return CategoryContents(*row) if row else CategoryContents(0, [], 0, 0)


async def move_products(tx: Tx, category_id: UUID, target_id: UUID) -> list[tuple[UUID, bool]]:
    """Move all products of a category, archived ones too, to another; each id, and whether it is archived."""
    rows = await tx.fetch(
        """
        with locked as (
          select id from products where company_id = $1 and category_id = $2 order by id for no key update
        )
        update products p set category_id = $3, updated_at = $4
        from locked where p.company_id = $1 and p.id = locked.id
        returning p.id, p.archived_at is not null as is_archived
        """,
        tx.company_id,
        category_id,
        target_id,
        tx.clock.now(),
    )
    return sorted((row["id"], row["is_archived"]) for row in rows)


async def add_ratings(tx: Tx, product_id: UUID, rating: int, count: int) -> None:
    """Add to a product's rating sum and review count; `updated_at` does not change."""
    await tx.execute(
        """
        update products set rating_sum = rating_sum + $3, review_count = review_count + $4
        where company_id = $1 and id = $2
        """,
        tx.company_id,
        product_id,
        rating,
        count,
    )


async def lock_shown_stock(tx: Tx, product_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Which of the indexed products are shown as in stock. Their search rows are locked, in the order of ids."""
    rows = await tx.fetch(
        "select product_id, in_stock from product_search where company_id = $1 and product_id = any($2) "
        "order by product_id for update",
        tx.company_id,
        list(product_ids),
    )
    return {row["product_id"]: row["in_stock"] for row in rows}
