"""Adjustments balance, name who posted them and why, and are reversed once; entries of the platform never are."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, InvalidInput, OutOfRange, TooMany, TooManyDecimals, Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.validation import ValidationErrors
from domains.ledger import chart
from domains.ledger.errors import (
    AccountNotAdjustable,
    EntryAlreadyReversed,
    EntryNotReversible,
    EntryUnbalanced,
    LedgerAccountNotFound,
    LedgerEntryNotFound,
)
from domains.ledger.models import (
    Account,
    AdjustmentLine,
    LedgerAccountType,
    LedgerEntry,
    LedgerSide,
    NewAdjustment,
    NewEntry,
    Source,
    credit,
    debit,
)
from domains.ledger.service import LedgerService
from tests.domains.actors import administrator

D, C = LedgerSide.DEBIT, LedgerSide.CREDIT
LINES: Final = """
select l.account, l.side::text, l.amount, l.tax_rate, l.country from ledger_lines l
where l.company_id = $1 and l.entry_id = $2 order by l.position
"""
EVENTS: Final = (
    "select payload from outbox_events where company_id = $1 and topic = 'ledger.adjusted' order by sequence"
)


def line(account: str, side: LedgerSide, amount: str, **tax: Any) -> AdjustmentLine:
    return AdjustmentLine(account, side, Decimal(amount), **tax)


def adjustment(*lines: AdjustmentLine, **given: Any) -> NewAdjustment:
    return NewAdjustment(lines=lines, **{"reason": "Bank fee of May", **given})


FEE: Final = (line("6000", D, "2.50"), line("1000", C, "2.50"))


class Bookkeeper:
    """The ledger of a company, as its administrator posts to it."""

    def __init__(self, ledger: LedgerService, database: Database, company: UUID) -> None:
        self.ledger = ledger
        self.database = database
        self.actor: Actor = administrator(company)

    async def post(self, new: NewAdjustment) -> LedgerEntry:
        return await self.database.run(lambda tx: self.ledger.adjustments.create(tx, new), self.actor)

    async def reverse(self, entry_id: UUID, reason: str = "A mistake") -> LedgerEntry:
        return await self.database.run(lambda tx: self.ledger.adjustments.reverse(tx, entry_id, reason), self.actor)

    async def refused(self, new: NewAdjustment) -> list[tuple[type[DomainError], Sequence[str]]]:
        """The errors of an adjustment, with their fields."""
        with pytest.raises(DomainError) as refusal:
            await self.post(new)
        error = refusal.value
        errors = error.errors if isinstance(error, ValidationErrors) else (error,)
        return [(type(each), each.field) for each in errors]


@pytest.fixture
def bookkeeper(ledger: LedgerService, database: Database, company: UUID) -> Bookkeeper:
    return Bookkeeper(ledger, database, company)


async def test_an_adjustment_says_who_posted_it_and_why(bookkeeper: Bookkeeper, owner: Any, company: UUID) -> None:
    tax = {"tax_rate": Decimal("0.19"), "country": "de"}
    order_id = new_id()
    with counting() as counts:
        posted = await bookkeeper.post(
            adjustment(
                line("4000", D, "10.00", **tax),
                line("2000", D, "1.90", **tax),
                line("4900", C, "11.90"),
                order_id=order_id,
                reason="  A goodwill gesture ",
            )
        )
    assert counts.data == 4  # the company, the accounts, the entry, the event
    assert (posted.kind, posted.reason, posted.performed_by, posted.order_id) == (
        "ADJUSTMENT",
        "A goodwill gesture",
        bookkeeper.actor.user_id,
        order_id,
    )
    assert [tuple(row) for row in await owner.fetch(LINES, company, posted.id)] == [
        ("4000", "DEBIT", Decimal(10), Decimal("0.19"), "DE"),
        ("2000", "DEBIT", Decimal("1.90"), Decimal("0.19"), "DE"),
        ("4900", "CREDIT", Decimal("11.90"), None, None),
    ]
    assert [row[0] for row in await owner.fetch(EVENTS, company)] == [
        {"entry_id": str(posted.id), "order_id": str(order_id), "reversed_entry_id": None}
    ]


async def test_a_reversal_posts_the_lines_on_the_other_sides(
    bookkeeper: Bookkeeper, owner: Any, company: UUID
) -> None:
    posted = await bookkeeper.post(adjustment(*FEE, booked_on=None))
    back = await bookkeeper.reverse(posted.id)
    assert (back.kind, back.source_kind, back.source_id, back.reason) == (
        "ADJUSTMENT_REVERSAL",
        "ledger_entry",
        posted.id,
        "A mistake",
    )
    assert [tuple(row)[:3] for row in await owner.fetch(LINES, company, back.id)] == [
        ("6000", "CREDIT", Decimal("2.50")),
        ("1000", "DEBIT", Decimal("2.50")),
    ]
    events = [row[0] for row in await owner.fetch(EVENTS, company)]
    assert [each["reversed_entry_id"] for each in events] == [None, str(posted.id)]
    with pytest.raises(EntryAlreadyReversed):
        await bookkeeper.reverse(posted.id)
    with pytest.raises(EntryNotReversible):
        await bookkeeper.reverse(back.id)


async def test_of_reversals_at_once_one_is_posted(bookkeeper: Bookkeeper, owner: Any, company: UUID) -> None:
    posted = await bookkeeper.post(adjustment(*FEE))
    results = await asyncio.gather(*(bookkeeper.reverse(posted.id) for _ in range(6)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["EntryAlreadyReversed"] * 5 + ["LedgerEntryRow"]
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 2
    assert len(await owner.fetch(EVENTS, company)) == 2


async def test_adjustments_at_once_add_their_accounts_once(bookkeeper: Bookkeeper, owner: Any, company: UUID) -> None:
    posted = await asyncio.gather(*(bookkeeper.post(adjustment(*FEE)) for _ in range(6)))
    assert len({entry.id for entry in posted}) == 6
    codes = await owner.fetch("select code from ledger_accounts where company_id = $1 order by 1", company)
    assert [row["code"] for row in codes] == ["1000", "6000"]


async def test_entries_of_the_platform_and_unknown_ones_are_not_reversed(
    bookkeeper: Bookkeeper, owner: Any, company: UUID, other_company: UUID
) -> None:
    sale = NewEntry(
        kind="SALE",
        source=Source("order", new_id()),
        currency="EUR",
        lines=[debit(chart.RECEIVABLE, Decimal(5)), credit(chart.SALES, Decimal(5))],
    )
    await bookkeeper.database.run(lambda tx: bookkeeper.ledger.post(tx, sale), bookkeeper.actor)
    of_platform = await owner.fetchval("select id from ledger_entries where company_id = $1", company)
    with pytest.raises(EntryNotReversible):
        await bookkeeper.reverse(of_platform)
    with pytest.raises(LedgerEntryNotFound):
        await bookkeeper.reverse(new_id())
    posted = await bookkeeper.post(adjustment(*FEE))
    with pytest.raises(LedgerEntryNotFound):
        await Bookkeeper(bookkeeper.ledger, bookkeeper.database, other_company).reverse(posted.id)
    with pytest.raises(ValidationErrors):
        await bookkeeper.reverse(new_id(), " ")
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 2


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (adjustment(line("6000", D, "2.50"), line("1000", C, "2.49")), [(EntryUnbalanced, ("lines",))]),
        (adjustment(line("6000", D, "2.50")), [(EntryUnbalanced, ("lines",))]),
        (adjustment(), [(EntryUnbalanced, ("lines",))]),
        (adjustment(*[line("1000", D, "1"), line("1000", C, "1")] * 26), [(TooMany, ("lines",))]),
        (
            adjustment(
                line("9999", D, "0"),
                line("1000", C, "0.001"),
                line("2100", C, "-1"),
                line("2200", D, "1"),
                reason=" ",
            ),
            [
                (Required, ("reason",)),
                (LedgerAccountNotFound, ("lines", "0", "account")),
                (OutOfRange, ("lines", "0", "amount")),
                (TooManyDecimals, ("lines", "1", "amount")),
                (AccountNotAdjustable, ("lines", "2", "account")),
                (OutOfRange, ("lines", "2", "amount")),
                (AccountNotAdjustable, ("lines", "3", "account")),
            ],
        ),
        (
            adjustment(
                line("4000", D, "1", tax_rate=Decimal(1), country="Mars"),
                line("4000", C, "1", tax_rate=Decimal("0.1234567")),
                reason="x" * 1_001,
            ),
            [
                (TooLong, ("reason",)),
                (OutOfRange, ("lines", "0", "tax_rate")),
                (InvalidInput, ("lines", "0", "country")),
                (TooManyDecimals, ("lines", "1", "tax_rate")),
            ],
        ),
        (
            adjustment(line("1100", D, "1"), line("4000", C, "1"), order_id=new_id()),
            [(AccountNotAdjustable, ("lines", "0", "account"))],
        ),
    ],
)
async def test_a_wrong_adjustment_is_refused_at_its_fields(
    bookkeeper: Bookkeeper,
    owner: Any,
    company: UUID,
    new: NewAdjustment,
    expected: list[tuple[type[DomainError], Sequence[str]]],
) -> None:
    assert await bookkeeper.refused(new) == expected
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 0


async def test_the_difference_of_an_unbalanced_entry_is_told(bookkeeper: Bookkeeper) -> None:
    with pytest.raises(EntryUnbalanced, match=r"differ by 2\.01 EUR") as refusal:
        await bookkeeper.post(adjustment(line("6000", D, "2.50"), line("1000", C, "4.51")))
    assert (refusal.value.difference, refusal.value.currency) == (Decimal("-2.01"), "EUR")


async def test_what_is_owed_without_an_order_is_adjusted(bookkeeper: Bookkeeper, reader: Reader) -> None:
    await bookkeeper.post(adjustment(line("1100", D, "7"), line("1900", C, "7")))
    totals = await bookkeeper.ledger.accounts.totals(reader, ["1100", "1900"])
    assert {code: each.balance for code, each in totals.items()} == {"1100": Decimal(7), "1900": Decimal(-7)}


async def test_an_account_that_is_held_for_subjects_is_not_adjusted(bookkeeper: Bookkeeper) -> None:
    debts = Account("1150", "Debts", LedgerAccountType.ASSET)
    entry = NewEntry(
        kind="DEBT",
        source=Source("debt", new_id()),
        currency="EUR",
        lines=[debit(debts, Decimal(7), subject_id=new_id()), credit(chart.SALES, Decimal(7))],
    )
    await bookkeeper.database.run(lambda tx: bookkeeper.ledger.post(tx, entry), bookkeeper.actor)
    refused = await bookkeeper.refused(adjustment(line("1150", C, "1"), line("1000", D, "1")))
    assert refused == [(AccountNotAdjustable, ("lines", "0", "account"))]


async def test_an_adjustment_is_booked_within_ninety_days(
    bookkeeper: Bookkeeper, clock: FixedClock, owner: Any, company: UUID
) -> None:
    await owner.execute("update companies set time_zone = 'Pacific/Auckland' where id = $1", company)
    bookkeeper.database = Database(bookkeeper.database._pool, clock)
    today = (clock.now() + timedelta(hours=13)).date()
    assert today == clock.now().date() + timedelta(days=1)
    days = [today, today - timedelta(days=90)]
    assert [(await bookkeeper.post(adjustment(*FEE, booked_on=day))).booked_on for day in days] == days
    assert (await bookkeeper.post(adjustment(*FEE))).booked_on == today
    for day in (today + timedelta(days=1), today - timedelta(days=91), date(1, 1, 1), date(9999, 12, 31)):
        assert await bookkeeper.refused(adjustment(*FEE, booked_on=day)) == [(OutOfRange, ("booked_on",))]


async def test_the_platform_itself_adjusts_nothing(bookkeeper: Bookkeeper, company: UUID) -> None:
    bookkeeper.actor = Actor.system(company)
    with pytest.raises(Unauthenticated):
        await bookkeeper.post(adjustment(*FEE))


async def test_the_database_refuses_an_adjustment_without_a_reason(
    bookkeeper: Bookkeeper, owner: Any, company: UUID
) -> None:
    posted = await bookkeeper.post(adjustment(*FEE))
    for column in ("reason", "performed_by"):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(
                f"update ledger_entries set {column} = null where company_id = $1 and id = $2",  # noqa: S608 - a name
                company,
                posted.id,
            )


async def test_a_process_that_dies_before_the_end_posts_nothing(
    bookkeeper: Bookkeeper, owner: Any, company: UUID
) -> None:
    async def dies(tx: Tx) -> None:
        await bookkeeper.ledger.adjustments.create(tx, adjustment(*FEE))
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await bookkeeper.database.run(dies, bookkeeper.actor)
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 0
    assert await owner.fetch(EVENTS, company) == []
