"""Pages of the members of several roles at once."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from domains.auth import sql
from domains.auth.models import User
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor

ORDER: Final = "holder"
_MEMBERS: Final = """
select wanted.role_id, member.id, member.user_id
from unnest($2::uuid[]) as wanted (role_id)
cross join lateral (
    select id, user_id from memberships
    where company_id = $1 and role_id = wanted.role_id and ($3::uuid is null or id {beyond} $3)
    order by id {way} limit $4
) as member
order by member.id {way}
"""
_COUNTS: Final = """
select role_id, count(*) from memberships where company_id = $1 and role_id = any($2) group by role_id
"""


class _Counts:
    """The number of members of several roles: one statement for all, when the first is needed."""

    def __init__(self, db: Reader, role_ids: Sequence[UUID]) -> None:
        self._db = db
        self._role_ids = role_ids
        self._found: dict[UUID, int] | None = None
        self._asking = asyncio.Lock()

    async def of(self, role_id: UUID) -> int:
        """The number of members with a role."""
        async with self._asking:
            if self._found is None:
                rows = await self._db.fetch(_COUNTS, self._db.company_id, self._role_ids)
                self._found = {row[0]: row[1] for row in rows}
        return self._found.get(role_id, 0)


class RolePages:
    """Lists the company's members by role."""

    async def find(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[User]]:
        """A page of the company's members for each (role, page), the last to join first.

        Two statements for all roles with the same page arguments, and one more when they are counted.
        Raises InvalidInput for a cursor of another list.
        """
        wanted: defaultdict[PageArgs, list[UUID]] = defaultdict(list)
        for role_id, args in keys:
            wanted[args].append(role_id)
        found = {args: await _rows(db, role_ids, args) for args, role_ids in wanted.items()}
        known = {row[2] for by_role in found.values() for rows in by_role.values() for row in rows}
        users = {user.id: user for user in await sql.users_by_id(db, list(known))} if known else {}
        counts = _Counts(db, list({role_id for role_id, _ in keys}))
        return [_page(role_id, args, found[args].get(role_id, []), users, counts) for role_id, args in keys]


async def _rows(db: Reader, role_ids: Sequence[UUID], args: PageArgs) -> dict[UUID, list[Any]]:
    (after,) = decode_cursor(args.cursor, ORDER, [UUID]) if args.cursor else (None,)
    beyond, way = (">", "asc") if args.backward else ("<", "desc")
    statement = _MEMBERS.format(beyond=beyond, way=way)
    by_role: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await db.fetch(statement, db.company_id, role_ids, after, args.size + 1):
        by_role[row[0]].append(row)
    return by_role


def _page(role_id: UUID, args: PageArgs, rows: list[Any], users: dict[UUID, User], counts: _Counts) -> Page[User]:
    page = cut(rows, args, lambda row: encode_cursor(ORDER, [row[1]]), lambda: counts.of(role_id))
    return page.map(lambda row: users[row[2]])
