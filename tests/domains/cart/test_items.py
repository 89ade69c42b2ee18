"""Adding to carts: owners, lines, limits, stock, prices, expiry."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.cart.errors import (
    CartEmpty,
    CartItemNotFound,
    CartLimitExceeded,
    CartNotFound,
    NotForSale,
    VariantRequired,
)
from domains.cart.models import CartRef, NewLine
from domains.catalog.errors import ProductNotFound, VariantNotFound
from domains.catalog.service import CatalogService
from domains.inventory.errors import InsufficientStock
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required
from domains.kernel.values.money import Money
from tests.domains.cart.conftest import Carts, MakeStocked
from tests.domains.cart.limits import MOST_UNITS
from tests.domains.catalog.conftest import MakeCustomer


async def test_a_guests_first_addition_creates_a_cart_and_returns_its_token_once(
    carts: Carts, make_stocked: MakeStocked, owner: Any
) -> None:
    product = await make_stocked("A")
    first = await carts.add(CartRef(), product)
    assert first.token is not None
    assert len(first.token) == 43
    second = await carts.add(CartRef.of_token(first.token), product, 2)
    assert (second.cart.id, second.token) == (first.cart.id, None)
    stored = await owner.fetchval("select session_id from carts where id = $1", first.cart.id)
    assert stored == CartRef.of_token(first.token).token_hash
    assert stored != first.token


async def test_an_unknown_token_is_never_used_for_a_new_cart(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A")
    planted = CartRef.of_token("planted by somebody who would look into the cart later")
    opened = await carts.add(planted, product)
    assert opened.token is not None
    with pytest.raises(CartNotFound):
        await carts.of(planted)


async def test_the_same_product_is_one_line(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    product = await make_stocked("A")
    ref = CartRef.of((await make_customer()), None)
    await carts.add(ref, product, 2)
    await carts.add(ref, product, 3)
    assert await carts.units(ref) == {product.id: 5}


async def test_each_variant_is_a_separate_line(
    carts: Carts, make_stocked: MakeStocked, catalog: CatalogService, database: Database
) -> None:
    product = await make_stocked(skus=("A-S", "A-M"))
    variants = await catalog.variants.of_products(database.reader(carts.actor.company_id), carts.actor, [product.id])
    ref = CartRef.of_token((await carts.add(CartRef(), product, 1, variants[0].id)).token)
    await carts.add(ref, product, 2, variants[1].id)
    assert [(line.sku, line.quantity) for line in (await carts.of(ref)).lines] == [("A-S", 1), ("A-M", 2)]


async def test_a_product_with_variants_requires_a_variant(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked(skus=("A-S",))
    with pytest.raises(VariantRequired):
        await carts.add(CartRef(), product)
    with pytest.raises(VariantNotFound):
        await carts.add(CartRef(), product, 1, new_id())


@pytest.mark.parametrize("hidden", ["archived", "a draft", "unknown"])
async def test_a_product_hidden_from_customers_is_not_found(
    carts: Carts, make_stocked: MakeStocked, catalog: CatalogService, hidden: str
) -> None:
    product = await make_stocked("A")
    if hidden == "archived":
        await carts.do(lambda tx: catalog.delete_product(tx, product.id))
    elif hidden == "a draft":
        await carts.do(lambda tx: catalog.products.unpublish(tx, product.id))
    product_id = new_id() if hidden == "unknown" else product.id
    with pytest.raises(ProductNotFound):
        await carts.do(lambda tx: carts.service.add_item(tx, CartRef(), NewLine(product_id, None, 1)))


@pytest.mark.parametrize(
    ("quantity", "error"), [(0, InvalidInput), (-1, InvalidInput), (MOST_UNITS + 1, CartLimitExceeded)]
)
async def test_an_invalid_quantity_is_refused(
    carts: Carts, make_stocked: MakeStocked, quantity: int, error: type[DomainError], owner: Any, company: UUID
) -> None:
    product = await make_stocked("A")
    with pytest.raises(error) as refused:
        await carts.add(CartRef(), product, quantity)
    assert refused.value.field == ("quantity",)
    assert await owner.fetchval("select count(*) from carts where company_id = $1", company) == 0


async def test_a_line_is_limited_to_the_available_stock(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", stock=5)
    ref = await carts.guest(product, 3)
    with pytest.raises(InsufficientStock) as refused:
        await carts.add(ref, product, 3)
    assert (refused.value.requested, refused.value.available) == (6, 5)
    assert await carts.units(ref) == {product.id: 3}


async def test_additions_are_limited_to_the_maximum_of_a_line(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", is_tracked=False, stock=0)
    ref = await carts.guest(product, MOST_UNITS)
    with pytest.raises(CartLimitExceeded, match="999 are in the cart"):
        await carts.add(ref, product)
    assert await carts.units(ref) == {product.id: MOST_UNITS}


async def test_an_untracked_product_needs_neither_stock_nor_a_sku(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked(None, is_tracked=False)
    ref = await carts.guest(product, 7)
    assert await carts.units(ref) == {product.id: 7}


async def test_a_tracked_product_without_a_sku_cannot_be_sold(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked(None)
    with pytest.raises(InsufficientStock):
        await carts.add(CartRef(), product)


async def test_a_cart_contains_at_most_a_hundred_lines(carts: Carts, make_stocked: MakeStocked, owner: Any) -> None:
    product, other = await make_stocked("A", name="One"), await make_stocked("B", name="Two")
    ref = await carts.guest(product)
    await owner.execute(
        """
        with made as (
          insert into product_variants (id, company_id, product_id, sku, name, updated_at)
          select gen_random_uuid(), company_id, id, 'V' || n, n::text, now() from products, generate_series(1, 99) n
          where id = $1 returning *
        )
        insert into cart_items (id, company_id, cart_id, product_id, variant_id, quantity, price_snapshot, currency,
                                updated_at)
        select gen_random_uuid(), m.company_id, c.id, product_id, m.id, 1, 1, 'EUR', now()
        from made m join carts c on c.company_id = m.company_id
        """,
        product.id,
    )
    with pytest.raises(CartLimitExceeded, match="100 lines"):
        await carts.add(ref, other)
    assert len((await carts.of(ref)).lines) == 100


async def test_a_changed_quantity_is_limited_to_the_stock(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", stock=5)
    ref = await carts.guest(product)
    (line,) = (await carts.of(ref)).lines
    await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, line.id, 5))
    assert await carts.units(ref) == {product.id: 5}
    with pytest.raises(InsufficientStock):
        await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, line.id, 6))
    with pytest.raises(InvalidInput, match="remove the line"):
        await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, line.id, 0))
    assert await carts.units(ref) == {product.id: 5}


async def test_a_line_that_is_off_sale_can_be_removed_but_not_changed(
    carts: Carts, make_stocked: MakeStocked, catalog: CatalogService
) -> None:
    product = await make_stocked("A")
    ref = await carts.guest(product)
    (line,) = (await carts.of(ref)).lines
    await carts.do(lambda tx: catalog.products.unpublish(tx, product.id))
    assert [(each.is_sold, each.id) for each in (await carts.of(ref)).lines] == [(False, line.id)]
    assert (await carts.of(ref)).on_sale == []
    with pytest.raises(NotForSale):
        await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, line.id, 2))
    await carts.do(lambda tx: carts.service.remove_item(tx, ref, line.id))
    assert await carts.units(ref) == {}


async def test_a_line_of_another_cart_is_not_found(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A")
    ref, stranger = await carts.guest(product), await carts.guest(product)
    (line,) = (await carts.of(ref)).lines
    with pytest.raises(CartItemNotFound):
        await carts.do(lambda tx: carts.service.update_item_quantity(tx, stranger, line.id, 2))
    with pytest.raises(CartItemNotFound):
        await carts.do(lambda tx: carts.service.remove_item(tx, stranger, line.id))
    assert await carts.units(ref) == {product.id: 1}


async def test_a_price_change_is_shown_until_it_is_accepted(
    carts: Carts, make_stocked: MakeStocked, catalog: CatalogService
) -> None:
    product = await make_stocked("A")
    ref = await carts.guest(product)
    await carts.do(lambda tx: catalog.update_product(tx, product.id, {"base_price": Decimal(12)}))
    (line,) = (await carts.of(ref)).lines
    assert (line.is_price_changed, line.price_snapshot, line.unit_price) == (
        True,
        Money(Decimal(10), "EUR"),
        Money(Decimal(12), "EUR"),
    )
    await carts.do(lambda tx: carts.service.update_item_quantity(tx, ref, line.id, 2))
    assert [each.is_price_changed for each in (await carts.of(ref)).lines] == [True]
    await carts.do(lambda tx: carts.service.items.accept_prices(tx, ref))
    assert [each.is_price_changed for each in (await carts.of(ref)).lines] == [False]


async def test_clearing_keeps_the_cart_and_its_token(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A")
    ref = await carts.guest(product)
    before = (await carts.of(ref)).cart.id
    await carts.do(lambda tx: carts.service.clear_cart(tx, ref))
    assert ((await carts.of(ref)).cart.id, await carts.units(ref)) == (before, {})
    with pytest.raises(CartEmpty):
        await carts.do(lambda tx: carts.service.take_out(tx, ref))


async def test_an_expired_cart_is_not_found_before_and_after_the_cleanup(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer, clock: FixedClock
) -> None:
    product = await make_stocked("A")
    user = CartRef.of(await make_customer(), None)
    guest = await carts.guest(product)
    await carts.add(user, product, 4)
    clock.advance(timedelta(days=31))
    with pytest.raises(CartNotFound):
        await carts.of(guest)
    assert await carts.units(user) == {product.id: 4}
    assert await carts.do(carts.service.delete_expired) == 1
    clock.advance(timedelta(days=60))
    await carts.add(user, product, 1)
    assert await carts.units(user) == {product.id: 1}
    assert await carts.do(carts.service.delete_expired) == 0


async def test_cart_operations_execute_a_fixed_number_of_statements(carts: Carts, make_stocked: MakeStocked) -> None:
    product, other = await make_stocked("A", name="One"), await make_stocked("B", name="Two")
    ref = await carts.guest(product)
    with counting() as adding:
        await carts.add(ref, other)
    with counting() as ordering:
        ordered = await carts.do(lambda tx: carts.service.take_out(tx, ref))
    assert (adding.data, ordering.data) == (2, 2)  # the last one writes the events, with those of the order
    assert [line.sku for line in ordered.lines] == ["A", "B"]
    assert await carts.units(ref) == {}


async def test_several_products_are_added_at_once_and_duplicates_are_summed(
    carts: Carts, make_stocked: MakeStocked
) -> None:
    one, two = await make_stocked("A", name="One"), await make_stocked("B", name="Two")
    opened = await carts.add_all(CartRef(), (one, 2), (two, 1), (one, 3))
    ref = CartRef.of_token(opened.token)
    assert (opened.units, await carts.units(ref)) == (6, {one.id: 5, two.id: 1})
    again = await carts.add_all(ref, (two, 4), (one, 1))
    assert (again.units, again.token) == (11, None)
    assert await carts.units(ref) == {one.id: 6, two.id: 5}
    assert [line.name for line in (await carts.of(ref)).lines] == ["One", "Two"]


@pytest.mark.parametrize("has_cart", [False, True])
async def test_one_invalid_item_refuses_the_whole_addition_and_is_named(
    carts: Carts, make_stocked: MakeStocked, owner: Any, company: UUID, *, has_cart: bool
) -> None:
    one, short = await make_stocked("A", name="One"), await make_stocked("B", name="Two", stock=3)
    hidden = await make_stocked("C", name="Three", is_active=False)
    ref = await carts.guest(one) if has_cart else CartRef()
    for refused, error, named in (
        ((short, 4), InsufficientStock, "quantity"),
        ((hidden, 1), ProductNotFound, "product_id"),
        ((short, 0), InvalidInput, "quantity"),
        ((short, MOST_UNITS + 1), CartLimitExceeded, "quantity"),
    ):
        with pytest.raises(error) as caught:
            await carts.add_all(ref, (one, 1), refused, (one, 1))
        assert caught.value.field == ("items", "1", named)
    with pytest.raises(InsufficientStock) as caught:  # each by itself would fit
        await carts.add_all(ref, (one, 1), (short, 2), (short, 2))
    assert caught.value.field == ("items", "1", "quantity")
    assert await owner.fetchval("select count(*) from carts where company_id = $1", company) == has_cart
    if has_cart:
        assert await carts.units(ref) == {one.id: 1}


async def test_an_empty_or_too_long_list_of_items_is_refused(carts: Carts, make_stocked: MakeStocked) -> None:
    product = await make_stocked("A", stock=200)
    with pytest.raises(Required, match="at least one"):
        await carts.add_all(CartRef())
    with pytest.raises(CartLimitExceeded, match="100 lines"):
        await carts.add_all(CartRef(), *[(product, 1)] * 101)


async def test_a_new_cart_is_one_read_and_one_write_without_a_transaction(
    carts: Carts, make_stocked: MakeStocked
) -> None:
    one, two = await make_stocked("A", name="One"), await make_stocked("B", name="Two")
    wanted = [NewLine(one.id, None, 1), NewLine(two.id, None, 2)]
    await carts.guest(one)  # the company's limits are read, and remembered
    with counting() as count:
        opened = await carts.database.run_statement(
            lambda tx: carts.service.items.add(tx, CartRef(), wanted), carts.actor
        )
    assert (count.data, count.control) == (2, 0)
    assert await carts.units(CartRef.of_token(opened.token)) == {one.id: 1, two.id: 2}
