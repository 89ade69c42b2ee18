"""Lists of entries: what their conditions find, and their query plans in a large ledger."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import CursorInvalid, RangeInverted
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.ledger import chart
from domains.ledger.listing import Listing
from domains.ledger.models import EntryFilter, NewEntry, Source, credit, debit
from domains.ledger.service import LedgerService
from tests.databases import Server
from tests.domains.query_plans import RowPlanReader, filling, scans, two_big_companies, whole_tables_read

PAGE: Final = PageArgs(first=20)
DAY: Final = date(2026, 5, 4)
EACH: Final = 20_000
# Entries by hand and gift cards are rare; each order has two entries.
FILL: Final = (
    """
    insert into ledger_entries (id, company_id, kind, source_kind, source_id, order_id, currency, line_count,
      booked_on, reason, performed_by, created_at)
    select md5($1 || 'e' || i)::uuid, $1::uuid, case when i % 1000 = 0 then 'ADJUSTMENT' else 'SALE' end, 'order',
      md5($1 || 's' || i)::uuid, md5($1 || 'o' || i / 2)::uuid, 'EUR', 2, current_date - i / 200,
      case when i % 1000 = 0 then 'Why' end, case when i % 1000 = 0 then $1::uuid end,
      now() - make_interval(hours => i)
    from generate_series(1, $2::int) i
    """,
    """
    insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency, subject_id)
    select e.company_id, e.id, p, case when p = 0 then '1100' when e.kind = 'SALE' then '4000' else '2100' end,
      case p when 0 then 'DEBIT' else 'CREDIT' end::ledger_side, 10, 'EUR',
      case when p = 1 and e.kind <> 'SALE' then e.id end
    from ledger_entries e cross join generate_series(0, 1) p where e.company_id = $1::text::uuid and $2 > 0
    """,
)
TABLES: Final = ("ledger_entries", "ledger_lines")


@dataclass(frozen=True, slots=True)
class Known:
    """What two entries are about."""

    card: UUID
    order_id: UUID
    user_id: UUID


@pytest.fixture
async def known(database: Database, actor: Actor, ledger: LedgerService) -> Known:
    """A sale, and a gift card that was issued by hand two days later."""
    known = Known(new_id(), new_id(), new_id())
    sale = NewEntry(
        kind="SALE",
        source=Source("order", known.order_id),
        currency="EUR",
        lines=[
            debit(chart.RECEIVABLE, Decimal(119)),
            credit(chart.SALES, Decimal(100)),
            credit(chart.TAX_PAYABLE, Decimal(19)),
        ],
        order_id=known.order_id,
        booked_on=DAY,
    )
    issued = NewEntry(
        kind="GIFT_CARD_ISSUED",
        source=Source("gift_card", known.card),
        currency="EUR",
        lines=[debit(chart.BANK, Decimal(50)), credit(chart.GIFT_CARDS, Decimal(50), subject_id=known.card)],
        reason="A present",
        performed_by=known.user_id,
        booked_on=DAY + timedelta(days=2),
    )
    for entry in (sale, issued):
        await database.run(lambda tx, each=entry: ledger.post(tx, each), actor)  # type: ignore[misc]
    return known


async def test_entries_are_found_by_each_condition(known: Known, ledger: LedgerService, reader: Reader) -> None:
    async def found(filters: EntryFilter) -> list[str]:
        return [row.kind for row in (await ledger.listing.entries(reader, PAGE, filters)).items]

    both, first, second = ["GIFT_CARD_ISSUED", "SALE"], ["SALE"], ["GIFT_CARD_ISSUED"]
    for filters, expected in (
        (EntryFilter(), both),
        (EntryFilter(kinds=["SALE"]), first),
        (EntryFilter(kinds=["SALE", "GIFT_CARD_ISSUED"]), both),
        (EntryFilter(kinds=[]), []),
        (EntryFilter(account="1100"), first),
        (EntryFilter(account="9999"), []),
        (EntryFilter(subject_id=known.card), second),
        (EntryFilter(subject_id=new_id()), []),
        (EntryFilter(order_id=known.order_id), first),
        (EntryFilter(performed_by=known.user_id), second),
        (EntryFilter(amount_at_least=Decimal(50), amount_at_most=Decimal(100)), both),
        (EntryFilter(amount_at_least=Decimal(51), amount_at_most=Decimal(99)), []),
        (EntryFilter(account="2000", amount_at_least=Decimal(19)), first),
        (EntryFilter(account="2000", amount_at_least=Decimal(20)), []),
        (EntryFilter(booked_from=DAY, booked_through=DAY), first),
        (EntryFilter(booked_from=DAY + timedelta(days=1)), second),
        (EntryFilter(booked_through=DAY - timedelta(days=1)), []),
        (EntryFilter(account="2100", subject_id=known.card, kinds=["SALE"]), []),
    ):
        assert await found(filters) == expected, filters


async def test_entries_belong_to_orders_and_sources_with_their_lines(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    order_ids = [new_id() for _ in range(3)]
    for kind, sign in (("SALE", 1), ("CANCELLATION", -1)):
        entries = [
            NewEntry(
                kind=kind,
                source=Source("order", order_id),
                currency="EUR",
                lines=[debit(chart.RECEIVABLE, Decimal(sign)), credit(chart.SALES, Decimal(sign))],
                order_id=order_id,
            )
            for order_id in order_ids
        ]
        await database.run(lambda tx, each=entries: ledger.post(tx, *each), actor)  # type: ignore[misc]
    with counting() as counts:
        found = await ledger.listing.entries_of_orders(reader, order_ids[:2])
        of_sources = await ledger.listing.entries_of_sources(reader, "order", order_ids[:2])
        lines = await ledger.listing.lines_of(reader, [entry.id for entry in found])
    assert counts.data == 3
    assert [entry.kind for entry in found] == ["SALE", "SALE", "CANCELLATION", "CANCELLATION"]
    assert of_sources == found
    assert await ledger.listing.entries_of_sources(reader, "refund", order_ids) == []
    by_entry = {
        entry.id: [(row.account, row.side.value) for row in lines if row.entry_id == entry.id] for entry in found
    }
    assert by_entry[found[0].id] == [("1100", "DEBIT"), ("4000", "CREDIT")]
    assert by_entry[found[2].id] == [("1100", "CREDIT"), ("4000", "DEBIT")]


async def test_pages_follow_each_other_in_the_order_of_posting(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader, other_company: Any
) -> None:
    for number in range(5):
        entry = NewEntry(
            kind=f"KIND_{number}",
            source=Source("order", new_id()),
            currency="EUR",
            lines=[debit(chart.BANK, Decimal(1)), credit(chart.SALES, Decimal(1))],
        )
        await database.run(lambda tx, each=entry: ledger.post(tx, each), actor)  # type: ignore[misc]
    first = await ledger.listing.entries(reader, PageArgs(first=3))
    with counting() as counts:
        rest = await ledger.listing.entries(reader, PageArgs(first=3, after=first.cursors[-1]))
    assert counts.data == 1
    assert [row.kind for row in (*first.items, *rest.items)] == [f"KIND_{number}" for number in range(4, -1, -1)]
    oldest = await ledger.listing.entries(reader, PageArgs(first=1), direction="asc")
    assert [row.kind for row in oldest.items] == ["KIND_0"]
    assert (await ledger.listing.entries(database.reader(other_company), PAGE)).items == []
    with pytest.raises(CursorInvalid):
        await ledger.listing.entries(reader, PageArgs(first=3, after=first.cursors[-1]), direction="asc")


async def test_empty_ranges_are_refused(ledger: LedgerService, reader: Reader) -> None:
    for filters, field in (
        (EntryFilter(amount_at_least=Decimal(2), amount_at_most=Decimal(1)), "amount_at_most"),
        (EntryFilter(booked_from=DAY, booked_through=DAY - timedelta(days=1)), "booked_through"),
    ):
        with pytest.raises(RangeInverted) as refusal:
            await ledger.listing.entries(reader, PAGE, filters)
        assert refusal.value.field == (field,)


@pytest.fixture(scope="module")
async def planner(server: Server) -> AsyncIterator[RowPlanReader]:
    """What plans statements in one of two big companies."""
    async with two_big_companies(server, filling(TABLES, FILL, EACH)) as (pool, company_id):
        yield RowPlanReader(pool, company_id)


Reads = Callable[[Listing, RowPlanReader], Awaitable[Any]]
READS: Final[dict[str, Reads]] = {
    "all": lambda listing, db: listing.entries(db, PAGE),
    "a rare kind": lambda listing, db: listing.entries(db, PAGE, EntryFilter(kinds=["ADJUSTMENT"])),
    "a user": lambda listing, db: listing.entries(db, PAGE, EntryFilter(performed_by=new_id())),
    "an order": lambda listing, db: listing.entries(db, PAGE, EntryFilter(order_id=new_id())),
    "an account": lambda listing, db: listing.entries(db, PAGE, EntryFilter(account="4000")),
    "a subject": lambda listing, db: listing.entries(db, PAGE, EntryFilter(subject_id=new_id())),
    "a day": lambda listing, db: listing.entries(
        db,
        PAGE,
        EntryFilter(booked_from=date.today() - timedelta(60), booked_through=date.today() - timedelta(60)),  # noqa: DTZ011
    ),
    "orders": lambda listing, db: listing.entries_of_orders(db, [new_id(), new_id()]),
    "sources": lambda listing, db: listing.entries_of_sources(db, "order", [new_id(), new_id()]),
    "lines": lambda listing, db: listing.lines_of(db, [new_id(), new_id()]),
}


@pytest.mark.parametrize("name", READS)
async def test_each_list_is_read_from_an_index(planner: RowPlanReader, name: str) -> None:
    planner.plans = []
    await READS[name](Listing(), planner)
    assert scans(planner, TABLES) != []
    assert whole_tables_read(planner, TABLES) == []
    assert all(plan["Total Cost"] < 400 for plan in planner.plans), planner.plans
