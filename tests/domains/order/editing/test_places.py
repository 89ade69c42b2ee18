"""Edits of the shipping address: an order is taxed for its new place, or stays as it is."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.order.editing.errors import AddressNotEditable, DigitalUnitsDelivered, LinePacked
from domains.order.models import AddressFields, Order, OrderPaymentStatus
from tests.domains.order.editing.editor import Editor
from tests.domains.order.storefront import Storefront

GERMAN = """
insert into tax_settings (company_id, tax_rate, prices_include_tax, tax_country) values ($1, 0.19, $2, 'DE')
"""
BONN = AddressFields(full_name="Ada", address_line_1="1", city="Bonn", postal_code="53111", country="DE")
WIEN = replace(BONN, city="Wien", postal_code="1010", country="AT")
PARIS = replace(BONN, city="Paris", postal_code="75001", country="FR")
TAXES = "select name, rate, taxable, amount from order_taxes where order_id = $1 and order_item_id is not null"
SHIPMENT = """
insert into shipments (id, company_id, order_id, position, warehouse_id, updated_at)
select $1, $2, $3, 1, id, now() from warehouses where company_id = $2 and is_default
"""
LINE = """
insert into shipment_lines (id, company_id, shipment_id, order_id, order_item_id, sku, quantity)
values ($1, $2, $3, $4, $5, $6, $7)
"""


async def rate(shop: Storefront, country: str, value: str) -> None:
    """A tax of a country, for goods without a class."""
    tax = shop.services.tax
    classes: Any = await shop.owner.fetch("select id from tax_classes where company_id = $1", shop.company_id)
    if not classes:
        new: Any = {"code": "standard", "name": "Standard", "is_default": True}
        classes = [(await shop.run(lambda tx: tax.classes.create(tx, new))).id]
    else:
        classes = [classes[0]["id"]]
    given: Any = {"tax_class_id": classes[0], "name": f"VAT {country}", "country": country, "rate": Decimal(value)}
    await shop.run(lambda tx: tax.rates.create(tx, given))


async def ordered(shop: Storefront, **given: Any) -> tuple[Actor, Order]:
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2), ("B", 1))
    return ada, (await shop.place(ada, **{"shipping": BONN, **given})).order


async def pack(shop: Storefront, editor: Editor, order: Order, units: int) -> None:
    """A shipment of the order with so many of A, which is not dispatched."""
    shipment, item = new_id(), await editor.item(order, "A")
    await shop.owner.execute(SHIPMENT, shipment, shop.company_id, order.id)
    await shop.owner.execute(LINE, new_id(), shop.company_id, shipment, order.id, item.id, "A", units)


@pytest.mark.parametrize(("included", "total"), [(True, "24.00"), (False, "28.80")])
async def test_an_order_is_taxed_for_its_new_address(
    shop: Storefront, editor: Editor, included: bool, total: str
) -> None:
    await shop.owner.execute(GERMAN, shop.company_id, included)
    await rate(shop, "DE", "0.19")
    await rate(shop, "AT", "0.20")
    ada, order = await ordered(shop)
    order = await shop.pay(ada, order)
    edited = await editor.edit(order, to=WIEN)
    after = edited.order
    assert (after.total, after.tax_country, after.tax_rate) == (Decimal(total), "AT", Decimal("0.20"))
    assert after.tax_amount == (Decimal("4.00") if included else Decimal("4.80"))
    assert edited.edit.changes["address"] == {
        "from": str(order.shipping_address_id),
        "to": str(after.shipping_address_id),
    }
    assert {row["name"] for row in await shop.owner.fetch(TAXES, order.id)} == {"VAT AT"}
    expected = OrderPaymentStatus.PAID if included else OrderPaymentStatus.PARTIALLY_PAID
    assert after.payment_status is expected


async def test_lines_and_address_change_together(shop: Storefront, editor: Editor) -> None:
    await shop.owner.execute(GERMAN, shop.company_id, True)
    await rate(shop, "DE", "0.19")
    await rate(shop, "AT", "0.20")
    _, order = await ordered(shop)
    after = (await editor.edit(order, editor.line("B", 2), to=WIEN, A=1)).order
    assert (after.total, after.tax_amount) == (Decimal("22.00"), Decimal("3.67"))


async def test_an_order_does_not_move_out_of_its_exemption(shop: Storefront, editor: Editor) -> None:
    await shop.owner.execute(GERMAN, shop.company_id, True)
    _, order = await ordered(shop, shipping=PARIS, vat_number="FR40303265045")
    assert order.tax_exemption is not None
    with pytest.raises(AddressNotEditable):
        await editor.edit(order, to=BONN)
    after = (await editor.edit(order, to=replace(PARIS, city="Lyon", postal_code="69001"))).order
    assert (after.total, after.tax_exemption) == (order.total, order.tax_exemption)


async def test_packed_units_and_the_address_they_go_to_stay(shop: Storefront, editor: Editor) -> None:
    ada, order = await ordered(shop)
    order = await shop.pay(ada, order)
    await pack(shop, editor, order, 1)
    with pytest.raises(AddressNotEditable):
        await editor.edit(order, to=WIEN)
    with pytest.raises(LinePacked) as refused:
        await editor.edit(order, A=0)
    assert refused.value.packed == 1
    await editor.edit(order, A=1)
    assert await shop.level("A") == (19, 1)
    after = (await editor.edit(order, B=0)).order  # what is packed is enough to be left
    assert (after.total, after.units_ordered - after.units_dropped) == (Decimal("10.00"), 1)


async def test_digital_units_are_fixed_once_they_are_paid(shop: Storefront, editor: Editor) -> None:
    await shop.stock("D", 9, "3.00", requires_shipping=False)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1), ("D", 2))
    edited = (await editor.edit(order, editor.line("D"), D=1)).order
    assert (edited.units_digital, edited.total) == (2, Decimal("16.00"))
    paid = await shop.pay(ada, edited)
    assert (paid.units_shipped, paid.units_delivered, await shop.level("D")) == (2, 2, (7, 0))
    for wanted in (0, 3):
        with pytest.raises(DigitalUnitsDelivered):
            await editor.edit(paid, D=wanted)
    with pytest.raises(DigitalUnitsDelivered):
        await editor.edit(paid, editor.line("D"))
    assert (await editor.edit(paid, A=2)).order.total == Decimal("26.00")


async def test_what_was_captured_of_an_order_pays_a_smaller_one(shop: Storefront, editor: Editor) -> None:
    ada = await shop.customer()
    order = await shop.authorize(ada, await shop.buy(ada, ("A", 3)))
    payment = await shop.payment_of(order)
    captures = shop.services.order.captures
    partly, _ = await captures.capture(shop.database, editor.staff, payment.id, amount=Decimal("15.00"))
    assert partly.payment_status is OrderPaymentStatus.PARTIALLY_PAID
    edited = await editor.edit(partly, A=1)
    assert edited.order.paid_at is not None
    assert (edited.order.amount_repaid, edited.order.payment_status) == (Decimal("5.00"), OrderPaymentStatus.PAID)
    assert (await shop.topics()).count("order.paid") == 1
