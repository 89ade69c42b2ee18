"""Personal data of the auth domain in one company: the membership. `Accounts` has that of the whole platform."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.auth import data, sql
from domains.auth.events import PERSONAL
from domains.auth.service import AuthService
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person, erase_events, exported

# Invitations that were not accepted end; where both users are members, the role of the other user stays.
MOVE: Final = """
with gone as (
    delete from memberships where company_id = $1 and user_id = $2
    returning role_id, is_active, created_at, accepted_at
)
insert into memberships (id, company_id, user_id, role_id, is_active, created_at, updated_at, accepted_at)
select $4, $1, $3, role_id, is_active, created_at, $5, accepted_at from gone where accepted_at is not null
on conflict (company_id, user_id) do nothing
"""


async def export_person(_auth: AuthService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The user as the company knows them, if they are a member."""
    return {"members": exported(await sql.members_by_id(db, person.user_ids))}


async def erase_person(_auth: AuthService, tx: Tx, erasure: Erasure) -> int:
    """Delete the membership."""
    await erase_events(tx, PERSONAL, erasure.person.user_ids, erasure.email)
    return await data.membership.delete_many(tx, where={"user_id": {"in": erasure.person.user_ids}})


async def merge_person(_auth: AuthService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the membership with its role, unless the other user is a member too."""
    moved = 0
    for source in person.user_ids:
        moved += await tx.execute(MOVE, tx.company_id, source, user_id, new_id(), tx.clock.now())
    return moved
