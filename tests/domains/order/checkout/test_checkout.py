"""Checkout: complete or not at all, at current prices, with snapshots of what must not change."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.account.errors import AddressNotFound
from domains.account.models import AddressType, NewAddress
from domains.cart.errors import CartEmpty, CartNotFound
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.models import StockLine
from domains.inventory.reservations import Reserving
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import Required, TooLong
from domains.order.errors import OrderNotFound, PriceChanged, ProductUnavailable
from domains.order.models import AddressFields, OrderStatus
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import HOME, Storefront


async def test_checkout_turns_a_cart_into_an_order_that_reserves_its_units(shop: Storefront) -> None:
    await shop.stock("A", 5, "10.00")
    await shop.stock("B", 5, "2.50")
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2), ("B", 1))
    placed = await shop.place(ada, notes="Ring twice.")
    order = placed.order
    assert (order.status, order.subtotal, order.total, order.user_id) == (
        OrderStatus.PENDING,
        Decimal("22.50"),
        Decimal("22.50"),
        ada.user_id,
    )
    assert (placed.token, order.guest_token_hash, order.notes) == (None, None, "Ring twice.")
    assert (await shop.level("A"), await shop.level("B")) == ((3, 2), (4, 1))
    reader = shop.database.reader(shop.company_id)
    items = await shop.services.order.items_of(reader, [order.id])
    assert [(item.sku, item.product_name, item.quantity, item.unit_price, item.total_price) for item in items] == [
        ("A", "Thing A", 2, Decimal("10.0000"), Decimal("20.0000")),
        ("B", "Thing B", 1, Decimal("2.5000"), Decimal("2.5000")),
    ]
    assert items[0].product_snapshot["slug"] == "thing-a"
    assert await shop.history(order.id) == [("PENDING", None)]
    assert await shop.topics() == ["order.created"]
    with pytest.raises(CartEmpty):
        await shop.place(ada)


async def test_order_numbers_follow_the_companys_pattern_and_are_unique(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    pattern = "W{year}-{number:08}"
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, {"order_number_pattern": pattern}))
    numbers = [(await shop.buy(ada, ("A", 1))).order_number for _ in range(2)]
    assert all(number.startswith(f"W{shop.clock.now():%Y}-") and len(number) == 14 for number in numbers)
    assert numbers[0] < numbers[1]


async def test_a_guest_orders_with_an_email_and_accesses_the_order_only_with_its_token(shop: Storefront) -> None:
    await shop.stock("A", 5)
    guest = Actor.anonymous(shop.company_id)
    token = await shop.fill(guest, ("A", 1))
    with pytest.raises(Required, match="email"):
        await shop.place(guest, cart_token=token)
    placed = await shop.place(guest, cart_token=token, email="Guest@Example.com")
    assert (placed.order.email, placed.order.user_id) == ("guest@example.com", None)
    assert placed.token not in (None, token, placed.order.guest_token_hash)
    orders, reader = shop.services.order, shop.database.reader(shop.company_id)
    found = await orders.get_order_by_token(reader, placed.token or "")
    assert found.id == placed.order.id
    for wrong in ("", token or "", placed.order.guest_token_hash or "", "x" * 10_000):
        with pytest.raises(OrderNotFound):
            await orders.get_order_by_token(reader, wrong)
    with pytest.raises(OrderNotFound):
        await orders.get_order_by_id(reader, guest, placed.order.id)


async def test_checkout_with_insufficient_stock_writes_nothing(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 2)
    ada, eve = await shop.customers(2)
    await shop.fill(ada, ("A", 1), ("B", 2))
    await shop.buy(eve, ("B", 1))
    with pytest.raises(InsufficientStock) as refused:
        await shop.place(ada)
    assert (refused.value.sku, refused.value.requested, refused.value.available) == ("B", 2, 1)
    assert refused.value.field == ("cart_token",)
    assert (await shop.level("A"), await shop.level("B")) == ((5, 0), (1, 1))
    assert await shop.topics() == ["order.created"]


async def test_an_untracked_product_is_ordered_in_any_quantity(shop: Storefront) -> None:
    await shop.stock("E-BOOK", None, "3.00")
    order = await shop.buy(await shop.customer(), ("E-BOOK", 999))
    assert order.total == Decimal("2997.00")


async def test_a_product_that_is_no_longer_on_sale_is_named(shop: Storefront) -> None:
    product = await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    await shop.run(lambda tx: shop.services.catalog.delete_product(tx, product.id))
    with pytest.raises(ProductUnavailable, match="Thing A"):
        await shop.place(ada)
    assert await shop.level("A") == (5, 0)


async def test_a_changed_price_is_accepted_only_by_its_new_total(shop: Storefront) -> None:
    product = await shop.stock("A", 5, "10.00")
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2))
    await shop.run(lambda tx: shop.services.catalog.update_product(tx, product.id, {"base_price": Decimal("11.00")}))
    for given in ({}, {"expected_total": Decimal("20.00")}):
        with pytest.raises(PriceChanged) as refused:
            await shop.place(ada, **given)
        assert (refused.value.expected, refused.value.actual) == (Decimal("20.00"), Decimal("22.00"))
    assert (await shop.place(ada, expected_total=Decimal("22.00"))).order.total == Decimal("22.00")


async def test_an_order_with_a_zero_total_is_accepted_at_once_and_reserves_its_units(shop: Storefront) -> None:
    await shop.stock("GIFT", 5, "0.00")
    order = await shop.buy(await shop.customer(), ("GIFT", 1))
    assert (order.status, order.expires_at) == (OrderStatus.CONFIRMED, None)
    assert await shop.history(order.id) == [("PENDING", None), ("CONFIRMED", "Nothing to pay")]
    assert await shop.topics() == ["order.created", "order.confirmed"]


async def test_addresses_of_the_address_book_are_copied_and_those_of_others_not_found(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada, eve = await shop.customers(2)
    book = shop.services.account.addresses
    new = NewAddress(
        type=AddressType.SHIPPING,
        full_name="Ada",
        address_line_1="1 Way",
        city="Bonn",
        postal_code="53111",
        country="DE",
    )
    home = await shop.run(lambda tx: book.create(tx, ada, new), ada)
    await shop.fill(ada, ("A", 1))
    await shop.fill(eve, ("A", 1))
    order = (await shop.place(ada, shipping=home.id)).order
    await shop.run(lambda tx: book.update(tx, ada, home.id, {"city": "Paris"}), ada)
    reader = shop.database.reader(shop.company_id)
    (kept,) = await shop.services.order.addresses_by_id(reader, [order.shipping_address_id or new_id()])
    assert (kept.city, order.billing_address_id) == ("Bonn", order.shipping_address_id)
    for stolen in (home.id, new_id()):
        with pytest.raises(AddressNotFound) as refused:
            await shop.place(eve, shipping=stolen)
        assert refused.value.field == ("shipping_address_id",)
        with pytest.raises(AddressNotFound) as refused:
            await shop.place(eve, billing=stolen)
        assert refused.value.field == ("billing_address_id",)


async def test_a_shipping_address_must_have_the_format_of_its_country(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    dubai = AddressFields(
        full_name="Ada", address_line_1="1 Way", city="Dubai", country="AE", province="Dubai", phone="04 123 4567"
    )
    springfield = AddressFields(
        full_name="Ada",
        address_line_1="1 Way",
        city="Springfield",
        postal_code="627041234",
        province="IL",
        country="US",
        phone="(555)\u00a0123-4567 ext. 12",
    )
    order = (await shop.place(ada, shipping=dubai, billing=springfield)).order
    reader = shop.database.reader(shop.company_id)
    ids = [order.shipping_address_id or new_id(), order.billing_address_id or new_id()]
    kept = {row.country: row for row in await shop.services.order.addresses_by_id(reader, ids)}
    assert (kept["AE"].postal_code, kept["AE"].province, kept["AE"].phone) == ("", "Dubai", "+97141234567")
    assert (kept["US"].postal_code, kept["US"].province, kept["US"].phone) == ("62704-1234", "IL", "+15551234567 x12")


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"billing": AddressFields(full_name="A", address_line_1="1", city="B", postal_code="ABC", country="US")},
         InvalidInput, ("billing_address", "postal_code")),
        ({"shipping": AddressFields(full_name="A", address_line_1="1", city="B", country="DE")},
         Required, ("shipping_address", "postal_code")),
        ({"shipping": AddressFields(full_name="A", address_line_1="1", city="B", country="AE", phone="<b>")},
         InvalidInput, ("shipping_address", "phone")),
        ({"shipping": AddressFields(full_name="", address_line_1="1", city="B", postal_code="10115", country="DE")},
         Required, ("shipping_address", "full_name")),
        ({"shipping": AddressFields(full_name="A", address_line_1="1", city="B", postal_code="1", country="Mars")},
         InvalidInput, ("shipping_address", "country")),
        ({"billing": AddressFields(full_name="A", address_line_1="1", city="x" * 999, postal_code="1", country="AE")},
         TooLong, ("billing_address", "city")),
        ({"notes": "x" * 1_001}, TooLong, ("notes",)),
        ({"expected_total": Decimal("NaN")}, InvalidInput, ("expected_total",)),
        ({"expected_total": Decimal("10.001")}, InvalidInput, ("expected_total",)),
    ],
)  # fmt: skip
async def test_invalid_input_is_refused_with_its_path_and_changes_nothing(
    shop: Storefront, given: dict[str, object], error: type[DomainError], field: tuple[str, ...]
) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    with pytest.raises(error) as refused:
        await shop.place(ada, **{"shipping": HOME, **given})
    assert refused.value.field == field
    assert await shop.level("A") == (5, 0)


async def test_a_deleted_sku_is_reported_at_the_cart(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    reserving = shop.services.inventory.reservations.reserving

    def meanwhile(tx: Tx, actor: Actor, lines: Sequence[StockLine], **given: Any) -> Reserving | None:
        return reserving(tx, actor, [replace(line, sku=f"{line.sku}-RENAMED") for line in lines], **given)

    monkeypatch.setattr(shop.services.inventory.reservations, "reserving", meanwhile)
    with pytest.raises(SkuNotFound) as refused:
        await shop.place(ada)
    assert refused.value.field == ("cart_token",)


async def test_the_cart_of_another_buyer_cannot_be_ordered(shop: Storefront) -> None:
    await shop.stock("A", 5)
    guest, eve = Actor.anonymous(shop.company_id), await shop.customer()
    token = await shop.fill(guest, ("A", 1))
    for actor, given in ((guest, {}), (guest, {"cart_token": "guessed"}), (eve, {"cart_token": token})):
        with pytest.raises(CartNotFound):
            await shop.place(actor, email="eve@example.com", **given)
    assert await shop.level("A") == (5, 0)


async def test_a_checkout_of_two_lines_executes_at_most_twenty_statements(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2), ("B", 1))
    with counting() as count:
        await shop.place(ada)
    assert count.data <= 20


async def test_a_total_beyond_the_range_of_the_column_is_refused(shop: Storefront) -> None:
    await shop.stock("A", None, "999999999999999.99")
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2))
    with pytest.raises(InvalidInput, match="between 0 and"):
        await shop.place(ada)
