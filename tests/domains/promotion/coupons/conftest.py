"""Coupons of the test's own company."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.promotion.coupons.coupons import Coupons
from domains.promotion.coupons.invariants import INVARIANTS
from domains.promotion.coupons.models import Coupon, CouponCode, CouponType, NewCoupon
from domains.promotion.rules import BuyerIdentity, DiscountSource, Redemption
from domains.promotion.service import PromotionService
from tests.domains.promotion.conftest import (
    MakeOrder,
    catalog,
    category,
    make_customer,
    make_order,
    make_product,
    make_promotion,
    promotions,
)

__all__ = [
    "catalog",
    "category",
    "make_customer",
    "make_order",
    "make_product",
    "make_promotion",
    "promotions",
]
MakeCoupon = Callable[..., Awaitable[Coupon]]
MakeCodes = Callable[..., Awaitable[list[CouponCode]]]
UseCoupon = Callable[..., Awaitable[UUID]]


def five_percent(**given: Any) -> NewCoupon:
    """Five percent off with the code FIVE by default."""
    values = {"name": "Five off", "code": "FIVE", "type": CouponType.PERCENTAGE, "discount_value": Decimal(5)}
    return cast("NewCoupon", {**values, **given})


def use_of(coupon: Coupon, code: CouponCode | None = None) -> Redemption:
    """A use of a coupon that takes 1 off."""
    return Redemption(DiscountSource.COUPON, coupon.id, Decimal(1), code.id if code else None)


@pytest.fixture
def coupons(promotions: PromotionService) -> Coupons:
    """The service under test."""
    return promotions.coupons


@pytest.fixture
def make_coupon(coupons: Coupons, database: Database, actor: Actor) -> MakeCoupon:
    """Makes committed coupons."""

    async def make(**given: Any) -> Coupon:
        return await database.run(lambda tx: coupons.create(tx, five_percent(**given)), actor)

    return make


@pytest.fixture
def make_codes(coupons: Coupons, database: Database, actor: Actor, owner: Any) -> MakeCodes:
    """Adds committed unique codes to a coupon, and returns them in their order."""

    async def make(coupon: Coupon, *codes: str, **given: Any) -> list[CouponCode]:
        await database.run(lambda tx: coupons.codes.add(tx, coupon.id, codes, **given), actor)
        rows = await owner.fetch("select id, code from coupon_codes where coupon_id = $1", coupon.id)
        ids = {row["code"]: row["id"] for row in rows}
        found = await coupons.codes.by_id(database.reader(actor.company_id), list(ids.values()))
        by_code = {each.code: each for each in found}
        return [by_code[code] for code in codes]

    return make


@pytest.fixture
def use_coupon(promotions: PromotionService, database: Database, actor: Actor, make_order: MakeOrder) -> UseCoupon:
    """Redeems discounts for a new order of a buyer, in one transaction without retry; returns the order's id."""

    async def use(*redemptions: Redemption, email: str = "ann@example.com", **given: Any) -> UUID:
        order_id = await make_order()
        async with database.transaction(actor) as tx:
            buyer = BuyerIdentity(email=email, **given)
            await promotions.redemptions.redeem(tx, redemptions, order_id=order_id, buyer=buyer)
        return order_id

    return use


@pytest.fixture
async def invariants_hold(owner: Any) -> Any:
    """Check the invariants of coupons after the test."""
    yield
    for invariant in INVARIANTS:
        assert await owner.fetch(invariant.query) == [], invariant.rule
