"""Gift cards expire once, with what is left on them, and a refund gives them time."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.payment.gift_cards.errors import GiftCardExpired
from domains.payment.gift_cards.models import GiftCard
from tests.domains.payment.gift_cards.issuer import Issuer

YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
async def _unbroken(issuer: Issuer) -> Any:
    yield
    assert await issuer.broken() == []


async def sweep(issuer: Issuer) -> int:
    return await issuer.do(issuer.payments.gift_card_expiry.sweep)


async def expiring(issuer: Issuer, clock: FixedClock, amount: str = "50.00") -> GiftCard:
    return await issuer.card(amount, expires_at=clock.now() + YEAR)


async def test_what_is_left_becomes_income_once(issuer: Issuer, clock: FixedClock) -> None:
    card, other, disabled = await expiring(issuer, clock), await issuer.card(), await expiring(issuer, clock, "5.00")
    await issuer.do(lambda tx: issuer.payments.gift_cards.disable(tx, disabled.id))
    assert await sweep(issuer) == 0
    clock.advance(YEAR)
    assert await sweep(issuer) == 2
    assert await sweep(issuer) == 0
    assert [await issuer.balance(each) for each in (card, other, disabled)] == [Decimal(0), Decimal(50), Decimal(0)]
    assert (await issuer.ledger())[6:] == [
        ("GIFT_CARD_EXPIRY", "2100", "DEBIT", Decimal(50)),
        ("GIFT_CARD_EXPIRY", "4200", "CREDIT", Decimal(50)),
        ("GIFT_CARD_EXPIRY", "2100", "DEBIT", Decimal(5)),
        ("GIFT_CARD_EXPIRY", "4200", "CREDIT", Decimal(5)),
    ]
    assert (await issuer.topics())[4:] == ["gift_card.expired"] * 2
    assert (await issuer.stored(card)).swept_at == clock.now()


async def test_two_jobs_at_once_book_each_card_once(issuer: Issuer, clock: FixedClock) -> None:
    for _ in range(5):
        await expiring(issuer, clock)
    clock.advance(YEAR)
    assert sum(await asyncio.gather(*[sweep(issuer) for _ in range(4)])) == 5
    assert len(await issuer.ledger()) == 20


async def test_an_empty_card_expires_without_an_entry(issuer: Issuer, clock: FixedClock) -> None:
    card = await expiring(issuer, clock)
    adjust = issuer.payments.gift_cards.adjust
    await issuer.do(lambda tx: adjust(tx, card.id, Decimal(-50), "a mistake"))
    clock.advance(YEAR)
    assert await sweep(issuer) == 1
    assert len(await issuer.ledger()) == 4
    with pytest.raises(GiftCardExpired):
        await issuer.do(lambda tx: adjust(tx, card.id, Decimal(1), "a bonus"))


@pytest.mark.parametrize("is_swept", [False, True])
async def test_a_refund_to_an_expired_card_can_be_spent_for_90_days(
    issuer: Issuer, clock: FixedClock, order: UUID, is_swept: bool
) -> None:
    card = await expiring(issuer, clock)
    (payment,) = await issuer.spend(order, "19.90", [card])
    clock.advance(YEAR)
    assert await sweep(issuer) == 1 if is_swept else True
    assert await issuer.spend(order, "1.00", [card]) == []
    await issuer.refund(payment, "5.00")
    extended = await issuer.stored(card)
    assert (extended.expires_at, extended.swept_at) == (clock.now() + timedelta(days=90), None)
    assert await sweep(issuer) == 0
    left = Decimal("5.00") if is_swept else Decimal("35.10")
    assert await issuer.balance(card) == left
    (again,) = await issuer.spend(order, "3.00", [card])
    assert again.amount == Decimal(3)
    clock.advance(timedelta(days=90))
    assert await sweep(issuer) == 1
    assert await issuer.balance(card) == Decimal(0)


async def test_a_refund_shortens_no_validity(issuer: Issuer, clock: FixedClock, order: UUID) -> None:
    for card in (await expiring(issuer, clock), await issuer.card()):
        (payment,) = await issuer.spend(order, "19.90", [card])
        await issuer.refund(payment)
        assert (await issuer.stored(card)).expires_at == card.expires_at
        assert await issuer.balance(card) == Decimal(50)


async def test_a_card_that_is_being_spent_is_left_to_the_next_run(
    issuer: Issuer, clock: FixedClock, order: UUID
) -> None:
    card = await expiring(issuer, clock)
    locked, swept = asyncio.Event(), asyncio.Event()

    async def spend(tx: Any) -> None:
        tenders = issuer.payments.tenders
        usable = await tenders.lock(tx, [card.id])
        locked.set()
        await swept.wait()
        await tenders.capture(tx, order, tenders.spends(Decimal("19.90"), usable))

    async def expire() -> int:
        await locked.wait()
        clock.advance(YEAR)
        found = await sweep(issuer)
        swept.set()
        return found

    _, found = await asyncio.gather(issuer.do(spend), expire())
    assert (found, await issuer.balance(card)) == (0, Decimal("30.10"))
    assert (await sweep(issuer), await issuer.balance(card)) == (1, Decimal(0))
