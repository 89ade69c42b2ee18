"""Lists of gift cards for staff, and what changed their balances."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.values.ranges import require_range
from domains.kernel.values.secret import Secret
from domains.ledger import chart
from domains.ledger.models import Movement
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.gift_cards import codes
from domains.payment.gift_cards.models import GiftCard, GiftCardOrigin

MOST_MOVEMENTS: Final = 100
NO_ROW: Final[Mapping[str, Any]] = {"id": {"in": []}}


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardFilter:
    """Conditions on gift cards, all of which must hold; None sets no condition.

    `code` is a whole code in any spelling, `recipient_email` the address to which codes were sent.
    """

    ids: Sequence[UUID] | None = None
    code: Secret | None = None
    origins: Sequence[GiftCardOrigin] | None = None
    is_disabled: bool | None = None
    is_expired: bool | None = None
    order_item_id: UUID | None = None
    recipient_email: str | None = None
    expires_from: datetime | None = None
    expires_before: datetime | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


ALL: Final = GiftCardFilter()


class GiftCardListing:
    """Reads gift cards for staff."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: GiftCardFilter = ALL,
        *,
        search: str | None = None,
        direction: Direction = "desc",
    ) -> Page[GiftCard]:
        """One page of gift cards by the time of issue; `search` is the end of a code, its last four characters.

        Raises RangeInverted, and what `fetch_page` raises.
        """
        require_range(filters.expires_from, filters.expires_before, field=("expires_before",))
        require_range(filters.created_from, filters.created_before, field=("created_before",))
        where: dict[str, Any] = {"AND": [*_searched(search), *_conditions(filters, self._clock.now())]}
        sort = Sort("created_at", datetime, direction)
        return await fetch_page(data.gift_card, db, args, sort=sort, where=where)

    async def movements(self, db: Reader, ids: Collection[UUID]) -> list[Movement]:
        """The last hundred changes of the balance of each card, newest first. One statement."""
        return await self._ledger.movements.of(db, chart.GIFT_CARDS, ids, MOST_MOVEMENTS)


def _searched(search: str | None) -> list[Mapping[str, Any]]:
    """The cards whose code ends so; none for a text that is no end of a code."""
    if not search or not search.strip():
        return []
    form = codes.normalized_code(search)
    return [{"last_characters": form} if form and len(form) == codes.SHOWN else NO_ROW]


def _conditions(filters: GiftCardFilter, now: datetime) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    if filters.ids is not None:
        found.append({"id": {"in": list(filters.ids)}})
    if filters.code is not None:
        code_hash = codes.code_hash(filters.code.reveal())
        found.append(NO_ROW if code_hash is None else {"code_hash": code_hash})
    if filters.origins is not None:
        found.append({"origin": {"in": list(filters.origins)}})
    if filters.is_disabled is not None:
        found.append({"disabled_at": {"not": None} if filters.is_disabled else None})
    if filters.is_expired is not None:
        valid = {"OR": [{"expires_at": None}, {"expires_at": {"gt": now}}]}
        found.append({"expires_at": {"lte": now}} if filters.is_expired else valid)
    if filters.order_item_id is not None:
        found.append({"order_item_id": filters.order_item_id})
    if filters.recipient_email is not None:
        found.append({"recipient_email": filters.recipient_email.strip().lower()})
    for column, low, high in (
        ("expires_at", filters.expires_from, filters.expires_before),
        ("created_at", filters.created_from, filters.created_before),
    ):
        bounds = {name: bound for name, bound in (("gte", low), ("lt", high)) if bound is not None}
        if bounds:
            found.append({column: bounds})
    return found
