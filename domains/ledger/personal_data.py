"""Personal data of the ledger: the users who posted entries by hand."""

from collections.abc import Mapping
from typing import Any

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.ledger import data


async def export_person(_ledger: Any, db: Reader, person: Person) -> Mapping[str, Any]:
    """The entries that the user posted as staff."""
    where: data.LedgerEntryWhere = {"performed_by": {"in": person.user_ids}}
    entries = await data.ledger_entry.find_many(db, where=where, order_by=[{"id": "asc"}])
    return {"ledger_entries": exported(entries)}


async def erase_person(_ledger: Any, tx: Tx, erasure: Erasure) -> int:
    """Replace the user in entries, which stay."""
    erased = 0
    for user_id in erasure.replaced_ids:
        erased += await tx.fetch_value("select erase_ledger_users($1, $2)", user_id, erasure.erased_id)
    return erased


async def merge_person(_ledger: Any, _tx: Tx, _person: Person, _user_id: Any) -> int:
    """Nothing: an entry keeps the user who posted it."""
    return 0
