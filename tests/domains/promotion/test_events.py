"""Promotions emit what became of them: created, updated, deleted, and used up by exactly one order."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from domains.catalog.models import Category
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Tx
from domains.promotion.events import PromotionCreated, PromotionDeleted, PromotionUpdated
from domains.promotion.models import PromotionChanges
from domains.promotion.service import PromotionService
from tests.domains.promotion.conftest import MakePromotion, Redeem, ten_percent

EXHAUSTED = """
select aggregate_id, (payload->>'order_id')::uuid as order_id, payload->'max_usage_count' as maximum
from outbox_events where company_id = $1 and topic = 'promotion.exhausted' order by sequence
"""


async def test_a_promotion_is_created_updated_and_deleted(tx: Tx, promotions: PromotionService) -> None:
    made = await promotions.create_promotion(tx, ten_percent())
    await promotions.update_promotion(tx, made.id, PromotionChanges(name="Ten percent", max_usage_count=5))
    await promotions.update_promotion(tx, made.id, PromotionChanges(name="Ten percent", code="ten"))
    await promotions.update_promotion(tx, made.id, PromotionChanges(product_ids=[]))
    await promotions.delete_promotion(tx, made.id)
    assert tx.events == [
        PromotionCreated(promotion_id=made.id, name="Ten off", code="TEN"),
        PromotionUpdated(promotion_id=made.id, changed=["max_usage_count", "name"]),
        PromotionUpdated(promotion_id=made.id, changed=["product_ids"]),
        PromotionDeleted(promotion_id=made.id, code="TEN"),
    ]


async def test_an_ended_promotion_loses_a_category_that_is_deleted(
    tx: Tx, promotions: PromotionService, category: Category, clock: FixedClock
) -> None:
    given: dict[str, Any] = {"category_ids": [category.id]}
    ended = await promotions.create_promotion(tx, ten_percent(**given, end_date=clock.now() + timedelta(days=1)))
    await promotions.create_promotion(tx, ten_percent(**given, code="OTHER"))
    clock.advance(timedelta(days=2))
    del tx.events[:]
    await promotions.targets.remove_category(tx, category.id)
    assert tx.events == [PromotionUpdated(promotion_id=ended.id, changed=["category_ids"])]


async def test_of_parallel_orders_one_uses_a_promotion_up(
    make_promotion: MakePromotion, redeem: Redeem, owner: Any, company: UUID
) -> None:
    limited, unlimited = await make_promotion(max_usage_count=3), await make_promotion(code="TWO")
    outcomes = await asyncio.gather(
        *(redeem(limited.id, unlimited.id, email=f"b{number}@example.com") for number in range(12)),
        return_exceptions=True,
    )
    (event,) = await owner.fetch(EXHAUSTED, company)
    assert (event["aggregate_id"], event["maximum"]) == (limited.id, 3)
    assert event["order_id"] in outcomes


async def test_a_last_use_that_was_given_back_uses_the_promotion_up_again(
    make_promotion: MakePromotion,
    redeem: Redeem,
    promotions: PromotionService,
    database: Database,
    actor: Actor,
    owner: Any,
    company: UUID,
) -> None:
    made = await make_promotion(max_usage_count=1)
    first = await redeem(made.id)
    await database.run(lambda tx: promotions.redemptions.release(tx, first), actor)
    last = await redeem(made.id, email="bob@example.com")
    assert [event["order_id"] for event in await owner.fetch(EXHAUSTED, company)] == [first, last]
