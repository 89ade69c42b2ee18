"""First orders are limited per delivery address and per card, and never refused forever."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from domains.order.errors import PriceChanged, PromoCodeRefused
from domains.order.models import OrderStatus
from domains.payment.errors import PaymentDeclined
from domains.promotion.eligibility import COUNTING_PERIOD, MAX_PER_ADDRESS, MAX_PER_CARD
from domains.promotion.errors import CardUsedUp
from tests.domains.order.buyers import OTHER_CARD, cancel, home, order_as_guest, paid
from tests.domains.order.storefront import DECLINED, HOME, Storefront


async def test_first_orders_to_one_delivery_address_are_limited_in_any_spelling(stocked: Storefront) -> None:
    spellings = ["12 St James's Square", "12, St. James`s  square", "12 ST JAMÉS S SQUARE", "12 st jamesssquare"]
    homes = [
        replace(HOME, full_name=f"Buyer {number}", address_line_1=line, city=f"Town {number}", postal_code="sw 1y")
        for number, line in enumerate(spellings)
    ]
    for number, each in enumerate(homes[:MAX_PER_ADDRESS]):
        order = await order_as_guest(stocked, f"b{number}@example.com", "WELCOME", shipping=each)
        assert order.total == Decimal(5)
    with pytest.raises(PromoCodeRefused, match="delivery address"):
        await order_as_guest(stocked, "late@example.com", "WELCOME", shipping=homes[-1])
    with pytest.raises(PriceChanged) as guessed:
        await order_as_guest(
            stocked, "late@example.com", "WELCOME", shipping=homes[-1], expected_total=Decimal("0.01")
        )
    assert guessed.value.actual == Decimal(5)
    kept = await stocked.owner.fetch(
        "select address_key from promotion_uses where company_id = $1", stocked.company_id
    )
    assert {len(row[0]) for row in kept} == {64}
    full = await order_as_guest(
        stocked, "late@example.com", "WELCOME", shipping=homes[-1], expected_total=Decimal(10)
    )
    assert full.total == Decimal(10)
    stocked.clock.advance(COUNTING_PERIOD)
    assert (await order_as_guest(stocked, "later@example.com", "WELCOME", shipping=homes[-1])).total == Decimal(5)


async def test_an_expired_first_order_does_not_count_for_its_address(stocked: Storefront) -> None:
    here = home("Kiln")
    for number in range(MAX_PER_ADDRESS):
        await cancel(stocked, await order_as_guest(stocked, f"b{number}@example.com", "WELCOME", shipping=here))
    assert (await order_as_guest(stocked, "late@example.com", "WELCOME", shipping=here)).total == Decimal(5)


async def test_first_orders_paid_by_one_card_are_limited_and_others_are_not(stocked: Storefront) -> None:
    orders = [
        await order_as_guest(stocked, f"b{number}@example.com", "WELCOME") for number in range(MAX_PER_CARD + 1)
    ]
    assert {order.card_limited for order in orders} == {True}
    for order in orders[:MAX_PER_CARD]:
        await paid(stocked, order)
    with pytest.raises(CardUsedUp):
        await paid(stocked, orders[-1])
    assert (await stocked.order(orders[-1].id)).status is OrderStatus.PENDING
    assert (await paid(stocked, await order_as_guest(stocked, "plain@example.com"))).status is OrderStatus.PAID
    assert (await paid(stocked, orders[-1], OTHER_CARD)).status is OrderStatus.PAID
    prints = await stocked.owner.fetch(
        "select distinct card_fingerprint from payments where company_id = $1", stocked.company_id
    )
    assert [len(row[0]) for row in prints] == [64, 64]


async def test_a_declined_or_refunded_card_has_paid_no_first_order(stocked: Storefront) -> None:
    for number in range(MAX_PER_CARD + 1):
        order = await order_as_guest(stocked, f"b{number}@example.com", "WELCOME")
        await cancel(stocked, await paid(stocked, order))
        declined = await order_as_guest(stocked, f"c{number}@example.com", "WELCOME")
        with pytest.raises(PaymentDeclined):
            await paid(stocked, declined, DECLINED)
    with pytest.raises(PaymentDeclined):
        await paid(stocked, await order_as_guest(stocked, "d@example.com", "WELCOME"), DECLINED)
    assert (
        await paid(stocked, await order_as_guest(stocked, "late@example.com", "WELCOME"))
    ).status is OrderStatus.PAID


async def test_two_of_five_parallel_first_orders_by_one_card_succeed(stocked: Storefront) -> None:
    orders = [await order_as_guest(stocked, f"b{number}@example.com", "WELCOME") for number in range(5)]
    outcomes = await asyncio.gather(*(paid(stocked, order) for order in orders), return_exceptions=True)
    assert Counter(type(each).__name__ for each in outcomes) == {
        "OrderRow": MAX_PER_CARD,
        "CardUsedUp": 5 - MAX_PER_CARD,
    }
