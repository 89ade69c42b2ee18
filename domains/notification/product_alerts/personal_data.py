"""Personal data of product alerts: of users, and of guests by their addresses."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.notification import data
from domains.notification.product_alerts import person_sql


async def export_alerts(db: Reader, person: Person) -> Mapping[str, Any]:
    """The alerts of a person, also those that were told."""
    return {"product_stock_alerts": exported(await db.fetch(person_sql.ALERTS, db.company_id, *person.keys))}


async def erase_alerts(tx: Tx, erasure: Erasure) -> int:
    """Delete the alerts of a person, and the codes that were sent to the person's addresses."""
    codes = await data.product_alert_code.delete_many(tx, where={"email": {"in": erasure.person.emails}})
    return codes + await tx.execute(person_sql.DELETE, tx.company_id, *erasure.person.keys)


async def merge_alerts(tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the alerts that the other user has not."""
    return await tx.execute(person_sql.MOVE, tx.company_id, *person.keys, user_id)
