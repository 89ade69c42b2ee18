"""Personal data of the account domain: address books and buyer history."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.account import data, sql
from domains.account.service import AccountService
from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import OF_PERSON, Erasure, Person, exported

ANONYMIZE: Final = f"""
update buyer_orders set user_id = case when user_id is not null then $4::uuid end, email = $5
where company_id = $1 and {OF_PERSON}
"""  # noqa: S608 - fixed text
MOVE: Final = f"update buyer_orders set user_id = $4 where company_id = $1 and {OF_PERSON}"  # noqa: S608 - fixed text
# An address that was a default stays one unless the other address book has a default of this type.
MOVE_ADDRESSES: Final = """
update addresses a set user_id = $3, updated_at = $4, is_default = a.is_default and not exists (
    select from addresses own
    where own.company_id = $1 and own.user_id = $3 and own.type = a.type and own.is_default)
where a.company_id = $1 and a.user_id = $2
"""
HISTORY: Final = f"""
select order_id, email, email_confirmed, paid_at, withdrawn_at from buyer_orders
where company_id = $1 and {OF_PERSON} order by order_id
"""  # noqa: S608 - fixed text


async def export_person(_account: AccountService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The address book, newest first, and the orders of the buyer history."""
    addresses = await data.address.find_many(
        db, where={"user_id": {"in": person.user_ids}}, order_by=[{"id": "desc"}]
    )
    history = await db.fetch(HISTORY, db.company_id, *person.keys)
    return {"addresses": exported(addresses), "buyer_orders": exported(history)}


async def erase_person(_account: AccountService, tx: Tx, erasure: Erasure) -> int:
    """Delete the address book, and anonymize the buyer history, which counts the orders that stay."""
    person, erased = erasure.person, 0
    for user_id in person.user_ids:
        await sql.lock_address_book(tx, user_id)
        erased += await data.address.delete_many(tx, where={"user_id": user_id})
    return erased + await tx.execute(ANONYMIZE, tx.company_id, *person.keys, erasure.erased_id, erasure.email)


async def merge_person(_account: AccountService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move addresses and buyer history. No address is dropped, even above the limit of an address book."""
    moved = 0
    for book in sorted({*person.user_ids, user_id}):
        await sql.lock_address_book(tx, book)
    for source in person.user_ids:
        moved += await tx.execute(MOVE_ADDRESSES, tx.company_id, source, user_id, tx.clock.now())
    return moved + await tx.execute(MOVE, tx.company_id, *person.keys, user_id)
