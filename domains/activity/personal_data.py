"""Personal data of the activity domain: what users did, with their IP addresses. That of guests is kept 90 days."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domains.activity import data
from domains.activity.service import ActivityService
from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported


async def export_person(_activity: ActivityService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The activities of the user, oldest first."""
    where: data.ActivityLogWhere = {"user_id": {"in": person.user_ids}}
    return {"activities": exported(await data.activity_log.find_many(db, where=where, order_by=[{"id": "asc"}]))}


async def erase_person(_activity: ActivityService, tx: Tx, erasure: Erasure) -> int:
    """Delete the activities of the user."""
    return await data.activity_log.delete_many(tx, where={"user_id": {"in": erasure.person.user_ids}})


async def merge_person(_activity: ActivityService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the activities, by which the user sees the products viewed last."""
    where: data.ActivityLogWhere = {"user_id": {"in": person.user_ids}}
    return await data.activity_log.update_many(tx, where=where, data={"user_id": user_id})
