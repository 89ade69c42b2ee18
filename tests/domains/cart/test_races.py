"""Parallel use of carts with real commits: no unit is lost or counted twice."""

import asyncio
from decimal import Decimal
from uuid import UUID

from domains.cart.errors import CartNotFound
from domains.cart.models import CartRef
from domains.inventory.errors import InsufficientStock
from domains.promotion.service import PromotionService
from tests.domains.cart.conftest import Carts, MakeStocked, create_promotion
from tests.domains.cart.limits import MOST_UNITS
from tests.domains.catalog.conftest import MakeCustomer


async def test_parallel_additions_are_all_counted(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product, other = (
        await make_stocked("A", name="One", stock=500),
        await make_stocked("B", name="Two", stock=500),
    )
    user = CartRef.of(await make_customer(), None)
    async with asyncio.TaskGroup() as group:
        for number in range(1, 20):
            group.create_task(carts.add(user, product if number % 2 else other, number))
    expected = {product.id: sum(range(1, 20, 2)), other.id: sum(range(2, 20, 2))}
    assert await carts.units(user) == expected


async def test_parallel_first_additions_create_one_cart(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A", stock=100)
    user = CartRef.of(await make_customer(), None)
    opened = await asyncio.gather(*(carts.add(user, product) for _ in range(10)))
    assert len({each.cart.id for each in opened}) == 1
    assert await carts.units(user) == {product.id: 10}


async def test_parallel_additions_are_limited_to_the_stock(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", stock=7)
    ref = await carts.guest(product)
    outcomes = await asyncio.gather(*(carts.add(ref, product) for _ in range(10)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(each) for each in refused} == {InsufficientStock}
    assert len(refused) == 4
    assert await carts.units(ref) == {product.id: 7}


async def test_one_code_added_in_parallel_is_in_the_cart_once(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked
) -> None:
    promotion = await create_promotion(carts, promotions, "TEN")
    ref = await carts.guest(await make_stocked("A"), 2)
    apply = carts.service.apply_promotion
    priced = await asyncio.gather(
        *(carts.database.run_statement(lambda tx: apply(tx, ref, "TEN"), carts.actor) for _ in range(8))
    )
    assert {each.quote.total for each in priced} == {Decimal(18)}
    assert list((await carts.of(ref)).promotion_ids) == [promotion.id]


async def test_a_code_added_during_additions_and_a_merge_is_serialized(
    carts: Carts, promotions: PromotionService, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    await create_promotion(carts, promotions, "TEN")
    product = await make_stocked("A", stock=100)
    for _ in range(10):
        token = (await carts.add(CartRef(), product, 3)).token or ""
        guest, user = CartRef.of_token(token), CartRef.of(await make_customer(), None)
        outcomes = await asyncio.gather(
            carts.database.run_statement(
                lambda tx, ref=guest: carts.service.apply_promotion(tx, ref, "TEN"),  # type: ignore[misc] # bound
                carts.actor,
            ),
            carts.add(user, product, 1),
            carts.do(lambda tx, ref=user, token=token: carts.service.items.merge(tx, ref, guest_token=token)),  # type: ignore[misc]
            return_exceptions=True,
        )
        assert {type(each) for each in outcomes if isinstance(each, BaseException)} <= {CartNotFound}
        assert await carts.units(user) == {product.id: 4}


async def test_one_guest_cart_merged_in_parallel_counts_once(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A", stock=100)
    user = CartRef.of(await make_customer(), None)
    token = (await carts.add(CartRef(), product, 3)).token or ""
    await asyncio.gather(
        *(carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token)) for _ in range(8))
    )
    assert await carts.units(user) == {product.id: 3}


async def test_one_guest_cart_merged_by_two_users_goes_to_one(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A", stock=100)
    users = [CartRef.of(await make_customer(), None) for _ in range(2)]
    token = (await carts.add(CartRef(), product, 3)).token or ""

    async def merge(user: CartRef) -> None:
        await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))

    await asyncio.gather(*map(merge, users))
    assert sum([await _units(carts, user, product.id) for user in users]) == 3


async def test_many_guest_carts_merged_in_parallel_are_summed(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A", stock=MOST_UNITS)
    user = CartRef.of(await make_customer(), None)
    tokens = [(await carts.add(CartRef(), product, 2)).token or "" for _ in range(6)]

    async def merge(token: str) -> None:
        await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=token))

    await asyncio.gather(*map(merge, tokens), *(carts.add(user, product) for _ in range(4)))
    assert await carts.units(user) == {product.id: 16}


async def test_an_addition_during_a_clearing_is_serialized(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", stock=100)

    async def race() -> int:
        ref = await carts.guest(product, 5)
        await asyncio.gather(
            carts.do(lambda tx: carts.service.clear_cart(tx, ref)),
            carts.add(ref, product, 2),
        )
        return await _units(carts, ref, product.id)

    assert {await race() for _ in range(5)} <= {0, 2}


async def test_a_checkout_takes_all_units_added_before_it(carts: Carts, make_stocked: MakeStocked) -> None:
    """Units added during the checkout are in the order or stay in the cart."""
    product = await make_stocked("A", stock=500)
    ref = await carts.guest(product, 5)
    ordered: list[int] = []

    async def order() -> None:
        async with carts.database.transaction(carts.actor) as tx:
            taken = await carts.service.take_out(tx, ref)
            ordered.append(sum(line.quantity for line in taken.lines))

    await asyncio.gather(order(), *(carts.add(ref, product) for _ in range(10)))
    assert ordered[0] + await _units(carts, ref, product.id) == 15


async def _units(carts: Carts, ref: CartRef, product_id: UUID) -> int:
    try:
        return (await carts.units(ref)).get(product_id, 0)
    except CartNotFound:
        return 0
