"""The statuses of promotions, and the lists for staff."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.pagination.pages import PageArgs
from domains.promotion.models import DiscountType, PromotionFilter, PromotionStatus, PromotionType
from domains.promotion.service import PromotionService

DAY = timedelta(days=1)
EVERY = PromotionStatus


@pytest.fixture
async def kinds(tx: Tx, promotions: PromotionService, clock: FixedClock) -> None:
    """A promotion of each sort, named after it."""
    now = clock.now()
    kinds: dict[str, dict[str, Any]] = {
        "NOW": {"priority": 2},
        "LATER": {"start_date": now + DAY, "priority": 5},
        "OVER": {"start_date": now - 2 * DAY, "end_date": now - DAY, "is_exclusive": True},
        "GONE": {"max_usage_count": 1},
        "LEFT": {"max_usage_count": 1, "end_date": now + DAY, "priority": 7},
        "OFF": {"is_active": False},
        "OFF-LATER": {"status": EVERY.PAUSED, "start_date": now + DAY},
        "OFF-OVER": {"is_active": False, "start_date": now - 2 * DAY, "end_date": now - DAY},
        "DRAFT": {"status": EVERY.DRAFT},
        "DRAFT-OVER": {"status": EVERY.DRAFT, "start_date": now - 2 * DAY, "end_date": now - DAY},
        "ENDED": {},
    }
    for code, given in kinds.items():
        new: Any = {
            "name": code,
            "code": code,
            "type": PromotionType.SEASONAL,
            "discount_type": DiscountType.PERCENTAGE,
            "discount_value": Decimal(10),
            **given,
        }
        await promotions.create_promotion(tx, new)
    ended = await tx.fetch_value("select id from promotions where company_id = $1 and code = 'ENDED'", tx.company_id)
    await promotions.update_promotion(tx, ended, {"status": PromotionStatus.EXPIRED})
    await tx.execute(
        "update promotions set current_usage_count = 1 where company_id = $1 and code = 'GONE'", tx.company_id
    )


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (EVERY.ACTIVE, {"NOW", "LEFT"}),
        (EVERY.SCHEDULED, {"LATER"}),
        (EVERY.EXPIRED, {"OVER", "OFF-OVER", "ENDED"}),
        (EVERY.USED_UP, {"GONE"}),
        (EVERY.PAUSED, {"OFF", "OFF-LATER"}),
        (EVERY.DRAFT, {"DRAFT", "DRAFT-OVER"}),
        (EVERY.INACTIVE, {"OFF", "OFF-LATER", "OFF-OVER", "DRAFT", "DRAFT-OVER", "ENDED"}),
    ],
)
@pytest.mark.usefixtures("kinds")
async def test_each_status_has_its_promotions(
    tx: Tx, promotions: PromotionService, status: PromotionStatus, codes: set[str]
) -> None:
    page = await promotions.find_promotions(tx, PageArgs(), PromotionFilter(status=status))
    assert {promotion.code for promotion in page.items} == codes
    assert await page.count() == len(codes)
    if status is not EVERY.INACTIVE:
        assert {promotions.status(promotion) for promotion in page.items} == {status}


@pytest.mark.usefixtures("kinds")
async def test_active_promotions_are_those_in_force(tx: Tx, promotions: PromotionService) -> None:
    listed = await promotions.find_promotions(tx, PageArgs(), PromotionFilter(status=EVERY.ACTIVE))
    in_force = await promotions.get_active_promotions(tx)
    assert {promotion.id for promotion in listed.items} == {promotion.id for promotion in in_force}


@pytest.mark.usefixtures("kinds")
async def test_promotions_are_paginated_by_priority_and_number_of_uses(tx: Tx, promotions: PromotionService) -> None:
    for order in ("priority", "current_usage_count"):
        whole = await promotions.find_promotions(tx, PageArgs(first=50), order=order)
        seen: list[str | None] = []
        after = None
        while len(seen) < len(whole.items):
            page = await promotions.find_promotions(tx, PageArgs(first=2, after=after), order=order)
            seen += [promotion.code for promotion in page.items]
            after = page.cursors[-1]
        assert seen == [promotion.code for promotion in whole.items]
    by_priority = await promotions.find_promotions(tx, PageArgs(first=3), order="priority")
    assert [promotion.code for promotion in by_priority.items] == ["LEFT", "LATER", "NOW"]


@pytest.mark.usefixtures("kinds")
async def test_exclusive_promotions_are_filtered(tx: Tx, promotions: PromotionService) -> None:
    page = await promotions.find_promotions(tx, PageArgs(), PromotionFilter(is_exclusive=True))
    assert [promotion.code for promotion in page.items] == ["OVER"]
