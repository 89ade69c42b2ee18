"""Personal data of the review domain: reviews, votes and purchases of users."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, contains_any, exported
from domains.review import data, sql
from domains.review.service import ReviewService

PURCHASES: Final = """
select product_id, order_id, purchased_at from product_purchases
where company_id = $1 and user_id = $2 order by purchased_at, order_id, product_id
"""
VOTES: Final = "select review_id, created_at from review_votes where company_id = $1 and user_id = $2 order by 2, 1"
ANONYMIZE: Final = tuple(
    f"update {table} set user_id = $3 where company_id = $1 and user_id = $2 and user_id <> $3"  # noqa: S608 - ours
    for table in ("reviews", "review_votes", "product_purchases")
)
_DROP: Final = """
with dropped as ({}) update reviews r set helpful_count = r.helpful_count - 1
from dropped where r.company_id = $1 and r.id = dropped.review_id
"""
DROP_SECOND_VOTES: Final = _DROP.format("""
delete from review_votes v where v.company_id = $1 and v.user_id = $2 and exists (
    select from review_votes own where own.company_id = $1 and own.review_id = v.review_id and own.user_id = $3)
returning v.review_id
""")
MOVE_VOTES: Final = "update review_votes set user_id = $3 where company_id = $1 and user_id = $2"
DROP_OWN_VOTES: Final = _DROP.format("""
delete from review_votes v using reviews o
where v.company_id = $1 and v.user_id = $2 and o.company_id = $1 and o.id = v.review_id and o.user_id = $2
returning v.review_id
""")
MOVE_PURCHASES: Final = """
with moved as (delete from product_purchases where company_id = $1 and user_id = $2 returning *)
insert into product_purchases (company_id, product_id, user_id, order_id, purchased_at)
select company_id, product_id, $3, order_id, purchased_at from moved
on conflict do nothing
"""


async def export_person(_review: ReviewService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The reviews, votes and recorded purchases of the user, oldest first."""
    where: data.ReviewWhere = {"user_id": {"in": person.user_ids}}
    reviews = await data.review.find_many(db, where=where, order_by=[{"id": "asc"}])
    return {
        "reviews": exported(reviews),
        "review_votes": exported(await db.fetch(VOTES, db.company_id, person.user_id)),
        "purchases": exported(await db.fetch(PURCHASES, db.company_id, person.user_id)),
    }


async def erase_person(_review: ReviewService, tx: Tx, erasure: Erasure) -> int:
    """Give reviews, votes and purchases to the erased user. Titles and comments that name the person are removed.

    Ratings, other texts and counts stay as they are.
    """
    erased = 0
    for user_id in erasure.person.user_ids:
        await sql.lock_buyer(tx, user_id)
        for review in await data.review.find_many(
            tx, where={"user_id": user_id}, order_by=[{"id": "asc"}], lock=True
        ):
            if contains_any(review.title, erasure.texts) or contains_any(review.comment, erasure.texts):
                await data.review.update(tx, id=review.id, data={"title": None, "comment": None})
                erased += 1
        for statement in ANONYMIZE:
            erased += await tx.execute(statement, tx.company_id, user_id, erasure.erased_id)
    return erased


async def merge_person(reviews: ReviewService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move reviews, votes and purchases. Where both users reviewed a product, the review of `user_id` stays.

    A second vote for a review, and a vote for what is now an own review, is deleted.
    """
    moved = 0
    for buyer in sorted({*person.user_ids, user_id}):
        await sql.lock_buyer(tx, buyer)
    for source in person.user_ids:
        own = await data.review.find_many(tx, where={"user_id": user_id}, order_by=[{"id": "asc"}], lock=True)
        theirs = await data.review.find_many(tx, where={"user_id": source}, order_by=[{"id": "asc"}], lock=True)
        products = {review.product_id for review in own}
        for review in theirs:
            if review.product_id in products:
                await reviews.delete(tx, tx.actor, review.id)
        moved += await data.review.update_many(tx, where={"user_id": source}, data={"user_id": user_id})
        await tx.execute(DROP_SECOND_VOTES, tx.company_id, source, user_id)
        moved += await tx.execute(MOVE_VOTES, tx.company_id, source, user_id)
        await tx.execute(DROP_OWN_VOTES, tx.company_id, user_id)
        moved += await tx.execute(MOVE_PURCHASES, tx.company_id, source, user_id)
        await sql.verify_reviews(tx, user_id, [review.product_id for review in (*own, *theirs)])
    return moved
