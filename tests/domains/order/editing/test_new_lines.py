"""New lines of orders: priced, taxed and divided into stock as the order is."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import OutOfRange
from domains.kernel.validation import ValidationErrors, errors_of
from domains.order.editing.errors import LineNotSold
from domains.order.editing.new_lines import BuiltLines, NewOrderLine
from domains.order.models import AddressFields, Order
from tests.domains.order.storefront import Storefront

GERMAN = """
insert into tax_settings (company_id, tax_rate, prices_include_tax, tax_country) values ($1, 0.19, true, 'DE')
"""
BONN = AddressFields(full_name="Ada", address_line_1="1", city="Bonn", postal_code="53111", country="DE")
PARIS = replace(BONN, city="Paris", postal_code="75001", country="FR")


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer of a German shop with A at 11.90, B at 5.95 and a download."""
    await shop.owner.execute(GERMAN, shop.company_id)
    await shop.stock("A", 50, "11.90")
    await shop.stock("B", None, "5.95")
    await shop.stock("D", None, "2.38", requires_shipping=False)
    return await shop.customer()


async def ordered(shop: Storefront, ada: Actor, **given: Any) -> Order:
    await shop.fill(ada, ("A", 1))
    return (await shop.place(ada, **{"shipping": BONN, **given})).order


async def build(shop: Storefront, order: Order, *lines: NewOrderLine) -> BuiltLines:
    reader, new = shop.database.reader(shop.company_id), shop.services.order.new_lines
    (at,) = await shop.services.order.addresses_by_id(reader, [order.shipping_address_id])  # type: ignore[list-item]
    return await new.build(reader, order.id, lines, await new.terms(reader, order, at))


def line(shop: Storefront, sku: str, quantity: int = 1, price: str | None = None) -> NewOrderLine:
    given = None if price is None else Decimal(price)
    return NewOrderLine(product_id=shop.products[sku].id, quantity=quantity, unit_price=given)


async def test_new_lines_have_the_taxes_of_their_order_and_say_what_is_reserved(shop: Storefront, ada: Actor) -> None:
    order = await ordered(shop, ada)
    built = await build(shop, order, line(shop, "A", 3), line(shop, "B", 2), line(shop, "A", 1, "5"))
    amounts = [(row["sku"], row["total_price"], row["tax_amount"], row["discount_amount"]) for row in built.items]
    assert amounts == [
        ("A", Decimal("35.70"), Decimal("5.70"), Decimal(0)),
        ("B", Decimal("11.90"), Decimal("1.90"), Decimal(0)),
        ("A", Decimal("5.00"), Decimal("0.80"), Decimal(0)),
    ]
    assert (built.total, built.tax, built.subtotal, built.ordered) == (
        *(Decimal("52.60"), Decimal("8.40"), Decimal("52.60")),
        6,
    )
    assert (dict(built.units), built.digital) == ({"A": 4}, frozenset())
    assert [(row["order_item_id"], row["taxable"], row["amount"]) for row in built.taxes] == [
        (row["id"], row["total_price"] - row["tax_amount"], row["tax_amount"]) for row in built.items
    ]
    assert {row["order_id"] for row in [*built.items, *built.taxes]} == {order.id}


async def test_a_download_is_not_shipped(shop: Storefront, ada: Actor) -> None:
    built = await build(shop, await ordered(shop, ada), line(shop, "D", 2))
    assert (built.digital_units, built.digital, built.items[0]["requires_shipping"]) == (2, frozenset({"D"}), False)


async def test_an_exempt_order_gets_lines_without_the_tax_that_prices_contain(shop: Storefront, ada: Actor) -> None:
    order = await ordered(shop, ada, shipping=PARIS, vat_number="FR40303265045")
    built = await build(shop, order, line(shop, "A", 3), line(shop, "A", 1, "7"))
    assert [(row["unit_price"], row["total_price"]) for row in built.items] == [
        (Decimal("10.0000"), Decimal("30.00")),
        (Decimal(7), Decimal("7.00")),
    ]
    assert built.tax == 0
    assert {(row["rate"], row["amount"]) for row in built.taxes} == {(Decimal(0), Decimal(0))}


async def test_an_order_keeps_its_mode_of_prices(shop: Storefront, ada: Actor) -> None:
    order = await ordered(shop, ada)
    reader, new = shop.database.reader(shop.company_id), shop.services.order.new_lines
    terms = await new.terms(reader, order, None)
    net = replace(terms, taxes=replace(terms.taxes, prices_include_tax=False))  # the company's prices are net by now
    built = await new.build(reader, order.id, [line(shop, "A", 2)], net)
    assert (built.items[0]["unit_price"], built.total) == (Decimal("14.1610"), Decimal("28.32"))
    assert built.tax == Decimal("4.52")
    of_net_order = replace(terms, is_included=False)
    built = await new.build(reader, order.id, [line(shop, "A", 2)], of_net_order)
    assert (built.items[0]["unit_price"], built.subtotal, built.total) == (
        Decimal("10.0000"),
        Decimal("20.00"),
        Decimal("23.80"),
    )


async def test_all_errors_of_new_lines_are_told_at_once_with_their_places(shop: Storefront, ada: Actor) -> None:
    order = await ordered(shop, ada)
    unknown = NewOrderLine(product_id=uuid4(), quantity=0)
    with pytest.raises(ValidationErrors) as refused:
        await build(shop, order, line(shop, "A"), unknown, line(shop, "B", 1, "1.23456"), line(shop, "A", 10_001))
    found = [(type(error).__name__, tuple(error.field)) for error in errors_of(refused.value)]
    assert found == [
        (LineNotSold.__name__, ("1", "product_id")),
        (OutOfRange.__name__, ("1", "quantity")),
        ("TooManyDecimals", ("2", "unit_price")),
        (OutOfRange.__name__, ("3", "quantity")),
    ]
