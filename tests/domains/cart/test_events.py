"""Additions to carts are emitted once, by whatever way they were made, and refused ones are not."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.cart.models import CartRef, NewLine
from domains.catalog.models import Product
from domains.inventory.errors import InsufficientStock
from tests.domains.cart.conftest import Carts, MakeStocked
from tests.domains.catalog.conftest import MakeCustomer

EVENTS = """
select payload from outbox_events where company_id = $1 and topic = 'cart.item_added' order by sequence
"""


class Told:
    """The additions that the company's events tell of, each once."""

    def __init__(self, owner: Any, company: UUID) -> None:
        self._owner, self._company, self._known = owner, company, 0

    async def next(self) -> list[dict[str, Any]]:
        """The payloads since the last call."""
        rows = await self._owner.fetch(EVENTS, self._company)
        new = [row["payload"] for row in rows[self._known :]]
        self._known = len(rows)
        return new


@pytest.fixture
def told(owner: Any, company: UUID) -> Told:
    return Told(owner, company)


async def cart_id(carts: Carts, ref: CartRef) -> str:
    return str((await carts.of(ref)).cart.id)


def addition(cart: str, user_id: UUID | None, product: Product, quantity: int) -> dict[str, Any]:
    return {
        "cart_id": cart,
        "user_id": user_id and str(user_id),
        "product_id": str(product.id),
        "variant_id": None,
        "quantity": quantity,
        "unit_price": str(product.price.amount.quantize(Decimal("0.01"))),
        "currency": "EUR",
    }


async def test_each_addition_of_a_guest_is_emitted_with_its_own_units(
    carts: Carts, make_stocked: MakeStocked, told: Told
) -> None:
    tea, cup = await make_stocked("A", name="Tea"), await make_stocked("B", name="Cup")
    ref = await carts.guest(tea, 2)
    cart = await cart_id(carts, ref)
    assert await told.next() == [addition(cart, None, tea, 2)]
    await carts.add_all(ref, (cup, 1), (tea, 3), (cup, 1))
    assert await told.next() == [addition(cart, None, cup, 2), addition(cart, None, tea, 3)]


async def test_a_refused_addition_is_not_emitted(carts: Carts, make_stocked: MakeStocked, told: Told) -> None:
    tea, cup = await make_stocked("A", name="Tea"), await make_stocked("B", name="Cup", stock=1)
    ref = await carts.guest(tea)
    await told.next()
    for target in (ref, CartRef()):
        with pytest.raises(InsufficientStock):
            await carts.add_all(target, (tea, 1), (cup, 2))
    assert await told.next() == []


async def test_lines_that_move_to_a_users_cart_are_no_additions(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer, told: Told
) -> None:
    tea, cup = await make_stocked("A", name="Tea"), await make_stocked("B", name="Cup", stock=4)
    user_id = (await make_customer()).user_id
    ref = CartRef(user_id=user_id)
    opened = await carts.add(CartRef(), tea, 2)
    await told.next()
    await carts.do(lambda tx: carts.service.items.merge(tx, ref, guest_token=opened.token))
    assert (await carts.units(ref), await told.next()) == ({tea.id: 2}, [])

    again = await carts.add(CartRef(), cup, 3)
    await told.next()
    lines = [NewLine(cup.id, None, 5), NewLine(tea.id, None, 1), NewLine(tea.id, None, 0)]
    merged = await carts.do(lambda tx: carts.service.sync_from_local_storage(tx, ref, lines, guest_token=again.token))
    cart = await cart_id(carts, ref)
    assert await carts.units(ref) == {tea.id: 3, cup.id: 4}
    assert len(merged.rejected) == 2
    assert await told.next() == [addition(cart, user_id, cup, 1), addition(cart, user_id, tea, 1)]


async def test_changed_and_ordered_lines_are_no_additions(
    carts: Carts, make_stocked: MakeStocked, told: Told
) -> None:
    ref = await carts.guest(await make_stocked("A"), 2)
    await told.next()
    (item,) = (await carts.of(ref)).lines
    await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, item.id, 5))
    await carts.do(lambda tx: carts.service.take_out(tx, ref))
    assert await told.next() == []
