"""Personal data of gift cards: the address to which a code was sent, and the staff who issued it."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.payment import data

NOT_EXPORTED: Final = ("code_hash",)
# What staff wrote about a card of the person may name them.
ERASE: Final = """
update gift_cards set recipient_email = $3, note = null,
  disabled_reason = null, updated_at = $4
where company_id = $1 and recipient_email = any($2::text[])
"""


async def export_cards(db: Reader, person: Person) -> list[Mapping[str, Any]]:
    """The cards that were sent to the person, or issued by the user as staff, without their codes."""
    sent_or_issued: data.GiftCardWhere = {
        "OR": [{"recipient_email": {"in": list(person.emails)}}, {"issued_by": {"in": list(person.user_ids)}}]
    }
    cards = await data.gift_card.find_many(db, where=sent_or_issued, order_by=[{"id": "asc"}])
    return [*exported(cards, without=NOT_EXPORTED)]


async def erase_cards(tx: Tx, erasure: Erasure) -> int:
    """Replace the person in the cards that were sent to them or issued by them; the cards stay valid."""
    erased = await tx.execute(ERASE, tx.company_id, list(erasure.person.emails), erasure.email, tx.clock.now())
    return erased + await give_cards(tx, erasure.replaced_ids, erasure.erased_id)


async def give_cards(tx: Tx, authors: tuple[UUID, ...], user_id: UUID) -> int:
    """Let another user be the one who issued the cards."""
    issued: data.GiftCardWhere = {"issued_by": {"in": list(authors)}}
    return await data.gift_card.update_many(tx, where=issued, data={"issued_by": user_id})
