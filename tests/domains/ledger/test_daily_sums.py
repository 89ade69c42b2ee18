"""The sums of days are exact at any moment: before the job, after it, and while two jobs run."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.ledger import chart, daily_sums
from domains.ledger.models import LedgerAccountType, Totals, credit, debit
from tests.domains.ledger.postings import NINETEEN, SEVEN, Books, entry, sale

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
CODES = (chart.RECEIVABLE.code, chart.SALES.code, chart.BANK.code)


def totals(debits: str, credits: str) -> Totals:
    return Totals(Decimal(debits), Decimal(credits))


async def test_lines_are_added_up_by_day_account_rate_and_country(books: Books) -> None:
    await books.post(*sale("100.00", "19.00"), on=MONDAY)
    await books.post(*sale("50.00", "9.50"), on=MONDAY)
    await books.post(*sale("-10.00", "-1.90"), on=MONDAY)
    await books.post(*sale("10.00", "0.70", rate=SEVEN, country="FR"), on=TUESDAY)
    assert await books.waiting() == 4
    assert await books.add_up() == 12
    assert await books.waiting() == 0
    assert await books.sums() == [
        ("1100", MONDAY, None, None, Decimal("178.50"), Decimal("11.90"), 3),
        ("1100", TUESDAY, None, None, Decimal("10.70"), Decimal(0), 1),
        ("2000", MONDAY, NINETEEN, "DE", Decimal("1.90"), Decimal("28.50"), 3),
        ("2000", TUESDAY, SEVEN, "FR", Decimal(0), Decimal("0.70"), 1),
        ("4000", MONDAY, NINETEEN, "DE", Decimal(10), Decimal(150), 3),
        ("4000", TUESDAY, SEVEN, "FR", Decimal(0), Decimal(10), 1),
    ]
    assert await books.broken() == []


async def test_totals_are_the_same_before_and_after_the_job(books: Books) -> None:
    expected = {"1100": totals("129.70", "0"), "4000": totals("0", "110"), "1000": totals("0", "0")}
    await books.post(*sale("100.00", "19.00"), on=MONDAY)
    await books.add_up()
    await books.post(*sale("10.00", "0.70", rate=SEVEN), on=TUESDAY)
    with counting() as count:
        assert await books.ledger.daily_sums.totals(books.reader, CODES) == expected
    assert count.data == 1
    await books.add_up()
    assert await books.ledger.daily_sums.totals(books.reader, CODES) == expected
    until_monday = await books.ledger.daily_sums.totals(books.reader, CODES, MONDAY)
    assert until_monday == {"1100": totals("119", "0"), "4000": totals("0", "100"), "1000": totals("0", "0")}


async def test_a_balance_is_on_the_side_on_which_the_account_grows(books: Books) -> None:
    await books.post(*sale("100.00", "19.00"))
    found = await books.ledger.daily_sums.totals(books.reader, CODES)
    assert found["1100"].balance(LedgerAccountType.ASSET) == Decimal(119)
    assert found["4000"].balance(LedgerAccountType.INCOME) == Decimal(100)


async def test_the_job_works_in_batches_and_is_cheap_without_work(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily_sums, "ENTRIES", 2)
    for _ in range(5):
        await books.post(*sale("1.00", "0.19"), on=MONDAY)
    batches = [await books.database.run(books.ledger.daily_sums.add_entries, books.actor) for _ in range(3)]
    assert batches == [6, 6, 3]
    with counting() as count:
        assert await books.add_up() == 0
    assert count.data == 1
    assert await books.sums() == [
        ("1100", MONDAY, None, None, Decimal("5.95"), Decimal(0), 5),
        ("2000", MONDAY, NINETEEN, "DE", Decimal(0), Decimal("0.95"), 5),
        ("4000", MONDAY, NINETEEN, "DE", Decimal(0), Decimal(5), 5),
    ]


async def test_two_jobs_at_once_add_each_entry_once(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_sums, "ENTRIES", 3)
    for number in range(12):
        await books.post(*sale("1.00", "0.19", country=("DE", "FR")[number % 2]), on=MONDAY)
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(books.add_up()) for _ in range(4)]
        posting = group.create_task(books.post(*sale("1.00", "0.19"), on=MONDAY))
    assert posting.done()
    assert sum(job.result() for job in jobs) + await books.add_up() == 39
    assert await books.broken() == []
    assert [row[-1] for row in await books.sums()] == [13, 7, 6, 7, 6]


async def test_totals_are_exact_while_jobs_run(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_sums, "ENTRIES", 1)
    for number in range(20):
        await books.post(*sale("1.00", "0.19"), on=(MONDAY, TUESDAY)[number % 2])
    found = []
    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(books.add_up()) for _ in range(2)]
        while not all(job.done() for job in jobs):
            found.append((await books.ledger.daily_sums.totals(books.reader, CODES))["1100"])
    assert await books.add_up() + sum(job.result() for job in jobs) == 60
    assert set(found) == {totals("23.80", "0")}


async def test_a_job_that_dies_between_its_statements_changes_nothing(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    await books.post(*sale("1.00", "0.19"), on=MONDAY)
    execute = Tx.execute

    async def dies(tx: Tx, sql: str, *args: Any) -> int:
        changed = await execute(tx, sql, *args)
        assert sql == daily_sums.ADD
        assert changed == 3
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(Tx, "execute", dies)
        with pytest.raises(ConnectionResetError):
            await books.add_up()
    assert (await books.waiting(), await books.sums(), await books.broken()) == (1, [], [])
    assert await books.add_up() == 3
    assert await books.broken() == []


async def test_a_posting_does_not_wait_for_the_job_nor_the_job_for_it(books: Books) -> None:
    await books.post(*sale("1.00", "0.19"), on=MONDAY)
    await books.add_up()
    await books.post(*sale("2.00", "0.38"), on=MONDAY)
    async with asyncio.timeout(20), books.database.transaction(books.actor) as job:
        assert await books.ledger.daily_sums.add_entries(job) == 3
        await books.post(*sale("3.00", "0.57"), on=MONDAY)
    async with asyncio.timeout(20), books.database.transaction(books.actor) as posting:
        await books.ledger.post(posting, entry(*sale("4.00", "0.76"), on=MONDAY))
        await posting.flush()
        assert await books.add_up() == 3
    assert await books.add_up() == 3
    assert (await books.sums())[0] == ("1100", MONDAY, None, None, Decimal("11.90"), Decimal(0), 4)


BREAKS = {
    "a changed amount": "update ledger_daily_sums set debit = debit + 1 where company_id = $1 and account = '1100'",
    "a changed number": "update ledger_daily_sums set line_count = 9 where company_id = $1 and account = '1100'",
    "another rate": "update ledger_daily_sums set tax_rate = 0.2 where company_id = $1 and account = '4000'",
    "another day": "update ledger_daily_sums set booked_on = '2026-03-09' where company_id = $1 and account = '1000'",
    "a lost sum": "delete from ledger_daily_sums where company_id = $1 and account = '2000'",
    "a lost entry": "delete from ledger_unsummed_entries where company_id = $1",
    "an entry that would be added twice": (
        "insert into ledger_unsummed_entries select company_id, id, booked_on from ledger_entries "
        "where company_id = $1 on conflict do nothing"
    ),
    "another day of a waiting entry": (
        "update ledger_unsummed_entries set booked_on = '2026-03-09' where company_id = $1"
    ),
}
MADE_AGAIN = (
    "delete from ledger_daily_sums where company_id = $1",
    (
        "insert into ledger_unsummed_entries select company_id, id, booked_on from ledger_entries "
        "where company_id = $1 on conflict (company_id, entry_id) do update set booked_on = excluded.booked_on"
    ),
)


@pytest.mark.parametrize("damage", BREAKS)
async def test_the_doctor_finds_wrong_sums_and_they_can_be_made_again(
    books: Books, company: UUID, damage: str
) -> None:
    await books.post(*sale("100.00", "19.00"), on=MONDAY)
    await books.post(debit(chart.BANK, Decimal(5)), credit(chart.RECEIVABLE, Decimal(5)), on=MONDAY)
    await books.add_up()
    await books.post(*sale("100.00", "19.00"), on=TUESDAY)
    assert await books.broken() == []
    await books.owner.execute(BREAKS[damage], company)
    assert await books.broken() != []
    for statement in MADE_AGAIN:
        await books.owner.execute(statement, company)
    await books.add_up()
    assert await books.broken() == []


async def test_companies_have_sums_of_their_own(
    books: Books, other_company: UUID, database: Database, owner: Any, clock: FixedClock
) -> None:
    other = Books.of(database, Actor.system(other_company), owner, clock)
    await books.post(*sale("100.00", "19.00"), on=MONDAY)
    await other.post(*sale("1.00", "0.19"), on=MONDAY)
    assert await other.add_up() == 3
    assert await books.waiting() == 1
    found = await other.ledger.daily_sums.totals(other.reader, CODES)
    assert found["4000"] == totals("0", "1")
    assert await books.add_up() == 3


async def test_sums_can_be_larger_than_any_amount_of_a_line(books: Books) -> None:
    most = Decimal("999999999999999.99")
    for _ in range(2):
        await books.post(debit(chart.BANK, most), credit(chart.SALES, most), on=MONDAY)
    expected = {"1000": Totals(2 * most, Decimal(0)), "4000": Totals(Decimal(0), 2 * most)}
    assert await books.ledger.daily_sums.totals(books.reader, ["1000", "4000"]) == expected
    assert await books.add_up() == 4
    assert await books.ledger.daily_sums.totals(books.reader, ["1000", "4000"]) == expected
    assert await books.broken() == []
