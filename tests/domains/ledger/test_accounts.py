"""Accounts of a company's own have codes that no account of the platform can have; sums are read by one statement."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.validation import ValidationErrors
from domains.ledger import chart
from domains.ledger.errors import LedgerAccountCodeInvalid, LedgerAccountCodeTaken, LedgerAccountNotFound
from domains.ledger.models import (
    AccountTotals,
    LedgerAccount,
    LedgerAccountType,
    NewEntry,
    NewLine,
    Source,
    credit,
    debit,
)
from domains.ledger.service import LedgerService

T = LedgerAccountType


async def create(
    database: Database, actor: Actor, ledger: LedgerService, code: str, name: str = "Petty cash", kind: T = T.ASSET
) -> LedgerAccount:
    return await database.run(lambda tx: ledger.accounts.create(tx, code, name, kind), actor)


async def post(database: Database, actor: Actor, ledger: LedgerService, *lines: NewLine) -> None:
    entry = NewEntry(kind="SALE", source=Source("order", new_id()), currency="EUR", lines=lines)
    await database.run(lambda tx: ledger.post(tx, entry), actor)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("10000", T.ASSET), ("29999999", T.LIABILITY), ("30000", T.EQUITY), ("40000", T.INCOME), ("70000", T.EXPENSE)],
)
async def test_an_account_is_added(
    database: Database, actor: Actor, ledger: LedgerService, code: str, kind: T
) -> None:
    added = await create(database, actor, ledger, f" {code}", "  Petty cash ", kind)
    assert (added.code, added.name, added.type) == (code, "Petty cash", kind)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1000", T.ASSET),
        ("1200.STRIPE", T.ASSET),
        ("1200.X", T.ASSET),
        ("20000", T.ASSET),
        ("10000", T.EXPENSE),
        ("00000", T.ASSET),
        ("123456789", T.ASSET),
        ("1000O", T.ASSET),
        ("\u0661\u0660\u0660\u0660\u0660", T.ASSET),
        ("", T.ASSET),
    ],
)
async def test_codes_of_the_platform_and_of_other_types_are_refused(
    database: Database, actor: Actor, ledger: LedgerService, owner: Any, company: UUID, code: str, kind: T
) -> None:
    with pytest.raises(LedgerAccountCodeInvalid) as refusal:
        await create(database, actor, ledger, code, kind=kind)
    assert refusal.value.field == ("code",)
    assert await owner.fetchval("select count(*) from ledger_accounts where company_id = $1", company) == 0


async def test_code_and_name_are_refused_together(database: Database, actor: Actor, ledger: LedgerService) -> None:
    with pytest.raises(ValidationErrors) as refusal:
        await create(database, actor, ledger, "1000", " ")
    assert [(type(each), each.field) for each in refusal.value.errors] == [
        (LedgerAccountCodeInvalid, ("code",)),
        (Required, ("name",)),
    ]


async def test_of_two_accounts_of_one_code_one_is_added(
    database: Database, actor: Actor, ledger: LedgerService
) -> None:
    results = await asyncio.gather(
        *(create(database, actor, ledger, "10000") for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, LedgerAccountCodeTaken) for result in results) == 4


async def test_companies_have_accounts_of_the_same_code(
    database: Database, actor: Actor, ledger: LedgerService, other_company: UUID, reader: Reader
) -> None:
    mine = await create(database, actor, ledger, "10000")
    await create(database, Actor.system(other_company), ledger, "10000")
    page = await ledger.accounts.find(reader, PageArgs(first=20))
    assert [account.id for account in page.items] == [mine.id]


async def test_an_account_is_renamed_and_keeps_its_name_when_it_is_posted_to(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    await post(database, actor, ledger, debit(chart.BANK, Decimal(5)), credit(chart.SALES, Decimal(5)))
    (bank,) = await ledger.accounts.by_code(reader, ["1000"])
    renamed = await database.run(lambda tx: ledger.accounts.rename(tx, bank.id, " House bank "), actor)
    assert (renamed.id, renamed.code, renamed.name) == (bank.id, "1000", "House bank")
    await post(database, actor, ledger, debit(chart.BANK, Decimal(5)), credit(chart.SALES, Decimal(5)))
    assert [account.name for account in await ledger.accounts.by_id(reader, [bank.id])] == ["House bank"]


async def test_a_wrong_name_and_an_account_of_another_company_are_refused(
    database: Database, actor: Actor, ledger: LedgerService, other_company: UUID, reader: Reader
) -> None:
    mine = await create(database, actor, ledger, "10000")
    for name, error in ((" ", Required), ("x" * 256, TooLong)):
        with pytest.raises(error):
            await database.run(lambda tx, text=name: ledger.accounts.rename(tx, mine.id, text), actor)  # type: ignore[misc]
    with pytest.raises(LedgerAccountNotFound):
        await database.run(lambda tx: ledger.accounts.rename(tx, mine.id, "Theirs"), Actor.system(other_company))
    assert [account.name for account in await ledger.accounts.by_id(reader, [mine.id])] == ["Petty cash"]


async def test_the_sums_of_accounts_are_read_by_one_statement(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    await create(database, actor, ledger, "10000")
    await post(database, actor, ledger, debit(chart.BANK, Decimal("119.50")), credit(chart.SALES, Decimal("119.50")))
    await post(database, actor, ledger, debit(chart.SALES, Decimal(20)), credit(chart.BANK, Decimal(20)))
    await post(database, actor, ledger, debit(chart.FEES, Decimal(1)), credit(chart.BANK, Decimal(1)))
    with counting() as counts:
        totals = await ledger.accounts.totals(reader, ["1000", "4000", "6000", "10000", "9999"])
    assert counts.data == 1
    assert totals == {
        "1000": AccountTotals(Decimal("119.50"), Decimal(21), Decimal("98.50"), "EUR"),
        "4000": AccountTotals(Decimal(20), Decimal("119.50"), Decimal("99.50"), "EUR"),
        "6000": AccountTotals(Decimal(1), Decimal(0), Decimal(1), "EUR"),
        "10000": AccountTotals(Decimal(0), Decimal(0), Decimal(0), "EUR"),
    }


async def test_accounts_are_listed_by_code(
    database: Database, actor: Actor, ledger: LedgerService, reader: Reader
) -> None:
    for code in ("10000", "10001", "10002"):
        await create(database, actor, ledger, code)
    first = await ledger.accounts.find(reader, PageArgs(first=2))
    rest = await ledger.accounts.find(reader, PageArgs(first=2, after=first.cursors[-1]))
    assert [account.code for account in (*first.items, *rest.items)] == ["10000", "10001", "10002"]
    last = await ledger.accounts.find(reader, PageArgs(first=1), direction="desc")
    assert [account.code for account in last.items] == ["10002"]
