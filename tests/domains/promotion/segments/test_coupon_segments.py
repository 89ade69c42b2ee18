"""Coupons for the customers of a segment: by their codes, and at the checkout without any promotion."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

import pytest

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.runtime import fetch_parts
from domains.promotion.coupons.models import CouponChanges
from domains.promotion.errors import PromoCodeInvalid
from domains.promotion.rules import Buyer, BuyerIdentity
from domains.promotion.segments.errors import SegmentInUse, SegmentNotFound
from domains.promotion.segments.models import CustomerSegment, NewSegment
from domains.promotion.service import PromotionService
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.promotion.conftest import MakeOrder
from tests.domains.promotion.coupons.conftest import MakeCoupon, coupons, make_coupon

__all__ = ["coupons", "make_coupon"]
Create = Callable[..., Awaitable[CustomerSegment]]
PAID = """
insert into buyer_orders (company_id, order_id, user_id, email, email_confirmed, paid_at)
values ($1, $2, $3, 'ann@example.com', true, $4)
"""


@pytest.fixture
def create(promotions: PromotionService, database: Database, actor: Actor) -> Create:
    """Creates segments."""

    async def create_segment(name: str, conditions: Any) -> CustomerSegment:
        new = cast("NewSegment", {"name": name, "conditions": conditions})
        return await database.run(lambda tx: promotions.segments.create(tx, new), actor)

    return create_segment


async def test_a_segment_that_a_coupon_names_exists_and_is_not_deleted(
    promotions: PromotionService, create: Create, make_coupon: MakeCoupon, database: Database, actor: Actor
) -> None:
    with pytest.raises(SegmentNotFound) as refused:
        await make_coupon(segment_id=new_id())
    assert refused.value.field == ("segment_id",)
    segment = await create("Guests", {"is_guest": True})
    coupon = await make_coupon(segment_id=segment.id)
    assert coupon.segment_id == segment.id
    with pytest.raises(SegmentInUse, match="is used by 'Five off'"):
        await database.run(lambda tx: promotions.segments.delete(tx, segment.id), actor)
    changes = CouponChanges(segment_id=None)
    changed = await database.run(lambda tx: promotions.coupons.update(tx, coupon.id, changes), actor)
    assert changed.segment_id is None
    await database.run(lambda tx: promotions.segments.delete(tx, segment.id), actor)


async def test_a_coupon_for_a_segment_is_refused_to_others(
    promotions: PromotionService, create: Create, make_coupon: MakeCoupon, reader: Reader
) -> None:
    guests = await create("Guests", {"is_guest": True})
    outer = await create("Nested", {"all": [{"in_segment": guests.id}]})
    coupon = await make_coupon(segment_id=outer.id)
    valid = await promotions.validate_promo_code(reader, "FIVE", Buyer())
    assert (valid.discount.id, valid.needs_confirmed_email) == (coupon.id, False)
    with pytest.raises(PromoCodeInvalid) as refused:
        await promotions.validate_promo_code(reader, "FIVE", Buyer(user_id=new_id()))
    assert refused.value.reason == "It is for selected customers."


async def test_a_guest_must_confirm_an_address_where_orders_matter(
    promotions: PromotionService, create: Create, make_coupon: MakeCoupon, reader: Reader
) -> None:
    loyal = await create("Loyal", {"paid_orders_at_least": 1})
    await make_coupon(segment_id=loyal.id)
    with counting() as count:
        valid = await promotions.validate_promo_code(reader, "FIVE", Buyer())
    assert (valid.needs_confirmed_email, count.data) == (True, 2)


async def test_a_checkout_without_promotions_reads_the_history_with_its_coupons(
    promotions: PromotionService,
    create: Create,
    make_coupon: MakeCoupon,
    make_customer: MakeCustomer,
    make_order: MakeOrder,
    database: Database,
    actor: Actor,
    reader: Reader,
    owner: Any,
    clock: FixedClock,
) -> None:
    ann = require_user_id(await make_customer())
    members = await create("Members", {"all": [{"is_member": True}, {"paid_orders_at_least": 2}]})
    await database.run(lambda tx: promotions.segments.add_members(tx, members.id, [ann]), actor)
    times = [clock.now() - timedelta(days=days) for days in (9, 4)]
    for user_id, at in zip((ann, None), times, strict=True):
        await owner.execute(PAID, actor.company_id, await make_order(), user_id, at)
    coupon = await make_coupon(segment_id=members.id)

    async def known(identity: BuyerIdentity) -> tuple[bool, Buyer]:
        parts = [
            promotions.candidates_with_buyer(reader, [], clock.now(), identity),
            promotions.coupons.candidates_with_buyer(reader, [(coupon.id, None)], identity),
        ]
        of_promotions, of_coupons = await fetch_parts(reader, parts)
        rules, buyer = promotions.rules_and_buyer(of_promotions, identity)
        assert rules == []
        (rule,), buyer = promotions.coupons.rules_and_buyer(of_coupons, buyer)
        return promotions.check_eligibility(buyer, rule), buyer

    with counting() as count:
        is_eligible, buyer = await known(BuyerIdentity(user_id=ann, email="ann@example.com", email_confirmed=True))
    assert (is_eligible, count.data, buyer.uses) == (True, 1, {coupon.id: 0})
    assert (buyer.paid_orders, buyer.unconfirmed_orders) == (2, 0)
    assert (buyer.first_paid_at, buyer.last_paid_at, buyer.lists) == (*times, frozenset({members.id}))
    assert (await known(BuyerIdentity(user_id=ann)))[0] is False  # one order without the address
    assert await known(BuyerIdentity()) == (False, Buyer(uses={coupon.id: 0}))
