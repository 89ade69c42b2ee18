"""SQL of product views; the company is always its first parameter."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domains.kernel.database import Tx


async def append_views(tx: Tx, counts: Mapping[UUID, int], ids: Sequence[UUID]) -> None:
    """Append a row of views for each existing product; no product is written."""
    await tx.execute(
        """
        insert into product_views (id, company_id, product_id, views, created_at)
        select v.id, $1, v.product_id, v.views, $5
        from unnest($2::uuid[], $3::uuid[], $4::int[]) as v (id, product_id, views)
        join products p on p.company_id = $1 and p.id = v.product_id
        order by v.product_id
        """,
        tx.company_id,
        ids,
        list(counts),
        list(counts.values()),
        tx.clock.now(),
    )


async def take_views(tx: Tx, limit: int) -> dict[UUID, int]:
    """Delete rows of views that no other transaction has locked; their views by product, in the order of ids."""
    rows = await tx.fetch(
        """
        with taken as (
          delete from product_views where id in (
            select id from product_views where company_id = $1 order by id limit $2 for update skip locked
          )
          returning product_id, views
        )
        select product_id, least(sum(views), 2147483647)::int as views
        from taken group by product_id order by product_id
        """,
        tx.company_id,
        limit,
    )
    return {row["product_id"]: row["views"] for row in rows}


async def add_views(tx: Tx, views: Mapping[UUID, int]) -> dict[UUID, int]:
    """Add views to products, locked in the order of ids; the counts they have now."""
    rows = await tx.fetch(
        """
        with locked as (
          select id from products where company_id = $1 and id = any($2::uuid[]) order by id for no key update
        )
        update products p set view_count = least(p.view_count::bigint + v.views, 2147483647)
        from unnest($2::uuid[], $3::int[]) as v (id, views) join locked on locked.id = v.id
        where p.company_id = $1 and p.id = v.id returning p.id, p.view_count
        """,
        tx.company_id,
        list(views),
        list(views.values()),
    )
    return {row["id"]: row["view_count"] for row in rows}
