"""Merging lines into a cart: equal lines are added, limits and stock apply, and units left out are reported."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.cart import merge
from domains.cart.errors import CartLimitExceeded, CartNotFound
from domains.cart.models import (
    MAX_CODES,
    CartRef,
    MergeResult,
    NewLine,
    RejectedLine,
    RejectionReason,
)
from domains.cart.service import MAX_SYNCED_LINES
from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.service import CatalogService
from domains.inventory.models import StockLevel
from domains.kernel.ids import new_id
from tests.domains.cart.conftest import Carts, MakeStocked
from tests.domains.cart.limits import LIMITS, MAX_LINES, MOST_UNITS
from tests.domains.catalog.conftest import MakeCustomer


class Thing(Offer):
    """An offer with a price and a SKU, and no product behind it."""

    def __init__(self, key: OfferKey, *, is_sold: bool, is_tracked: bool) -> None:
        self.__dict__.update(thing=key, sold=is_sold, tracked=is_tracked)

    @property
    def is_sold(self) -> bool:
        return bool(self.__dict__["sold"])

    @property
    def is_tracked(self) -> bool:
        return bool(self.__dict__["tracked"])

    @property
    def sku(self) -> str:
        return str(self.__dict__["thing"][0])


KEYS = [(new_id(), None) for _ in range(8)]
QUANTITIES = st.one_of(st.integers(-3, 20), st.integers(900, 2_000))
REQUESTED = st.lists(st.tuples(st.sampled_from(KEYS), QUANTITIES), max_size=20)
IN_CART = st.dictionaries(st.sampled_from(KEYS), st.integers(1, MOST_UNITS))
STOCK = st.tuples(st.booleans(), st.booleans(), st.integers(0, 1_500))


@given(REQUESTED, IN_CART, st.fixed_dictionaries(dict.fromkeys(KEYS[:-1], STOCK)), st.integers(0, MAX_LINES))
def test_a_merge_plan_keeps_every_limit_and_accounts_for_every_unit(
    wanted: list[tuple[OfferKey, int]],
    in_cart: dict[OfferKey, int],
    shelves: dict[OfferKey, tuple[bool, bool, int]],
    others: int,
) -> None:
    offers: dict[OfferKey, Offer] = {
        key: Thing(key, is_sold=sold, is_tracked=tracked) for key, (sold, tracked, _) in shelves.items()
    }
    levels = {str(key[0]): StockLevel(stock, is_tracked=tracked) for key, (_, tracked, stock) in shelves.items()}
    full = in_cart | {(new_id(), None): 1 for _ in range(min(others, MAX_LINES - len(in_cart)))}
    lines = [NewLine(*key, quantity, Decimal(1)) for key, quantity in wanted]
    plan = merge.plan(lines, full, offers, levels, LIMITS)
    after = dict(full)
    for addition in plan.additions:
        after[addition.key] = after.get(addition.key, 0) + addition.quantity
    assert len(after) <= MAX_LINES
    for key, addition in ((each.key, each) for each in plan.additions):
        sold, tracked, stock = shelves[key]
        assert (sold, addition.quantity > 0) == (True, True)
        assert after[key] <= (min(stock, MOST_UNITS) if tracked else MOST_UNITS)
    asked = sum(quantity for _, quantity in wanted if quantity > 0)
    taken = sum(addition.quantity for addition in plan.additions)
    left = sum(each.requested - each.added for each in plan.rejected if each.requested > 0)
    assert asked == taken + left


async def test_a_guests_cart_is_added_to_the_users_and_deleted(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    shared, other = await make_stocked("A", name="One"), await make_stocked("B", name="Two")
    user = CartRef.of(await make_customer(), None)
    await carts.add(user, shared, 2)
    token = (await carts.add(CartRef(), shared, 3)).token or ""
    await carts.add(CartRef.of_token(token), other, 1)
    taken = await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))
    assert taken.rejected == []
    assert await carts.units(user) == {shared.id: 5, other.id: 1}
    with pytest.raises(CartNotFound):
        await carts.of(CartRef.of_token(token))


async def test_a_merge_creates_the_users_first_cart(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    token = (await carts.add(CartRef(), product, 3)).token or ""
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))
    assert await carts.units(user) == {product.id: 3}


async def test_a_used_cart_token_merges_nothing(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    token = (await carts.add(CartRef(), product, 3)).token or ""
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))
    again = await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))
    assert list(again.rejected) == []
    assert await carts.units(user) == {product.id: 3}


async def test_a_merged_line_keeps_its_original_price(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer, catalog: CatalogService
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    token = (await carts.add(CartRef(), product)).token or ""
    await carts.do(lambda tx: catalog.update_product(tx, product.id, {"base_price": Decimal(12)}))
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))
    (line,) = (await carts.of(user)).lines
    assert (line.price_snapshot.amount, line.is_price_changed) == (Decimal(10), True)


async def test_units_left_out_of_a_merge_are_reported(
    carts: Carts, make_stocked: MakeStocked, catalog: CatalogService
) -> None:
    scarce, gone = await make_stocked("A", name="One", stock=4), await make_stocked("B", name="Two")
    endless = await make_stocked("C", name="Three", is_tracked=False, stock=0)
    ref = await carts.guest(scarce, 1)
    await carts.do(lambda tx: catalog.delete_product(tx, gone.id))
    unknown = new_id()
    wanted = [(scarce.id, 5), (gone.id, 1), (endless.id, 600), (endless.id, 500), (unknown, 2), (endless.id, 0)]
    taken = await _sync(carts, ref, wanted)
    assert [(each.product_id, each.requested, each.added, each.reason) for each in taken.rejected] == [
        (scarce.id, 5, 3, RejectionReason.INSUFFICIENT_STOCK),
        (gone.id, 1, 0, RejectionReason.NOT_FOR_SALE),
        (endless.id, 1_100, MOST_UNITS, RejectionReason.QUANTITY_LIMIT),
        (unknown, 2, 0, RejectionReason.NOT_FOR_SALE),
        (endless.id, 0, 0, RejectionReason.INVALID_QUANTITY),
    ]
    assert await carts.units(ref) == {scarce.id: 4, endless.id: MOST_UNITS}


async def test_a_cart_line_above_the_stock_is_kept_by_a_merge(
    carts: Carts, make_stocked: MakeStocked, owner: Any
) -> None:
    product = await make_stocked("A", stock=9)
    ref = await carts.guest(product, 8)
    await owner.execute("update cart_items set quantity = 20 where product_id = $1", product.id)
    taken = await _sync(carts, ref, [(product.id, 1)])
    assert taken.rejected == [RejectedLine(product.id, None, 1, 0, RejectionReason.INSUFFICIENT_STOCK)]
    assert await carts.units(ref) == {product.id: 20}


async def test_a_sync_creates_a_guests_cart_and_returns_its_token(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A")
    taken = await _sync(carts, CartRef(), [(product.id, 2)])
    assert taken.opened is not None
    assert await carts.units(CartRef.of_token(taken.opened.token)) == {product.id: 2}


async def test_a_sync_without_sellable_products_creates_no_cart(
    carts: Carts, make_stocked: MakeStocked, owner: Any, company: UUID
) -> None:
    taken = await _sync(carts, CartRef(), [(new_id(), 2)])
    assert (taken.opened, len(taken.rejected)) == (None, 1)
    assert await owner.fetchval("select count(*) from carts where company_id = $1", company) == 0


async def test_a_sync_includes_the_guests_cart(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    token = (await carts.add(CartRef(), product, 3)).token
    lines = [NewLine(product.id, None, 1)]
    await carts.do(lambda tx: carts.service.sync_from_local_storage(tx, user, lines, guest_token=token))
    assert await carts.units(user) == {product.id: 4}


async def test_a_sync_has_a_maximum_length(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A")
    with pytest.raises(CartLimitExceeded, match="200"):
        await _sync(carts, CartRef(), [(product.id, 1)] * (MAX_SYNCED_LINES + 1))


async def test_codes_are_merged_up_to_the_limit_of_the_cart(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer, owner: Any, company: UUID
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    mine = (await carts.add(user, product)).cart.id
    guest = await carts.add(CartRef(), product)
    codes = [await _promotion(owner, company, number) for number in range(MAX_CODES + 2)]
    carried = "insert into cart_promotions (company_id, cart_id, promotion_id) select $1, $2, unnest($3::uuid[])"
    await owner.execute(carried, company, mine, codes[:2])
    await owner.execute(carried, company, guest.cart.id, codes[1:])
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=guest.token or ""))
    now = (await carts.of(user)).promotion_ids
    assert len(now) == len(set(now)) == MAX_CODES
    assert {*codes[:2]} <= {*now} <= {*codes}


async def test_coupons_are_merged_with_one_code_each_up_to_the_limit_of_the_cart(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer, owner: Any, company: UUID
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    mine = (await carts.add(user, product)).cart.id
    guest = await carts.add(CartRef(), product)
    both = await _coupon(owner, company, "BOTH")
    own, other = [await _unique_code(owner, company, both, f"BOTH-{number}") for number in range(2)]
    shared = [await _coupon(owner, company, f"SHARED{number}") for number in range(MAX_CODES)]
    promotion = await _promotion(owner, company, 0)
    carried = "insert into cart_coupons (company_id, cart_id, coupon_id, coupon_code_id) values ($1, $2, $3, $4)"
    await owner.execute(carried, company, mine, both, own)
    for coupon, code in ((both, other), *((each, None) for each in shared)):
        await owner.execute(carried, company, guest.cart.id, coupon, code)
    applied = "insert into cart_promotions (company_id, cart_id, promotion_id) values ($1, $2, $3)"
    await owner.execute(applied, company, mine, promotion)
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=guest.token or ""))
    now = await carts.of(user)
    assert (list(now.promotion_ids), now.coupons[both]) == ([promotion], own)
    assert len(now.promotion_ids) + len(now.coupons) == MAX_CODES
    assert {*now.coupons} <= {both, *shared}


async def _sync(carts: Carts, ref: CartRef, lines: list[tuple[UUID, int]]) -> MergeResult:
    wanted = [NewLine(product_id, None, quantity) for product_id, quantity in lines]
    return await carts.do(lambda tx: carts.service.sync_from_local_storage(tx, ref, wanted))


async def _promotion(owner: Any, company: UUID, number: int) -> UUID:
    promotion_id = new_id()
    await owner.execute(
        "insert into promotions (id, company_id, name, code, type, discount_value, discount_type, currency, "
        "start_date, updated_at) values ($1, $2, 'P', $3, 'SEASONAL', 1, 'FIXED_AMOUNT', 'EUR', now(), now())",
        promotion_id,
        company,
        f"CODE{number}",
    )
    return promotion_id


async def _coupon(owner: Any, company: UUID, name: str) -> UUID:
    coupon_id = new_id()
    await owner.execute(
        "insert into coupons (id, company_id, name, type, discount_value, currency, starts_at, updated_at) "
        "values ($1, $2, $3, 'FIXED_AMOUNT', 1, 'EUR', now(), now())",
        coupon_id,
        company,
        name,
    )
    return coupon_id


async def _unique_code(owner: Any, company: UUID, coupon_id: UUID, code: str) -> UUID:
    code_id = new_id()
    sql = "insert into coupon_codes (id, company_id, coupon_id, code) values ($1, $2, $3, $4)"
    await owner.execute(sql, code_id, company, coupon_id, code)
    return code_id
