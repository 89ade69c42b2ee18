"""Rules and statuses of promotions as staff change them, and what the doctor finds."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.errors import DomainError, NotApplicable, NotFound
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.promotion.errors import PromoCodeInvalid, PromotionStatusNotAllowed
from domains.promotion.invariants import INVARIANTS, ROW_INVARIANTS
from domains.promotion.models import DiscountType, Promotion, PromotionChanges, PromotionStatus, StoredStatus
from domains.promotion.promotion_rules.models import Bundle, UnitSelection, simple
from domains.promotion.rules import Buyer
from domains.promotion.service import PromotionService
from tests.conftest import Undo
from tests.domains.promotion.conftest import MakePromotion

BUNDLE: dict[str, Any] = {"discount_type": DiscountType.BUNDLE, "discount_value": None}
STATUS = PromotionStatus
ALLOWED = {
    (STATUS.DRAFT, STATUS.ACTIVE),
    (STATUS.DRAFT, STATUS.EXPIRED),
    (STATUS.ACTIVE, STATUS.PAUSED),
    (STATUS.ACTIVE, STATUS.EXPIRED),
    (STATUS.PAUSED, STATUS.ACTIVE),
    (STATUS.PAUSED, STATUS.EXPIRED),
}
SETTABLE = (STATUS.DRAFT, STATUS.ACTIVE, STATUS.PAUSED, STATUS.EXPIRED)


def any_two(**given: Any) -> list[dict[str, Any]]:
    return [{"bundle": {"items": [{"quantity": 2}], "price": "5", **given}}]


@pytest.fixture
def change(promotions: PromotionService, database: Database, actor: Actor) -> Any:
    async def work(promotion: Promotion, **changes: Any) -> Promotion:
        given = PromotionChanges(**changes)  # type: ignore[typeddict-item] # the tests' own
        return await database.run(lambda tx: promotions.update_promotion(tx, promotion.id, given), actor)

    return work


async def test_rules_are_replaced_as_a_whole_and_read_with_the_promotion(
    make_promotion: MakePromotion, change: Any, promotions: PromotionService, reader: Reader, clock: FixedClock
) -> None:
    made = await make_promotion(**BUNDLE, rules=[*any_two(), *any_two(price="4", priority=1)])
    with counting() as count:
        (rule,) = await promotions.candidates(reader, [made.id], clock.now())
    assert count.data == 1
    assert rule.rules == (
        Bundle((UnitSelection(2),), price=Decimal(4), priority=1),
        Bundle((UnitSelection(2),), price=Decimal(5)),
    )
    await change(made, name="Renamed")
    assert (await promotions.candidates(reader, [made.id], clock.now()))[0].rules == rule.rules
    await change(made, rules=any_two())
    assert (await promotions.candidates(reader, [made.id], clock.now()))[0].rules == rule.rules[1:]
    await change(made, discount_type=DiscountType.BUY_X_GET_Y, buy_quantity=2, get_quantity=1)
    await change(made, get_quantity=2)
    assert (await promotions.candidates(reader, [made.id], clock.now()))[0].rules == (simple(2, 2),)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (BUNDLE, "rules"),
        ({**BUNDLE, "rules": any_two(), "buy_quantity": 1}, "buy_quantity"),
        ({"rules": any_two()}, "rules"),
        (
            {"discount_type": DiscountType.BUY_X_GET_Y, "discount_value": None, "buy_quantity": 1, "get_quantity": 1}
            | {"rules": [{"buy_x_get_y": {"buy": {"quantity": 1}, "get": {"quantity": 1}}}]},
            "buy_quantity",
        ),
    ],
)
async def test_rules_belong_to_a_type_of_discount(
    make_promotion: MakePromotion, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await make_promotion(**given)
    errors = getattr(refused.value, "errors", [refused.value])
    assert field in {error.field[0] for error in errors}


async def test_what_a_rule_names_must_exist(make_promotion: MakePromotion) -> None:
    unknown = new_id()
    for name in ("product_ids", "variant_ids", "category_ids"):
        items = [{"quantity": 2}, {"quantity": 1, name: [unknown]}]
        with pytest.raises(NotFound, match=str(unknown)) as refused:
            await make_promotion(**BUNDLE, rules=any_two(items=items))
        assert refused.value.field == ("rules", "0", "bundle", "items", "1", name)


async def test_targets_that_no_rule_uses_are_refused(
    make_promotion: MakePromotion, make_product: Any, change: Any
) -> None:
    product = await make_product()
    own = any_two(items=[{"quantity": 2, "product_ids": [product.id]}])
    with pytest.raises(NotApplicable) as refused:
        await make_promotion(**BUNDLE, rules=own, product_ids=[product.id])
    assert refused.value.field == ("product_ids",)
    made = await make_promotion(**BUNDLE, rules=any_two(), product_ids=[product.id])
    with pytest.raises(NotApplicable):
        await change(made, rules=own)
    await change(made, rules=own, product_ids=[])


@pytest.mark.parametrize("before", SETTABLE)
@pytest.mark.parametrize("after", SETTABLE)
async def test_a_status_changes_forward_only(
    make_promotion: MakePromotion, change: Any, before: PromotionStatus, after: PromotionStatus
) -> None:
    made = await make_promotion(status=STATUS.DRAFT if before is STATUS.EXPIRED else before)
    if before is STATUS.EXPIRED:
        await change(made, status=STATUS.EXPIRED)
    if before is after or (before, after) in ALLOWED:
        assert (await change(made, status=after)).status == after
    else:
        with pytest.raises(PromotionStatusNotAllowed, match=f"is {before} cannot become {after}"):
            await change(made, status=after)


async def test_the_switch_is_short_for_a_status(make_promotion: MakePromotion, change: Any) -> None:
    made = await make_promotion(is_active=False)
    assert made.status == StoredStatus.PAUSED
    assert (await change(made, is_active=True)).status == StoredStatus.ACTIVE
    assert (await change(made, is_active=False)).status == StoredStatus.PAUSED
    with pytest.raises(NotApplicable, match="contradicts"):
        await change(made, is_active=True, status=STATUS.EXPIRED)
    await change(made, status=STATUS.EXPIRED)
    assert (await change(made, is_active=False)).status == StoredStatus.EXPIRED
    with pytest.raises(PromotionStatusNotAllowed):
        await change(made, is_active=True)
    draft = await make_promotion(code="DRAFT", status=STATUS.DRAFT)
    assert (await change(draft, is_active=False)).status == StoredStatus.DRAFT


@pytest.mark.parametrize("status", [STATUS.SCHEDULED, STATUS.USED_UP, STATUS.INACTIVE, STATUS.EXPIRED])
async def test_a_status_that_follows_from_facts_cannot_be_set(
    make_promotion: MakePromotion, status: PromotionStatus
) -> None:
    with pytest.raises(DomainError) as refused:
        await make_promotion(status=status)
    assert refused.value.field == ("status",)


async def test_buyers_do_not_know_the_code_of_a_draft(
    make_promotion: MakePromotion, change: Any, promotions: PromotionService, reader: Reader
) -> None:
    made = await make_promotion(status=STATUS.DRAFT)
    with pytest.raises(PromoCodeInvalid, match="There is no such code"):
        await promotions.validate_promo_code(reader, "TEN", Buyer())
    await change(made, status=STATUS.ACTIVE)
    assert (await promotions.validate_promo_code(reader, "TEN", Buyer())).discount.id == made.id
    await change(made, status=STATUS.PAUSED)
    with pytest.raises(PromoCodeInvalid, match="not active"):
        await promotions.validate_promo_code(reader, "TEN", Buyer())


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("Promotions of a type of discount with rules", "delete from promotion_rules where company_id = $1"),
        (
            "Promotions of a type of discount with rules",
            "update promotions set discount_type = 'PERCENTAGE', discount_value = 1 where company_id = $1",
        ),
        ("Every rule of a promotion can be read", "update promotion_rules set actions = '{}' where company_id = $1"),
    ],
)
async def test_the_doctor_finds_broken_rules(
    make_promotion: MakePromotion, owner: Any, company: UUID, rule: str, sql: str
) -> None:
    await make_promotion(**BUNDLE, rules=[{"bundle": {"items": [{"quantity": 2}], "price": "5"}}])
    (invariant,) = [each for each in (*INVARIANTS, *ROW_INVARIANTS) if each.rule.startswith(rule)]
    async with owner.acquire() as connection:
        assert await mine(invariant, connection, company) == 0
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(sql, company)
                assert await mine(invariant, connection, company) == 1
                raise Undo


async def mine(invariant: Any, connection: Any, company: UUID) -> int:
    """The number of violations in a company."""
    return sum(row["company_id"] == company for row in await invariant.violations(connection))
