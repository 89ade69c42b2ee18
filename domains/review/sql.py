"""SQL of the review domain that the generated verbs cannot express. The company is always the first parameter."""

from collections.abc import Collection
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.review import data


async def lock_buyer(tx: Tx, user_id: UUID) -> None:
    """Lock what a user has bought and reviewed until the transaction ends.

    Without the lock a purchase and a review that are written at once would not see each other.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1, 4))", f"{tx.company_id}:{user_id}")


async def has_bought(db: Reader, user_id: UUID, product_id: UUID) -> bool:
    """Whether a user has bought a product."""
    found: bool = await db.fetch_value(
        "select exists (select from product_purchases where company_id = $1 and product_id = $2 and user_id = $3)",
        db.company_id,
        product_id,
        user_id,
    )
    return found


async def newest_reviews(
    db: Reader, product_ids: Collection[UUID], take: int, *, oldest: bool = False
) -> list[data.ReviewRow]:
    """The newest (or oldest) published reviews of each product, at most `take` per product, in one statement."""
    direction = "asc" if oldest else "desc"
    sql = f"""
        select r.* from unnest($2::uuid[]) as wanted (id) cross join lateral (
          select {data.review.columns()} from reviews
          where company_id = $1 and product_id = wanted.id and status = 'PUBLISHED'
          order by created_at {direction}, id {direction} limit $3
        ) as r
    """
    records = await db.fetch(sql, db.company_id, list(product_ids), take)
    return [data.review.from_record(record) for record in records]


async def verify_reviews(tx: Tx, user_id: UUID, product_ids: Collection[UUID]) -> None:
    """Set `is_verified_purchase` of a user's reviews of these products to whether a purchase exists."""
    await tx.execute(
        """
        update reviews r set is_verified_purchase = not is_verified_purchase
        where company_id = $1 and user_id = $2 and product_id = any($3) and is_verified_purchase <> exists (
          select from product_purchases p
          where p.company_id = $1 and p.product_id = r.product_id and p.user_id = $2)
        """,
        tx.company_id,
        user_id,
        list(product_ids),
    )
