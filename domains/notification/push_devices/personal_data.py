"""Personal data of push devices: exported without addresses and keys, deleted and moved."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Person, exported
from domains.notification import data

_DEVICES: Final = """
select id, provider, name, user_agent, created_at, last_used_at from push_devices
where company_id = $1 and user_id = any($2) order by id
"""


async def export_devices(db: Reader, person: Person) -> Mapping[str, Any]:
    """The devices of a person. One statement."""
    return {"push_devices": exported(await db.fetch(_DEVICES, db.company_id, person.user_ids))}


async def erase_devices(tx: Tx, person: Person) -> int:
    """Delete the devices of a person. One statement."""
    return await data.push_device.delete_many(tx, where={"user_id": {"in": person.user_ids}})


async def move_devices(tx: Tx, user_id: UUID, to: UUID) -> int:
    """Give the devices of a user to another one, whose next registration deletes those above 20. One statement."""
    return await data.push_device.update_many(tx, where={"user_id": user_id}, data={"user_id": to})
