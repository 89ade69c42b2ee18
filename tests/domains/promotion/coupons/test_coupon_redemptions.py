"""Redemptions of coupons in races with real commits: the limits in all, per buyer and per code hold."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.promotion.coupons.coupons import Coupons
from domains.promotion.coupons.errors import CouponExhausted, CouponNotFound
from domains.promotion.coupons.models import Coupon
from domains.promotion.rules import BuyerIdentity, DiscountSource, Redemption
from domains.promotion.service import PromotionService
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.promotion.conftest import MakeOrder, MakePromotion, uses_of
from tests.domains.promotion.coupons.conftest import MakeCodes, MakeCoupon, UseCoupon, use_of

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def uses(coupons: Coupons, reader: Reader, coupon: Coupon) -> int:
    return (await coupons.get(reader, coupon.id)).usage_count


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_ten_of_fifty_buyers_get_a_coupon_that_is_good_for_ten(
    coupons: Coupons, make_coupon: MakeCoupon, use_coupon: UseCoupon, reader: Reader
) -> None:
    coupon = await make_coupon(usage_limit=10)
    outcomes = await asyncio.gather(
        *(use_coupon(use_of(coupon), email=f"b{number}@example.com") for number in range(50)), return_exceptions=True
    )
    assert kinds(outcomes) == {"UUID": 10, "CouponExhausted": 40}
    assert await uses(coupons, reader, coupon) == 10


async def test_a_unique_code_is_used_once_by_ten_buyers_at_once(
    coupons: Coupons, make_coupon: MakeCoupon, make_codes: MakeCodes, use_coupon: UseCoupon, reader: Reader
) -> None:
    coupon = await make_coupon(code=None)
    one, other = await make_codes(coupon, "ONE-1", "ONE-2")
    outcomes = await asyncio.gather(
        *(use_coupon(use_of(coupon, one), email=f"b{number}@example.com") for number in range(10)),
        return_exceptions=True,
    )
    assert kinds(outcomes) == {"UUID": 1, "CouponExhausted": 9}
    await use_coupon(use_of(coupon, other), email="c@example.com")
    found = {code.code: code.usage_count for code in await coupons.codes.by_id(reader, [one.id, other.id])}
    assert (found, await uses(coupons, reader, coupon)) == ({"ONE-1": 1, "ONE-2": 1}, 2)


async def test_a_buyer_uses_a_coupon_once_in_orders_at_once_by_account_and_mailbox(
    coupons: Coupons, make_coupon: MakeCoupon, make_customer: MakeCustomer, use_coupon: UseCoupon, reader: Reader
) -> None:
    coupon = await make_coupon(usage_limit_per_user=1)
    ann = (await make_customer()).user_id
    outcomes = await asyncio.gather(
        *(use_coupon(use_of(coupon), user_id=ann, email="ann@example.com", email_confirmed=True) for _ in range(10)),
        *(use_coupon(use_of(coupon), email="ann+2@example.com", email_confirmed=True) for _ in range(10)),
        return_exceptions=True,
    )
    assert kinds(outcomes) == {"UUID": 1, "CouponExhausted": 19}
    assert await uses(coupons, reader, coupon) == 1


async def test_uses_with_an_unconfirmed_address_do_not_count_for_its_owner(
    make_coupon: MakeCoupon, use_coupon: UseCoupon
) -> None:
    coupon = await make_coupon(usage_limit_per_user=1)
    await use_coupon(use_of(coupon))
    with pytest.raises(CouponExhausted, match="Confirm the address"):
        await use_coupon(use_of(coupon), email="ann+2@example.com")
    await use_coupon(use_of(coupon), email_confirmed=True)


async def test_discounts_in_opposite_order_do_not_deadlock(
    promotions: PromotionService,
    coupons: Coupons,
    make_promotion: MakePromotion,
    make_coupon: MakeCoupon,
    make_codes: MakeCodes,
    use_coupon: UseCoupon,
    database: Database,
    actor: Actor,
    reader: Reader,
) -> None:
    promotion, first, second = await make_promotion(), await make_coupon(), await make_coupon(code=None)
    (code,) = await make_codes(second, "MANY", usage_limit=30)
    wanted = [*uses_of(promotion.id), use_of(first), use_of(second, code)]

    async def use_and_release(number: int) -> None:
        given = wanted if number % 2 else wanted[::-1]
        order_id = await use_coupon(*given, email=f"b{number}@example.com")
        await database.run(lambda tx: promotions.redemptions.release(tx, order_id), actor)

    outcomes = await asyncio.gather(*(use_and_release(number) for number in range(30)), return_exceptions=True)
    assert kinds(outcomes) == {"NoneType": 30}
    assert [await uses(coupons, reader, each) for each in (first, second)] == [0, 0]
    assert [each.usage_count for each in await coupons.codes.by_id(reader, [code.id])] == [0]


async def test_a_released_use_of_a_code_can_be_used_again_once(
    promotions: PromotionService,
    make_coupon: MakeCoupon,
    make_codes: MakeCodes,
    use_coupon: UseCoupon,
    database: Database,
    actor: Actor,
) -> None:
    coupon = await make_coupon(code=None, usage_limit_per_user=1)
    (code,) = await make_codes(coupon, "ONCE")
    order_id = await use_coupon(use_of(coupon, code))
    for _ in range(2):
        await database.run(lambda tx: promotions.redemptions.release(tx, order_id), actor)
    await use_coupon(use_of(coupon, code))
    with pytest.raises(CouponExhausted, match="it has been used the maximum number of times"):
        await use_coupon(use_of(coupon, code), email="bob@example.com")


async def test_an_ended_deleted_or_unknown_coupon_or_code_cannot_be_redeemed(
    coupons: Coupons,
    make_coupon: MakeCoupon,
    make_codes: MakeCodes,
    use_coupon: UseCoupon,
    database: Database,
    actor: Actor,
) -> None:
    with pytest.raises(CouponExhausted, match="it was ended"):
        await use_coupon(use_of(await make_coupon(is_active=False)))
    coupon = await make_coupon(code=None)
    (off,) = await make_codes(coupon, "OFF")
    await database.run(lambda tx: coupons.codes.set_active(tx, [off.id], is_active=False), actor)
    with pytest.raises(CouponExhausted, match="it was ended"):
        await use_coupon(use_of(coupon, off))
    with pytest.raises(CouponNotFound):
        await use_coupon(Redemption(DiscountSource.COUPON, new_id(), use_of(coupon).amount))


async def test_an_order_with_promotion_and_coupons_takes_two_statements_and_its_release_three(
    promotions: PromotionService,
    make_promotion: MakePromotion,
    make_coupon: MakeCoupon,
    make_codes: MakeCodes,
    make_order: MakeOrder,
    database: Database,
    actor: Actor,
) -> None:
    promotion, coupon = await make_promotion(max_usage_per_user=1), await make_coupon(usage_limit_per_user=1)
    many = await make_coupon(code=None)
    (code,) = await make_codes(many, "MANY")
    order_id = await make_order()
    wanted = [*uses_of(promotion.id), use_of(coupon), use_of(many, code)]
    async with database.transaction(actor) as tx:
        with counting() as counts:
            await promotions.redemptions.redeem(
                tx, wanted, order_id=order_id, buyer=BuyerIdentity(email="a@example.com")
            )
        assert counts.data == 2
        with counting() as counts:
            await promotions.redemptions.release(tx, order_id)
        assert counts.data == 3
