"""Products to search for, inserted directly into the tables."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from domains.catalog import data
from domains.kernel.database import Tx
from domains.kernel.ids import new_id


async def insert_category(tx: Tx, name: str, parent_id: UUID | None = None, **fields: Any) -> UUID:
    given = {"name": name, "slug": f"{name.lower()}-{new_id().hex}", "parent_id": parent_id, **fields}
    return (await data.category.create(tx, cast("data.CategoryCreate", given))).id


async def insert_filterable_attributes(tx: Tx, category_id: UUID, *names: str) -> None:
    for name in names:
        await data.category_attribute.create(tx, {"category_id": category_id, "name": name, "is_filterable": True})


async def insert_product(
    tx: Tx, category_id: UUID, name: str = "Ocean Blue Shirt", attributes: dict[str, str] | None = None, **fields: Any
) -> UUID:
    given = {
        "name": name,
        "slug": f"p-{new_id().hex}",
        "category_id": category_id,
        "base_price": Decimal(50),
        "currency": "EUR",
        **fields,
    }
    row = await data.product.create(tx, cast("data.ProductCreate", given))
    for attribute, value in (attributes or {}).items():
        await data.product_attribute.create(tx, {"product_id": row.id, "name": attribute, "value": value})
    return row.id


async def insert_variant(tx: Tx, product_id: UUID, **fields: Any) -> UUID:
    sku = new_id().hex
    given = {"product_id": product_id, "sku": sku, "name": sku, **fields}
    return (await data.product_variant.create(tx, cast("data.ProductVariantCreate", given))).id


async def entry_of(tx: Tx, product_id: UUID) -> Any:
    return await tx.fetch_row(
        "select * from product_search where company_id = $1 and product_id = $2", tx.company_id, product_id
    )


async def stored_counts(tx: Tx) -> dict[str, tuple[int, int]]:
    """Token without the company's code: listed products, all products."""
    records = await tx.fetch(
        """select substr(token, 4) as token, sum(listed)::int as listed, sum(total)::int as total
           from facet_counts where company_id = $1 and label = ''
           group by 1 having sum(listed) <> 0 or sum(total) <> 0""",
        tx.company_id,
    )
    return {record["token"]: (record["listed"], record["total"]) for record in records}


async def computed_counts(tx: Tx) -> dict[str, tuple[int, int]]:
    """The counts computed from the entries."""
    records = await tx.fetch(
        """select substr(token, 4) as token, count(*) filter (where is_listed)::int as listed, count(*)::int as total
           from (select unnest(tokens || (left(tokens[1], 3) || '.')) as token, is_listed
                 from product_search where company_id = $1) t group by 1""",
        tx.company_id,
    )
    return {record["token"]: (record["listed"], record["total"]) for record in records}
