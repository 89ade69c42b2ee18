"""Lists of entries, and the entries and lines that belong to others: to orders, sources and entries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.errors import RangeInverted
from domains.kernel.pagination.keyset import Column, Condition, Direction, Keyset
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_list, present_conditions
from domains.kernel.values.ranges import require_range
from domains.ledger import data
from domains.ledger.models import EntryFilter, LedgerEntry, LedgerLine

ALL_ENTRIES: Final = EntryFilter()
OLDEST_FIRST: Final[Sequence[data.LedgerEntryOrder]] = ({"created_at": "asc"}, {"id": "asc"})
_ORDER: Final = (Column("e.created_at", datetime), Column("e.id", UUID))
_LINE: Final = "exists (select from ledger_lines l where l.company_id = e.company_id and l.entry_id = e.id"


class Listing:
    """Reads entries and their lines."""

    async def entries(
        self, db: Reader, args: PageArgs, filters: EntryFilter = ALL_ENTRIES, *, direction: Direction = "desc"
    ) -> Page[LedgerEntry]:
        """One page of entries by the time of their posting. One statement, and one more when they are counted.

        Raises RangeInverted for an empty range of amounts or days, and as `Keyset.of`.
        """
        require_range(filters.amount_at_least, filters.amount_at_most, field=("amount_at_most",))
        if filters.booked_from and filters.booked_through and filters.booked_from > filters.booked_through:
            raise RangeInverted(
                f"This range ends on {filters.booked_through} before it begins on {filters.booked_from}.",
                field=("booked_through",),
            )
        keyset = Keyset.of(args, _ORDER, order="created_at", descending=direction == "desc")
        page = await fetch_list(
            db,
            keyset,
            select=data.ledger_entry.columns("e"),
            source="from ledger_entries e where e.company_id = $1",
            conditions=_conditions(filters),
        )
        return page.map(data.ledger_entry.from_record)

    async def entries_by_id(self, db: Reader, ids: Collection[UUID]) -> list[LedgerEntry]:
        """The entries with these ids, in no order. One statement."""
        return await data.ledger_entry.find_many(db, where={"id": {"in": list(ids)}})

    async def entries_of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[LedgerEntry]:
        """The entries of orders, in the order of their posting. One statement."""
        where: data.LedgerEntryWhere = {"order_id": {"in": list(order_ids)}}
        return await data.ledger_entry.find_many(db, where=where, order_by=OLDEST_FIRST)

    async def entries_of_sources(self, db: Reader, kind: str, ids: Collection[UUID]) -> list[LedgerEntry]:
        """The entries that were posted for these rows of a kind, in the order of their posting. One statement."""
        where: data.LedgerEntryWhere = {"source_kind": kind, "source_id": {"in": list(ids)}}
        return await data.ledger_entry.find_many(db, where=where, order_by=OLDEST_FIRST)

    async def lines_of(self, db: Reader, entry_ids: Collection[UUID]) -> list[LedgerLine]:
        """The lines of entries, in their order. One statement."""
        where: data.LedgerLineWhere = {"entry_id": {"in": list(entry_ids)}}
        return await data.ledger_line.find_many(db, where=where, order_by=[{"entry_id": "asc"}, {"position": "asc"}])


def _conditions(filters: EntryFilter) -> list[Condition]:
    entry: dict[str, Any] = {
        "e.kind = any({}::text[])": None if filters.kinds is None else list(filters.kinds),
        "e.order_id = {}": filters.order_id,
        "e.performed_by = {}": filters.performed_by,
        "e.booked_on >= {}": filters.booked_from,
        "e.booked_on <= {}": filters.booked_through,
    }
    line: dict[str, Any] = {
        "l.account = {}": filters.account,
        "l.subject_id = {}": filters.subject_id,
        "l.amount >= {}": filters.amount_at_least,
        "l.amount <= {}": filters.amount_at_most,
    }
    conditions = present_conditions(entry)
    if of_line := present_conditions(line):
        sql = " and ".join((_LINE, *(condition for condition, _ in of_line)))
        conditions.append((f"{sql})", tuple(value for _, (value,) in of_line)))
    return conditions
