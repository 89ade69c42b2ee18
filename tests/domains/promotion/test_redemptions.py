"""Redemptions of promotions in races with real commits: never one too many, none lost, no deadlock."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.promotion.eligibility import COUNTING_PERIOD, MAX_PER_ADDRESS
from domains.promotion.errors import PromotionExhausted, PromotionNotFound
from domains.promotion.models import Promotion, PromotionType
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.promotion.conftest import MakeOrder, MakePromotion, Redeem, uses_of

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def uses(promotions: PromotionService, reader: Reader, promotion: Promotion) -> int:
    return (await promotions.find_promotion(reader, promotion.id)).current_usage_count


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_forty_parallel_redemptions_of_ten_uses_succeed_ten_times(
    promotions: PromotionService, make_promotion: MakePromotion, redeem: Redeem, reader: Reader
) -> None:
    promotion = await make_promotion(max_usage_count=10)
    outcomes = await asyncio.gather(
        *(redeem(promotion.id, email=f"b{number}@example.com") for number in range(40)), return_exceptions=True
    )
    assert kinds(outcomes) == {"UUID": 10, "PromotionExhausted": 30}
    assert await uses(promotions, reader, promotion) == 10


async def test_a_customer_redeems_a_code_once_in_parallel_orders(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    make_customer: MakeCustomer,
    redeem: Redeem,
    reader: Reader,
) -> None:
    promotion = await make_promotion(max_usage_per_user=1)
    ann = (await make_customer()).user_id
    outcomes = await asyncio.gather(
        *(redeem(promotion.id, user_id=ann, email="ann@example.com", email_confirmed=True) for _ in range(10)),
        *(redeem(promotion.id, email="ann+2@example.com", email_confirmed=True) for _ in range(10)),
        return_exceptions=True,
    )
    assert kinds(outcomes) == {"UUID": 1, "PromotionExhausted": 19}
    assert await uses(promotions, reader, promotion) == 1


async def test_redemptions_of_two_promotions_in_opposite_order_do_not_deadlock(
    promotions: PromotionService, make_promotion: MakePromotion, redeem: Redeem, reader: Reader
) -> None:
    first, second = await make_promotion(), await make_promotion(code="TWO")
    orders = await asyncio.gather(
        *(
            redeem(*([first.id, second.id] if number % 2 else [second.id, first.id]), email=f"b{number}@example.com")
            for number in range(30)
        )
    )
    assert len(set(orders)) == 30
    assert [await uses(promotions, reader, each) for each in (first, second)] == [30, 30]


async def test_parallel_redemptions_and_releases_leave_no_use(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    redeem: Redeem,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    promotion, other = await make_promotion(max_usage_count=5), await make_promotion(code="TWO")

    async def redeem_and_release(number: int) -> None:
        order_id = await redeem(other.id, promotion.id, email=f"b{number}@example.com")
        for _ in range(2):
            async with database.transaction(actor) as tx:
                await promotions.redemptions.release(tx, order_id)

    outcomes = await asyncio.gather(*(redeem_and_release(number) for number in range(30)), return_exceptions=True)
    assert set(kinds(outcomes)) <= {"NoneType", "PromotionExhausted"}
    assert kinds(outcomes)["NoneType"] >= 5
    assert [await uses(promotions, reader, each) for each in (promotion, other)] == [0, 0]


async def test_a_released_use_can_be_redeemed_again_once(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    redeem: Redeem,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    promotion = await make_promotion(max_usage_count=1, max_usage_per_user=1)
    order_id = await redeem(promotion.id)
    for _ in range(2):
        await database.run(lambda tx: promotions.redemptions.release(tx, order_id), actor)
    await redeem(promotion.id)
    with pytest.raises(PromotionExhausted, match="it has been used the maximum number of times"):
        await redeem(promotion.id, email="bob@example.com")
    assert await uses(promotions, reader, promotion) == 1


async def test_several_promotions_are_redeemed_together_or_not_at_all(
    promotions: PromotionService, make_promotion: MakePromotion, redeem: Redeem, reader: Reader
) -> None:
    plenty, scarce = await make_promotion(), await make_promotion(code="TWO", max_usage_count=1)
    await redeem(scarce.id)
    with pytest.raises(PromotionExhausted, match="'Ten off'"):
        await redeem(plenty.id, scarce.id, email="bob@example.com")
    assert [await uses(promotions, reader, each) for each in (plenty, scarce)] == [0, 1]


async def test_a_welcome_promotion_is_redeemed_once_without_a_limit(
    make_promotion: MakePromotion, redeem: Redeem
) -> None:
    welcome = await make_promotion(type=PromotionType.WELCOME)
    await redeem(welcome.id, email_confirmed=True)
    with pytest.raises(PromotionExhausted, match="you have used it"):
        await redeem(welcome.id, email="ann+2@example.com", email_confirmed=True)


async def test_uses_with_an_unconfirmed_address_do_not_count_for_its_owner(
    make_promotion: MakePromotion, redeem: Redeem
) -> None:
    welcome = await make_promotion(type=PromotionType.WELCOME)
    await redeem(welcome.id)
    with pytest.raises(PromotionExhausted, match="Confirm the address"):
        await redeem(welcome.id, email="ann+2@example.com")
    await redeem(welcome.id, email_confirmed=True)


async def test_a_delivery_address_gets_three_first_orders_in_ninety_days(
    make_promotion: MakePromotion, redeem: Redeem, clock: FixedClock
) -> None:
    welcome, other = await make_promotion(type=PromotionType.WELCOME), await make_promotion(code="TWO")
    homes = [f"new key of {place}" for place in ("home", "away")]
    for number in range(MAX_PER_ADDRESS):
        await redeem(welcome.id, email=f"b{number}@example.com", address_keys=[homes[0], "an old key"])
    with pytest.raises(PromotionExhausted, match="delivery address"):
        await redeem(welcome.id, email="late@example.com", address_keys=["newest key", homes[0]])
    await redeem(other.id, email="late@example.com", address_keys=[homes[0]])
    await redeem(welcome.id, email="away@example.com", address_keys=[homes[1]])
    clock.advance(COUNTING_PERIOD)
    await redeem(welcome.id, email="late@example.com", address_keys=[homes[0]])


async def test_three_of_ten_parallel_first_orders_to_one_address_succeed(
    make_promotion: MakePromotion, redeem: Redeem
) -> None:
    welcome = await make_promotion(type=PromotionType.WELCOME)
    outcomes = await asyncio.gather(
        *(redeem(welcome.id, email=f"b{number}@example.com", address_keys=["home"]) for number in range(10)),
        return_exceptions=True,
    )
    assert kinds(outcomes) == {"UUID": MAX_PER_ADDRESS, "PromotionExhausted": 10 - MAX_PER_ADDRESS}


async def test_an_ended_or_unknown_promotion_cannot_be_redeemed(
    make_promotion: MakePromotion, redeem: Redeem
) -> None:
    ended = await make_promotion(is_active=False)
    with pytest.raises(PromotionExhausted, match="it was ended"):
        await redeem(ended.id)
    with pytest.raises(PromotionNotFound):
        await redeem(new_id())


async def test_a_promotion_of_another_company_cannot_be_redeemed(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    make_order: MakeOrder,
    database: Database,
    other_company: UUID,
) -> None:
    promotion, order_id = await make_promotion(), await make_order()
    async with database.transaction(Actor.system(other_company)) as tx:
        with pytest.raises(PromotionNotFound):
            await promotions.redemptions.redeem(
                tx, uses_of(promotion.id), order_id=order_id, buyer=BuyerIdentity(email="a@example.com")
            )
        await promotions.redemptions.release(tx, order_id)


async def test_redeeming_executes_two_statements_and_releasing_three(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    make_order: MakeOrder,
    database: Database,
    actor: Actor,
) -> None:
    limited, free = await make_promotion(max_usage_per_user=1), await make_promotion(code="TWO")
    order_id, second = await make_order(), await make_order()
    who = BuyerIdentity(email="ann@example.com")
    async with database.transaction(actor) as tx:
        with counting() as counts:
            await promotions.redemptions.redeem(tx, [], order_id=order_id, buyer=who)
        assert counts.data == 0
        with counting() as counts:
            await promotions.redemptions.redeem(tx, uses_of(limited.id, free.id), order_id=order_id, buyer=who)
        assert counts.data == 2
        with counting() as counts:
            await promotions.increment_usage(tx, *uses_of(free.id), order_id=second, buyer=who)
        assert counts.data == 1
        with counting() as counts:
            await promotions.redemptions.release(tx, order_id)
        assert counts.data == 3
        with counting() as counts:
            await promotions.redemptions.release(tx, order_id)
        assert counts.data == 1
