"""Personal data of the promotion domain: uses of promotions and coupons, with addresses and keys of them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import OF_PERSON, Erasure, Person, exported
from domains.promotion import data
from domains.promotion.service import PromotionService

USES: Final = f"""
select promotion_id, order_id, email, email_confirmed, used_at, released_at from promotion_uses
where company_id = $1 and {OF_PERSON} order by id
"""  # noqa: S608 - fixed text
ANONYMIZE: Final = f"""
update promotion_uses set user_id = case when user_id is not null then $4::uuid end, email = $5, address_key = null
where company_id = $1 and {OF_PERSON}
"""  # noqa: S608 - fixed text
COUPON_USAGES: Final = f"""
select coupon_id, order_id, email, email_confirmed, discount_amount, currency, used_at, released_at
from coupon_usages where company_id = $1 and {OF_PERSON} order by id
"""  # noqa: S608 - fixed text
ANONYMIZE_COUPON_USAGES: Final = f"""
update coupon_usages set user_id = case when user_id is not null then $4::uuid end, email = $5
where company_id = $1 and {OF_PERSON}
"""  # noqa: S608 - fixed text
MOVE_COUPON_USAGES: Final = f"update coupon_usages set user_id = $4 where company_id = $1 and {OF_PERSON}"  # noqa: S608 - fixed text
MOVE: Final = f"update promotion_uses set user_id = $4 where company_id = $1 and {OF_PERSON}"  # noqa: S608 - fixed text


MEMBERSHIPS: Final = """
select s.name as segment, m.created_at from customer_segment_members m
join customer_segments s on s.company_id = m.company_id and s.id = m.segment_id
where m.company_id = $1 and m.user_id = $2 order by m.id
"""
MOVE_MEMBERSHIPS: Final = """
with left_behind as (
  delete from customer_segment_members m where m.company_id = $1 and m.user_id = $2 and exists (
    select from customer_segment_members o
    where o.company_id = $1 and o.segment_id = m.segment_id and o.user_id = $3)
)
update customer_segment_members m set user_id = $3 where m.company_id = $1 and m.user_id = $2 and not exists (
  select from customer_segment_members o where o.company_id = $1 and o.segment_id = m.segment_id and o.user_id = $3)
"""


async def export_person(_promotion: PromotionService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The uses of promotions and coupons, and the lists of segments, oldest first."""
    return {
        "promotion_uses": exported(await db.fetch(USES, db.company_id, *person.keys)),
        "coupon_usages": exported(await db.fetch(COUPON_USAGES, db.company_id, *person.keys)),
        "customer_segments": exported(await db.fetch(MEMBERSHIPS, db.company_id, person.user_id)),
    }


async def erase_person(_promotion: PromotionService, tx: Tx, erasure: Erasure) -> int:
    """Anonymize the uses, and leave the lists of segments. The uses still count for the promotion or coupon."""
    keys, members = erasure.person.keys, data.customer_segment_member
    left = await members.delete_many(tx, where={"user_id": {"in": erasure.person.user_ids}})
    for sql in (ANONYMIZE, ANONYMIZE_COUPON_USAGES):
        left += await tx.execute(sql, tx.company_id, *keys, erasure.erased_id, erasure.email)
    return left


async def merge_person(_promotion: PromotionService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the uses, which then count for the other user together with that user's own, and the segments."""
    moved = await tx.execute(MOVE_MEMBERSHIPS, tx.company_id, person.user_id, user_id)
    for sql in (MOVE, MOVE_COUPON_USAGES):
        moved += await tx.execute(sql, tx.company_id, *person.keys, user_id)
    return moved
