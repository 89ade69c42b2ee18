"""Personal data of saved payment methods: exported without tokens, erased here and at the provider."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.payment import data
from domains.payment.saved_methods import sql

NOT_EXPORTED: Final = ("encrypted_token", "token_digest")


async def export_methods(db: Reader, person: Person) -> list[Mapping[str, Any]]:
    """The methods of a customer, oldest first, also those that are being removed."""
    where: data.SavedPaymentMethodWhere = {"user_id": {"in": person.user_ids}}
    rows = await data.saved_payment_method.find_many(db, where=where, order_by=[{"id": "asc"}])
    return [*exported(rows, without=NOT_EXPORTED)]


async def erase_methods(tx: Tx, erasure: Erasure) -> int:
    """Remove all methods of a customer. The job deletes them at the provider, also when that is down now.

    Nothing is locked without a method: a person is erased in all companies by one transaction.
    """
    if not await sql.have_methods(tx, erasure.person.user_ids):
        return 0
    for user_id in erasure.person.user_ids:
        await sql.lock_methods(tx, user_id)
    return await sql.forget_all(tx, erasure.person.user_ids, erasure.erased_id)


async def merge_methods(tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the methods of a customer. None is dropped, even above the limit. Nothing is locked without a method."""
    if not await sql.have_methods(tx, person.user_ids):
        return 0
    for customer in sorted({*person.user_ids, user_id}):
        await sql.lock_methods(tx, customer)
    return sum([await sql.move_all(tx, source, user_id) for source in person.user_ids])
