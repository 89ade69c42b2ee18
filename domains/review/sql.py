"""SQL of the review domain that the generated verbs cannot express. The company is always the first parameter."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Column
from domains.kernel.pagination.sql_lists import RelatedList
from domains.review import data

# In the same order as the list of all reviews, so that each accepts the other's cursors.
PUBLISHED_REVIEWS: Final = RelatedList(
    select=data.review.columns("r"),
    source="from reviews r where r.company_id = $1 and r.status = 'PUBLISHED'",
    parent="r.product_id",
    order="created_at",
    columns=(Column("r.created_at", datetime), Column("r.id", UUID)),
)


async def lock_buyer(tx: Tx, user_id: UUID) -> None:
    """Lock what a user has bought and reviewed until the transaction ends.

    Without the lock a purchase and a review that are written at once would not see each other. One lock in all
    companies, so that a transaction over many companies does not fill the server's lock table.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 4))", user_id)


async def has_bought(db: Reader, user_id: UUID, product_id: UUID) -> bool:
    """Whether a user has bought a product."""
    has_purchase: bool = await db.fetch_value(
        "select exists (select from product_purchases where company_id = $1 and product_id = $2 and user_id = $3)",
        db.company_id,
        product_id,
        user_id,
    )
    return has_purchase


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


async def reviewed(db: Reader, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of these users and products of which the user has reviewed the product."""
    rows = await db.fetch(
        """
        select r.user_id, r.product_id from unnest($2::uuid[], $3::uuid[]) as key (user_id, product_id)
        join reviews r on r.company_id = $1 and r.user_id = key.user_id and r.product_id = key.product_id
        """,
        db.company_id,
        [user_id for user_id, _ in pairs],
        [product_id for _, product_id in pairs],
    )
    return {(row["user_id"], row["product_id"]) for row in rows}
