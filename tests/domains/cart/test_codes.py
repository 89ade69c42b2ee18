"""Promotions in carts: which codes a cart keeps, and the discount of each."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.cart.errors import CartEmpty, CartLimitExceeded, CartNotFound, CodeNotInCart
from domains.cart.models import MAX_CODES, CartRef
from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.pricing.models import Quote
from domains.promotion.eligibility import NEEDS_CONFIRMED_EMAIL
from domains.promotion.errors import PromoCodeInvalid
from domains.promotion.models import PromotionType
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService
from tests.domains.account.buyers import record_paid
from tests.domains.cart.conftest import Carts, MakeStocked, create_promotion
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.promotion.conftest import MakeOrder


async def add_code(carts: Carts, ref: CartRef, code: str) -> None:
    await carts.do(lambda tx: carts.service.apply_promotion(tx, ref, code))


async def calculate_total(carts: Carts, ref: CartRef) -> Quote:
    reader = carts.database.reader(carts.actor.company_id)
    return await carts.service.calculate_total(reader, await carts.of(ref))


async def test_a_code_is_added_once_and_reduces_the_total(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    promotion = await create_promotion(carts, promotions, "TEN")
    ref = await carts.guest(await make_stocked("A"), 2)
    await add_code(carts, ref, "ten")
    await add_code(carts, ref, "TEN")
    totals = await calculate_total(carts, ref)
    assert (totals.subtotal, totals.discount, totals.total) == (Decimal(20), Decimal(2), Decimal(18))
    assert [(each.source_id, each.code) for each in totals.adjustments] == [(promotion.id, "TEN")]
    assert list((await carts.of(ref)).promotion_ids) == [promotion.id]


async def test_an_automatic_promotion_needs_no_code(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    await create_promotion(carts, promotions, None)
    ref = await carts.guest(await make_stocked("A"), 2)
    assert (await calculate_total(carts, ref)).total == Decimal(18)


async def test_a_code_of_another_cart_reduces_nothing_here(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    product = await make_stocked("A")
    await create_promotion(carts, promotions, "TEN")
    ref, other = await carts.guest(product), await carts.guest(product)
    await add_code(carts, ref, "TEN")
    reader = carts.database.reader(carts.actor.company_id)
    both = await carts.service.quotes.of(reader, [await carts.of(ref), await carts.of(other)])
    assert [each.total for each in both] == [Decimal(9), Decimal(10)]


@pytest.mark.parametrize(
    "given",
    [
        {"is_active": False},
        {"min_purchase_amount": Decimal(50)},
    ],
)
async def test_an_unusable_code_is_refused_and_not_added(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, given: dict[str, Any]
) -> None:
    await create_promotion(carts, promotions, "TEN", **given)
    ref = await carts.guest(await make_stocked("A"))
    with pytest.raises(PromoCodeInvalid):
        await add_code(carts, ref, "TEN")
    assert list((await carts.of(ref)).promotion_ids) == []


async def test_a_loyalty_code_is_kept_until_the_guest_confirms_an_address(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    promotion = await create_promotion(carts, promotions, "TEN", type=PromotionType.LOYALTY, required_orders=3)
    ref = await carts.guest(await make_stocked("A"))
    await add_code(carts, ref, "TEN")
    assert list((await carts.of(ref)).promotion_ids) == [promotion.id]
    totals = await calculate_total(carts, ref)
    assert (totals.total, totals.adjustments) == (Decimal(10), ())
    assert [(each.reason, each.needs_confirmed_email) for each in totals.refused] == [(NEEDS_CONFIRMED_EMAIL, True)]


async def test_a_loyalty_code_is_refused_to_a_customer_without_enough_orders(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    await create_promotion(carts, promotions, "TEN", type=PromotionType.LOYALTY, required_orders=3)
    ref = CartRef.of(await make_customer(), None)
    await carts.add(ref, await make_stocked("A"))
    with pytest.raises(PromoCodeInvalid, match="3 paid orders"):
        await add_code(carts, ref, "TEN")


async def test_an_unknown_code_and_an_expired_one_are_refused(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, clock: FixedClock
) -> None:
    await create_promotion(carts, promotions, "TEN", end_date=clock.now() + timedelta(days=1))
    ref = await carts.guest(await make_stocked("A"))
    with pytest.raises(PromoCodeInvalid):
        await add_code(carts, ref, "NO SUCH CODE")
    clock.advance(timedelta(days=2))
    with pytest.raises(PromoCodeInvalid):
        await add_code(carts, ref, "TEN")
    assert (await calculate_total(carts, ref)).total == Decimal(10)


async def test_an_expired_code_in_a_cart_gives_no_discount_and_is_reported(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, clock: FixedClock
) -> None:
    promotion = await create_promotion(carts, promotions, "TEN", end_date=clock.now() + timedelta(days=1))
    ref = await carts.guest(await make_stocked("A"))
    await add_code(carts, ref, "TEN")
    clock.advance(timedelta(days=2))
    totals = await calculate_total(carts, ref)
    assert (totals.discount, [refusal.source_id for refusal in totals.refused]) == (Decimal(0), [promotion.id])


async def test_a_code_is_removed(carts: Carts, promotions: PromotionService, make_stocked: MakeStocked) -> None:
    promotion = await create_promotion(carts, promotions, "TEN")
    ref = await carts.guest(await make_stocked("A"))
    await add_code(carts, ref, "TEN")
    await carts.do(lambda tx: carts.service.promotions.remove(tx, ref, promotion.id))
    assert (await calculate_total(carts, ref)).total == Decimal(10)
    for unknown in (promotion.id, new_id()):
        with pytest.raises(CodeNotInCart):
            await _remove_code(carts, ref, unknown)


async def test_adding_a_code_requires_a_cart_with_lines(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    await create_promotion(carts, promotions, "TEN")
    with pytest.raises(CartNotFound):
        await add_code(carts, CartRef(), "TEN")
    ref = await carts.guest(await make_stocked("A"))
    await carts.do(lambda tx: carts.service.clear_cart(tx, ref))
    with pytest.raises(CartEmpty):
        await add_code(carts, ref, "TEN")


async def test_a_cart_contains_at_most_ten_codes(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    ref = await carts.guest(await make_stocked("A"))
    for number in range(MAX_CODES):
        await create_promotion(carts, promotions, f"CODE{number}")
        await add_code(carts, ref, f"CODE{number}")
    await create_promotion(carts, promotions, "ELEVENTH")
    with pytest.raises(CartLimitExceeded):
        await add_code(carts, ref, "ELEVENTH")
    assert len((await carts.of(ref)).promotion_ids) == MAX_CODES


async def test_clearing_a_cart_removes_its_codes(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    product = await make_stocked("A")
    await create_promotion(carts, promotions, "TEN")
    ref = await carts.guest(product)
    await add_code(carts, ref, "TEN")
    await carts.do(lambda tx: carts.service.clear_cart(tx, ref))
    await carts.add(ref, product)
    assert (await calculate_total(carts, ref)).total == Decimal(10)


async def test_a_first_order_is_determined_by_account_and_confirmed_address(
    carts: Carts,
    promotions: PromotionService,
    make_stocked: MakeStocked,
    make_customer: MakeCustomer,
    make_order: MakeOrder,
    owner: Any,
) -> None:
    """A user who ordered as a guest with the confirmed address before registering is not a new customer."""
    await create_promotion(carts, promotions, "HELLO", type=PromotionType.WELCOME)
    product = await make_stocked("A")
    new, by_account, by_address = [await make_customer() for _ in range(3)]
    sql = "update users set email_verified = true where id = $1 returning email"
    address = await owner.fetchval(sql, by_address.user_id)
    elsewhere = BuyerIdentity(user_id=by_account.user_id, email="elsewhere@example.com")
    for who in (elsewhere, BuyerIdentity(email=address, email_confirmed=True)):
        order_id = await make_order()
        await carts.do(partial(record_paid, order_id=order_id, buyer=who))
    refs = [CartRef.of(actor, None) for actor in (new, by_account, by_address)]
    for ref in refs:
        await carts.add(ref, product)
    await add_code(carts, refs[0], "HELLO")
    for ref in refs[1:]:
        with pytest.raises(PromoCodeInvalid, match="first order"):
            await add_code(carts, ref, "HELLO")
    assert [(await calculate_total(carts, ref)).total for ref in refs] == [Decimal(9), Decimal(10), Decimal(10)]


async def test_totals_of_many_carts_execute_as_many_statements_as_of_one(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A")
    refs = [CartRef.of(await make_customer(), None) for _ in range(3)]
    for ref in refs:
        await carts.add(ref, product)
    contents = [await carts.of(ref) for ref in refs]
    reader = carts.database.reader(carts.actor.company_id)
    await carts.service.quotes.of(reader, contents[:1])
    costs = []
    for number in (1, 3):
        with counting() as count:
            await carts.service.quotes.of(reader, contents[:number])
        costs.append(count.data)
    assert costs == [2, 2]


async def _remove_code(carts: Carts, ref: CartRef, promotion_id: UUID) -> None:
    await carts.do(lambda tx: carts.service.promotions.remove(tx, ref, promotion_id))
