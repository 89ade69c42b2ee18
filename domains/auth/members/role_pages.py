"""Pages of the members of several roles at once."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.auth import sql
from domains.auth.models import User
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import RelatedList, fetch_related

# Ids are in the order of time (UUIDv7): the last to join comes first.
MEMBERS: Final = RelatedList(
    select="m.user_id",
    source="from memberships m where m.company_id = $1",
    parent="m.role_id",
    order="member",
    columns=(Column("m.id", UUID),),
)


class RolePages:
    """Lists the company's members by role."""

    async def find(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[User]]:
        """A page of the company's members for each (role, page), newest first.

        Two statements for all roles with the same page arguments, and one more when they are counted.
        Raises as `fetch_related`.
        """
        pages = await fetch_related(db, MEMBERS, keys)
        ids = {row["user_id"] for page in pages for row in page.items}
        users = {user.id: user for user in await sql.users_by_id(db, list(ids))} if ids else {}
        return [page.map(lambda row: users[row["user_id"]]) for page in pages]
