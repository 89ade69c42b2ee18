"""Deletion of a category: ended promotions do not prevent it, others do, also in parallel."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.errors import CategoryInUse
from domains.catalog.models import Category, NewCategory
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import NotFound
from domains.promotion.eligibility import buyer_refusal
from domains.promotion.errors import TargetsDeleted
from domains.promotion.models import DiscountType, Promotion, PromotionChanges, PromotionStatus
from domains.promotion.rules import Buyer
from domains.promotion.service import PromotionService
from tests.domains.promotion.conftest import MakePromotion

Delete = Callable[[UUID], Awaitable[None]]
NAMES = "select name from promotions where company_id = $1 and targets_deleted order by name"


@pytest.fixture
def delete(promotions: PromotionService, catalog: CatalogService, database: Database, actor: Actor) -> Delete:
    """Deletes a category as the gateway does."""

    async def work(category_id: UUID) -> None:
        async def both(tx: Tx) -> None:
            remaining = await promotions.targets.remove_category(tx, category_id)
            await catalog.categories.delete(tx, category_id, references=[promotion.name for promotion in remaining])

        await database.run(both, actor)

    return work


@pytest.fixture
def change(promotions: PromotionService, database: Database, actor: Actor) -> Callable[..., Awaitable[Promotion]]:
    async def work(promotion: Promotion, **changes: Any) -> Promotion:
        given = PromotionChanges(**changes)  # type: ignore[typeddict-item] # the tests' own
        return await database.run(lambda tx: promotions.update_promotion(tx, promotion.id, given), actor)

    return work


async def test_ended_promotions_do_not_prevent_the_deletion_and_others_do(
    category: Category,
    make_promotion: MakePromotion,
    delete: Delete,
    change: Any,
    clock: FixedClock,
    promotions: PromotionService,
    reader: Reader,
) -> None:
    now = clock.now()
    for_it = {"category_ids": [category.id]}
    ended = await make_promotion(code="ENDED", **for_it, end_date=now + timedelta(days=1))
    switched_off = await make_promotion(code="OFF", **for_it)
    running = await make_promotion(name="Running", code="RUN", **for_it)
    draft = await make_promotion(name="Draft", code="DRAFT", **for_it, is_active=False, start_date=now + timedelta(9))
    clock.advance(timedelta(days=2))
    await change(switched_off, is_active=False)

    with pytest.raises(CategoryInUse, match="Running Draft"):
        await delete(category.id)
    every = [ended.id, switched_off.id, running.id, draft.id]
    assert len(await promotions.targets.category_ids_of(reader, every)) == 4
    await change(running, end_date=clock.now())
    await change(draft, category_ids=[])
    await delete(category.id)
    assert await promotions.targets.category_ids_of(reader, every) == []


async def test_a_promotion_without_its_deleted_targets_cannot_be_restarted_for_all_products(
    category: Category,
    make_promotion: MakePromotion,
    delete: Delete,
    change: Any,
    clock: FixedClock,
    owner: Any,
    company: UUID,
    catalog: CatalogService,
    promotions: PromotionService,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    other = await database.run(lambda tx: catalog.categories.create(tx, NewCategory(name="Other")), actor)
    end = clock.now() + timedelta(days=1)
    alone = await make_promotion(name="Alone", code="ONE", category_ids=[category.id], end_date=end)
    two = await make_promotion(name="Two", code="TWO", category_ids=[category.id, other.id], end_date=end)
    clock.advance(timedelta(days=2))
    later = clock.now() + timedelta(days=9)
    await delete(category.id)
    assert [row["name"] for row in await owner.fetch(NAMES, company)] == ["Alone"]

    await change(two, end_date=later)
    with pytest.raises(TargetsDeleted):
        await change(alone, end_date=later)
    assert (await change(alone, name="Still over")).targets_deleted
    (terms,) = await promotions.candidates(reader, [alone.id], clock.now())
    while_it_ran = clock.now() - timedelta(days=2)  # an order that began before its end, and reads it now
    assert buyer_refusal(terms, Buyer(), while_it_ran) == "It is not active."
    assert not (await change(alone, end_date=later, category_ids=[other.id])).targets_deleted
    assert not (await change(alone, end_date=later, category_ids=[])).targets_deleted


async def test_a_promotion_created_while_its_category_is_deleted_is_serialized(
    make_promotion: MakePromotion,
    delete: Delete,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    owner: Any,
    company: UUID,
) -> None:
    """Either the promotion prevents the deletion, or the category is not found; no fault occurs."""
    outcomes = set()
    for number in range(8):
        made = await database.run(
            lambda tx, name=f"C{number}": catalog.categories.create(tx, NewCategory(name=name)),  # type: ignore[misc] # at once
            actor,
        )
        results = await asyncio.gather(
            delete(made.id),
            make_promotion(code=f"P{number}", category_ids=[made.id]),
            return_exceptions=True,
        )
        (failed,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(failed, CategoryInUse | NotFound), failed
        outcomes.add(type(failed))
    left = await owner.fetchval("select count(*) from promotion_categories where company_id = $1", company)
    assert left == await owner.fetchval("select count(*) from categories where company_id = $1", company)
    assert outcomes


async def test_a_promotion_created_between_check_and_deletion_is_found_by_a_second_check(
    category: Category,
    make_promotion: MakePromotion,
    promotions: PromotionService,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
) -> None:
    looks = 0

    async def work(tx: Tx) -> None:
        nonlocal looks
        remaining = await promotions.targets.remove_category(tx, category.id)
        looks += 1
        if looks == 1:
            await make_promotion(name="Quick", category_ids=[category.id])
        await catalog.categories.delete(tx, category.id, references=[promotion.name for promotion in remaining])

    with pytest.raises(CategoryInUse, match="Quick"):
        await database.run(work, actor)
    assert looks == 2


async def test_a_promotion_restarted_while_its_category_is_deleted_keeps_its_targets_or_is_refused(
    make_promotion: MakePromotion,
    delete: Delete,
    change: Any,
    catalog: CatalogService,
    clock: FixedClock,
    database: Database,
    actor: Actor,
    owner: Any,
) -> None:
    """It keeps its targets or is refused: it never applies to all products."""
    for number in range(6):
        made = await database.run(
            lambda tx, name=f"B{number}": catalog.categories.create(tx, NewCategory(name=name)),  # type: ignore[misc] # at once
            actor,
        )
        end = clock.now() + timedelta(hours=1)
        promotion = await make_promotion(code=f"B{number}", category_ids=[made.id], end_date=end)
        clock.advance(timedelta(hours=2))
        results = await asyncio.gather(
            delete(made.id),
            change(promotion, end_date=clock.now() + timedelta(hours=1)),
            return_exceptions=True,
        )
        (failed,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(failed, CategoryInUse | TargetsDeleted), failed
        targets = await owner.fetchval(
            "select count(*) from promotion_categories where promotion_id = $1", promotion.id
        )
        assert targets == isinstance(failed, CategoryInUse)


def bundle_of(category_id: UUID) -> dict[str, Any]:
    items = [{"quantity": 2, "category_ids": [category_id]}]
    return {
        "discount_type": DiscountType.BUNDLE,
        "discount_value": None,
        "rules": [{"bundle": {"items": items, "percentage": 10}}],
    }


async def test_a_promotion_with_other_targets_needs_the_categories_of_its_rules_to_start_again(
    category: Category,
    make_promotion: MakePromotion,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    delete: Delete,
    change: Any,
) -> None:
    other = await database.run(lambda tx: catalog.categories.create(tx, NewCategory(name="Other")), actor)
    items = [{"quantity": 1}, {"quantity": 1, "category_ids": [category.id]}]
    rules = [{"bundle": {"items": items, "percentage": 10}}]
    made = await make_promotion(**bundle_of(category.id) | {"rules": rules, "category_ids": [other.id]})
    await change(made, status=PromotionStatus.PAUSED)
    await delete(category.id)
    with pytest.raises(NotFound) as refused:
        await change(made, status=PromotionStatus.ACTIVE)
    assert refused.value.field == ("rules", "0", "bundle", "items", "1", "category_ids")


async def test_a_rule_that_names_a_category_prevents_its_deletion_until_the_promotion_has_ended(
    category: Category, make_promotion: MakePromotion, delete: Delete, change: Any
) -> None:
    made = await make_promotion(name="Pairs", **bundle_of(category.id))
    with pytest.raises(CategoryInUse, match="Pairs"):
        await delete(category.id)
    await change(made, status=PromotionStatus.PAUSED)
    await delete(category.id)
    await change(made, name="Still paused")
    with pytest.raises(TargetsDeleted):
        await change(made, status=PromotionStatus.ACTIVE)
    rules = [{"bundle": {"items": [{"quantity": 2}], "percentage": 10}}]
    assert (await change(made, status=PromotionStatus.ACTIVE, rules=rules)).status == PromotionStatus.ACTIVE
