"""Personal data of the promotion domain: uses of promotions, with e-mail addresses and keys of delivery addresses."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import OF_PERSON, Erasure, Person, exported
from domains.promotion.service import PromotionService

USES: Final = f"""
select promotion_id, order_id, email, email_confirmed, claimed_at, released_at from promotion_uses
where company_id = $1 and {OF_PERSON} order by id
"""  # noqa: S608 - fixed text
ANONYMIZE: Final = f"""
update promotion_uses set user_id = case when user_id is not null then $4::uuid end, email = $5, address_key = null
where company_id = $1 and {OF_PERSON}
"""  # noqa: S608 - fixed text
MOVE: Final = f"update promotion_uses set user_id = $4 where company_id = $1 and {OF_PERSON}"  # noqa: S608 - fixed text


async def export_person(_promotion: PromotionService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The uses of promotions, oldest first."""
    return {"promotion_uses": exported(await db.fetch(USES, db.company_id, *person.keys))}


async def erase_person(_promotion: PromotionService, tx: Tx, erasure: Erasure) -> int:
    """Anonymize the uses. They still count for the promotion, and no longer for the buyer."""
    keys = erasure.person.keys
    return await tx.execute(ANONYMIZE, tx.company_id, *keys, erasure.erased_id, erasure.email)


async def merge_person(_promotion: PromotionService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the uses, which then count for the other user together with that user's own."""
    return await tx.execute(MOVE, tx.company_id, *person.keys, user_id)
