"""What roles grant, remembered by role and version: a change raises the version, so nothing old is ever found."""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.permissions import Grant
from domains.role import sql

MOST: Final = 2_000


class GrantCache:
    """The permission sets of the roles used last.

    The version comes with the actor's lookup on every request, so a change made in any process holds for the next
    request of a live token in every other, without a message between them.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, int], frozenset[Grant]] = OrderedDict()

    async def of(self, db: Reader, role_id: UUID, version: int) -> frozenset[Grant]:
        """What a role grants: no statement when this version is remembered, else one; nothing for an unknown."""
        key = (role_id, version)
        grants = self._kept.get(key)
        if grants is not None:
            self._kept.move_to_end(key)
            return grants
        found = await sql.grants_of(db, role_id)
        if found is None:
            return frozenset()
        if not isinstance(db, Tx):  # what a transaction sees may yet be undone, and its version used again
            self._keep((role_id, found[0]), found[1])
        return found[1]

    def forget(self, role_id: UUID) -> None:
        """Forget every version of a role in this process."""
        for key in [key for key in self._kept if key[0] == role_id]:
            del self._kept[key]

    def _keep(self, key: tuple[UUID, int], grants: frozenset[Grant]) -> None:
        self._kept[key] = grants
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)
