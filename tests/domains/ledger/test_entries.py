"""Entries balance, in the currency of the company, once for each source, and never change."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.errors import TooManyDecimals
from domains.kernel.ids import new_id
from domains.ledger import chart
from domains.ledger.errors import EntryCurrencyMismatch, EntryUnbalanced
from domains.ledger.models import Account, LedgerAccountType, NewEntry, NewLine, Source, credit, debit
from domains.ledger.service import LedgerService

LINES = """
select l.account, l.side::text, l.amount, l.subject_id from ledger_lines l
where l.company_id = $1 order by l.entry_id, l.position
"""
INSERT_LINE = """
insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency)
values ($1, $2, $3, $4, $5::ledger_side, $6, $7)
"""
INSERT_ENTRY = """
insert into ledger_entries (id, company_id, kind, source_kind, source_id, currency, line_count, booked_on)
values ($1, $2, 'SALE', 'order', $1, $3, 2, '2026-01-01')
"""


def entry(*lines: NewLine, currency: str = "EUR") -> NewEntry:
    return NewEntry(kind="SALE", source=Source("order", new_id()), currency=currency, lines=lines)


def sale(amount: str) -> NewEntry:
    return entry(debit(chart.RECEIVABLE, Decimal(amount)), credit(chart.SALES, Decimal(amount)))


def gift(card: UUID, amount: str) -> NewEntry:
    return entry(debit(chart.BANK, Decimal(amount)), credit(chart.GIFT_CARDS, Decimal(amount), subject_id=card))


async def post(database: Database, actor: Actor, ledger: LedgerService, *entries: NewEntry) -> None:
    await database.run(lambda tx: ledger.post(tx, *entries), actor)


async def test_lines_are_posted_and_their_accounts_are_added_once(
    database: Database, actor: Actor, ledger: LedgerService, owner: Any, company: UUID
) -> None:
    await post(database, actor, ledger, sale("119.00"), sale("-19.00"))
    await post(database, actor, ledger, sale("0"))
    assert [tuple(row) for row in await owner.fetch(LINES, company)] == [
        ("1100", "DEBIT", Decimal(119), None),
        ("4000", "CREDIT", Decimal(119), None),
        ("1100", "CREDIT", Decimal(19), None),
        ("4000", "DEBIT", Decimal(19), None),
    ]
    accounts = await owner.fetch(
        "select code, name, type::text from ledger_accounts where company_id = $1 order by 1", company
    )
    assert [tuple(row) for row in accounts] == [("1100", "Accounts receivable", "ASSET"), ("4000", "Sales", "INCOME")]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (entry(debit(chart.BANK, Decimal(10)), credit(chart.SALES, Decimal(9))), EntryUnbalanced),
        (entry(debit(chart.BANK, Decimal(10))), EntryUnbalanced),
        (
            entry(debit(chart.BANK, Decimal(10)), credit(chart.SALES, Decimal(10)), currency="USD"),
            EntryCurrencyMismatch,
        ),
        (entry(debit(chart.BANK, Decimal("0.001")), credit(chart.SALES, Decimal("0.001"))), TooManyDecimals),
    ],
)
async def test_a_wrong_entry_is_refused(
    database: Database,
    actor: Actor,
    ledger: LedgerService,
    owner: Any,
    company: UUID,
    refused: NewEntry,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        await post(database, actor, ledger, sale("5.00"), refused)
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 0


async def test_a_source_has_one_entry_of_each_kind(
    database: Database, actor: Actor, ledger: LedgerService, owner: Any, company: UUID
) -> None:
    posted = sale("5.00")
    await post(database, actor, ledger, posted, replace(posted, kind="CANCELLATION"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await post(database, actor, ledger, posted)
    assert await owner.fetchval("select count(*) from ledger_entries where company_id = $1", company) == 2


async def test_the_database_refuses_what_does_not_balance(
    owner: Any, company: UUID, database: Database, actor: Actor, ledger: LedgerService
) -> None:
    await post(database, actor, ledger, sale("5.00"))
    posted = await owner.fetchval("select id from ledger_entries where company_id = $1", company)
    for late in ("1100", "9999"):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(INSERT_LINE, company, posted, 2, late, "DEBIT", Decimal(1), "EUR")
    with pytest.raises(asyncpg.CheckViolationError, match="no lines"):
        await owner.execute(INSERT_ENTRY, new_id(), company, "EUR")
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await owner.execute(INSERT_LINE, company, posted, 2, "1100", "DEBIT", Decimal(1), "USD")


@pytest.mark.parametrize(
    ("currency", "accounts", "amounts", "error"),
    [
        ("EUR", ("1100", "4000"), (Decimal(2), Decimal(1)), asyncpg.CheckViolationError),
        ("USD", ("1100", "4000"), (Decimal(1), Decimal(1)), asyncpg.CheckViolationError),
        ("EUR", ("1100", "9999"), (Decimal(1), Decimal(1)), asyncpg.ForeignKeyViolationError),
    ],
)
async def test_an_entry_of_one_statement_is_compared_too(
    owner: Any,
    company: UUID,
    database: Database,
    actor: Actor,
    ledger: LedgerService,
    currency: str,
    accounts: tuple[str, str],
    amounts: tuple[Decimal, Decimal],
    error: type[Exception],
) -> None:
    await post(database, actor, ledger, sale("5.00"))
    statement = f"""
        with e as ({INSERT_ENTRY} returning *)
        insert into ledger_lines (company_id, entry_id, position, account, side, amount, currency)
        values ($2, $1, 0, $4, 'DEBIT', $5, $3), ($2, $1, 1, $6, 'CREDIT', $7, $3)
    """  # noqa: S608 - a constant
    with pytest.raises(error):
        await owner.execute(statement, new_id(), company, currency, accounts[0], amounts[0], accounts[1], amounts[1])


async def test_requests_change_and_delete_nothing(
    database: Database, actor: Actor, ledger: LedgerService, company: UUID
) -> None:
    await post(database, actor, ledger, sale("5.00"))
    for text in (
        "update ledger_entries set kind = 'OTHER' where company_id = $1",
        "update ledger_lines set amount = 1 where company_id = $1",
        "delete from ledger_lines where company_id = $1",
        "delete from ledger_entries where company_id = $1",
        "delete from ledger_accounts where company_id = $1",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.run(lambda tx, sql=text: tx.execute(sql, company), actor)  # type: ignore[misc]


async def test_subjects_have_balances(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    card, other, unknown = new_id(), new_id(), new_id()
    await post(database, actor, ledger, gift(card, "50.00"), gift(other, "20.00"))
    await post(database, actor, ledger, gift(card, "-20.50"))
    balances = await ledger.balances.of(reader, chart.GIFT_CARDS, [card, other, unknown])
    assert balances == {card: Decimal("29.50"), other: Decimal(20), unknown: Decimal(0)}
    locked = await database.run(lambda tx: ledger.balances.lock(tx, chart.GIFT_CARDS, [other, unknown]), actor)
    assert locked == {other: Decimal(20), unknown: Decimal(0)}


async def test_a_balance_is_never_negative(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    card = new_id()
    await post(database, actor, ledger, gift(card, "50.00"))
    for overdrawn in (gift(card, "-50.01"), gift(new_id(), "-0.01")):
        with pytest.raises(asyncpg.CheckViolationError):
            await post(database, actor, ledger, overdrawn)
    assert await ledger.balances.of(reader, chart.GIFT_CARDS, [card]) == {card: Decimal(50)}


async def test_two_spends_of_one_balance_do_not_both_succeed(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    card = new_id()
    await post(database, actor, ledger, gift(card, "50.00"))
    spends = [post(database, actor, ledger, gift(card, "-20.00")) for _ in range(4)]
    results = await asyncio.gather(*spends, return_exceptions=True)
    assert sum(isinstance(result, asyncpg.CheckViolationError) for result in results) == 2
    assert await ledger.balances.of(reader, chart.GIFT_CARDS, [card]) == {card: Decimal(10)}


async def test_postings_to_one_account_do_not_wait_for_each_other(
    database: Database, actor: Actor, ledger: LedgerService, owner: Any, company: UUID
) -> None:
    await post(database, actor, ledger, sale("1.00"))
    async with database.transaction(actor) as first:
        await ledger.post(first, sale("2.00"))
        await first.flush()
        async with asyncio.timeout(20):
            await post(database, actor, ledger, sale("3.00"))
    amounts = await owner.fetch("select amount from ledger_lines where company_id = $1 and side = 'DEBIT'", company)
    assert sorted(row["amount"] for row in amounts) == [Decimal(1), Decimal(2), Decimal(3)]


async def test_a_negative_account_grows_on_its_own_side(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    debts = Account("1150", "Debts", LedgerAccountType.ASSET)
    customer = new_id()
    await post(
        database, actor, ledger, entry(debit(debts, Decimal(7), subject_id=customer), credit(chart.SALES, Decimal(7)))
    )
    assert await ledger.balances.of(reader, debts, [customer]) == {customer: Decimal(7)}
