"""Checks: whether what a notification tells is still so when it is sent, and its variables as they are then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from domains.kernel.database import Reader
from domains.notification.models import NotificationKind
from domains.notification.sql import Loaded

Variables: TypeAlias = Mapping[str, Any]


class Check(Protocol):
    """The check of a kind."""

    async def current(self, db: Reader, waiting: Sequence[Loaded]) -> Mapping[UUID, Variables]:
        """The variables, as they are now, of the notifications that are to be sent; the others are left out.

        They replace those of the same names that were stored. The number of statements does not depend on that of
        the notifications.
        """
        ...


class Checks:
    """The checks of those kinds that have one. They are made again whenever a notification is about to be sent."""

    def __init__(self, by_kind: Mapping[NotificationKind, Check]) -> None:
        self._by_kind = by_kind

    async def current(self, db: Reader, waiting: Sequence[Loaded]) -> Mapping[UUID, Variables]:
        """The present variables of those that are still to be sent, by id; the others are stale.

        None are given of kinds without a check. The statements of each check of a kind among them.
        """
        found: dict[UUID, Variables] = {}
        checked: dict[NotificationKind, list[Loaded]] = defaultdict(list)
        for each in waiting:
            if each.notification.kind in self._by_kind:
                checked[each.notification.kind].append(each)
            else:
                found[each.notification.id] = {}
        for kind, of_kind in checked.items():
            found |= await self._by_kind[kind].current(db, of_kind)
        return found
