"""Store credit: issued and deducted by staff, kept by the ledger, one of each customer."""

import asyncio
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person
from domains.kernel.text.validation import Required
from domains.ledger.errors import BalanceTooLow
from domains.payment import personal_data
from tests.domains.payment.gift_cards.issuer import Issuer


@pytest.fixture(autouse=True)
async def _unbroken(issuer: Issuer) -> Any:
    yield
    assert await issuer.broken() == []


async def give(issuer: Issuer, amount: str, user_id: UUID) -> None:
    await issuer.do(lambda tx: issuer.payments.store_credits.issue(tx, user_id, Decimal(amount), "sorry"))


async def test_issued_credit_is_a_liability_and_an_expense(issuer: Issuer, customer: UUID) -> None:
    await give(issuer, "20.00", customer)
    await give(issuer, "5.00", customer)
    credits_ = issuer.payments.store_credits
    await issuer.do(lambda tx: credits_.deduct(tx, customer, Decimal("24.50"), "a mistake"))
    assert await issuer.credit(customer) == Decimal("0.50")
    assert await issuer.ledger() == [
        ("STORE_CREDIT_ADJUSTMENT", "6200", "DEBIT", Decimal(20)),
        ("STORE_CREDIT_ADJUSTMENT", "2200", "CREDIT", Decimal(20)),
        ("STORE_CREDIT_ADJUSTMENT", "6200", "DEBIT", Decimal(5)),
        ("STORE_CREDIT_ADJUSTMENT", "2200", "CREDIT", Decimal(5)),
        ("STORE_CREDIT_ADJUSTMENT", "6200", "CREDIT", Decimal("24.50")),
        ("STORE_CREDIT_ADJUSTMENT", "2200", "DEBIT", Decimal("24.50")),
    ]
    assert await issuer.audit() == [
        ("STORE_CREDIT_ADJUSTED", Decimal(20), True),
        ("STORE_CREDIT_ADJUSTED", Decimal(5), True),
        ("STORE_CREDIT_ADJUSTED", Decimal("-24.50"), True),
    ]
    assert await issuer.topics() == ["store_credit.adjusted"] * 3


async def test_wrong_changes_are_refused(issuer: Issuer, customer: UUID) -> None:
    credits_ = issuer.payments.store_credits
    for amount, reason, error in (
        ("0", "x", OutOfRange),
        ("-1", "x", OutOfRange),
        ("0.001", "x", InvalidInput),
        ("1", "", Required),
    ):
        for change in (credits_.issue, credits_.deduct):
            with pytest.raises(error):
                await issuer.do(partial(change, user_id=customer, amount=Decimal(amount), reason=reason))
    with pytest.raises(BalanceTooLow):
        await issuer.do(lambda tx: credits_.deduct(tx, customer, Decimal(1), "x"))
    assert await issuer.payments.store_credits.of_users(issuer.reader, [customer]) == []
    await give(issuer, "999999999999999.99", customer)
    with pytest.raises(OutOfRange):
        await give(issuer, "0.01", customer)


async def test_parallel_first_issues_share_one_row(issuer: Issuer, customer: UUID) -> None:
    await asyncio.gather(*[give(issuer, "1.00", customer) for _ in range(5)])
    assert await issuer.credit(customer) == Decimal(5)
    assert len(await issuer.payments.store_credits.of_users(issuer.reader, [customer])) == 1


async def test_parallel_deductions_never_overdraw(issuer: Issuer, customer: UUID) -> None:
    await give(issuer, "3.00", customer)
    deduct = issuer.payments.store_credits.deduct
    taken = [issuer.do(lambda tx: deduct(tx, customer, Decimal(1), "a fee")) for _ in range(5)]
    outcomes = await asyncio.gather(*taken, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BalanceTooLow"] * 2 + ["StoreCreditRow"] * 3


async def test_another_company_has_its_own_credit(
    issuer: Issuer, database: Database, other_company: UUID, customer: UUID
) -> None:
    await give(issuer, "3.00", customer)
    (row,) = await issuer.payments.store_credits.of_users(issuer.reader, [customer])
    foreign, store_credits = database.reader(other_company), issuer.payments.store_credits
    assert await store_credits.of_users(foreign, [customer]) == []
    assert await store_credits.by_id(foreign, [row.id]) == []
    assert await store_credits.balances(foreign, [row.id]) == {row.id: Decimal(0)}


@pytest.mark.parametrize("has_own", [False, True])
async def test_a_merge_moves_the_credit_and_later_refunds(
    issuer: Issuer, order: UUID, has_own: bool, customer: UUID, other_customer: UUID
) -> None:
    await give(issuer, "30.00", customer)
    (payment,) = await issuer.spend(order, "19.90", user_id=customer)
    if has_own:
        await give(issuer, "1.00", other_customer)
    merge = partial(
        personal_data.merge_person,
        issuer.payments,
        person=Person(user_id=customer, emails=()),
        user_id=other_customer,
    )
    assert await issuer.do(merge) == 1
    own = Decimal("1.00") if has_own else Decimal(0)
    assert await issuer.credit(other_customer) == Decimal("10.10") + own
    assert await issuer.credit(customer) == Decimal(0)
    await issuer.refund(payment)
    assert await issuer.credit(other_customer) == Decimal("30.00") + own


async def test_an_erasure_leaves_the_credit_to_the_company(
    issuer: Issuer, customer: UUID, other_customer: UUID
) -> None:
    await give(issuer, "30.00", customer)
    person = Person(user_id=customer, emails=("ada@example.com",))
    erasure = Erasure(person=person, erased_id=other_customer)
    card = await issuer.card(recipient_email="ada@example.com", note="for Ada")
    exported = await personal_data.export_person(issuer.payments, issuer.reader, person)
    assert [each["balance"] for each in exported["store_credits"]] == ["30.0000"]
    assert [each["last_characters"] for each in exported["gift_cards"]] == [card.last_characters]
    assert [*exported["gift_cards"][0]].count("code_hash") == 0
    assert await issuer.do(lambda tx: personal_data.erase_person(issuer.payments, tx, erasure)) == 2
    assert await issuer.do(lambda tx: personal_data.erase_person(issuer.payments, tx, erasure)) == 0
    assert await issuer.credit(other_customer) == Decimal(0)
    stored = await issuer.stored(card)
    assert (stored.recipient_email, stored.note) == (erasure.email, None)
    assert [line for line in await issuer.ledger() if line[0] == "STORE_CREDIT_FORFEIT"] == [
        ("STORE_CREDIT_FORFEIT", "2200", "DEBIT", Decimal(30)),
        ("STORE_CREDIT_FORFEIT", "4200", "CREDIT", Decimal(30)),
    ]


async def test_nothing_is_done_for_a_person_without_credit(issuer: Issuer) -> None:
    person = Person(user_id=new_id(), emails=())
    erasure = Erasure(person=person, erased_id=new_id())
    owners = issuer.payments.store_credit_owners
    assert await issuer.do(lambda tx: owners.erase(tx, erasure)) == 0
    assert await issuer.do(lambda tx: owners.merge(tx, person, new_id())) == 0
    assert await owners.export(issuer.reader, person) == []
