"""Grants of roles, cached by role and version: a change raises the version, so stale grants are never returned."""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.permissions import Grant
from domains.role import sql

MAX_ENTRIES: Final = 2_000


class GrantCache:
    """The grants of recently used roles.

    The version comes with the actor's lookup on every request, so a change made in any process applies to the next
    request of a live token in every other, without a message between processes.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[UUID, int], frozenset[Grant]] = OrderedDict()

    async def get(self, db: Reader, role_id: UUID, version: int) -> frozenset[Grant]:
        """The grants of a role, none for an unknown one. No statement when this version is cached, else one."""
        key = (role_id, version)
        grants = self._entries.get(key)
        if grants is not None:
            self._entries.move_to_end(key)
            return grants
        version_and_grants = await sql.grants_of(db, role_id)
        if version_and_grants is None:
            return frozenset()
        if not isinstance(db, Tx):  # a version of a transaction that rolls back is used again
            self._store((role_id, version_and_grants[0]), version_and_grants[1])
        return version_and_grants[1]

    def invalidate(self, role_id: UUID) -> None:
        """Remove every version of a role from the cache of this process."""
        for key in [key for key in self._entries if key[0] == role_id]:
            del self._entries[key]

    def _store(self, key: tuple[UUID, int], grants: frozenset[Grant]) -> None:
        self._entries[key] = grants
        if len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)
