"""The destination of an order: it is taxed for its shipping address, and for the VAT number of its buyer there."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.destinations import NewDestination
from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.order.errors import PriceChanged
from domains.order.models import AddressFields, Order
from domains.tax.errors import VatNumberOfAnotherCountry
from domains.tax.models import TaxExemption
from tests.domains.order.storefront import HOME, Storefront

FRENCH, AUSTRIAN = "FR40303265045", "ATU13585627"
IN_FRANCE = AddressFields(full_name="Ada", address_line_1="1 Rue", city="Paris", postal_code="75001", country="FR")
IN_AUSTRIA = replace(IN_FRANCE, city="Wien", postal_code="1010", country="AT")
ESTABLISHED = """
insert into tax_settings (company_id, tax_rate, prices_include_tax, tax_country) values ($1, 0.19, true, 'DE')
"""
TAXES = "select name, rate, taxable, amount from order_taxes where order_id = $1 order by id"


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer of a German shop, who has one of A in the cart."""
    await shop.owner.execute(ESTABLISHED, shop.company_id)
    await shop.stock("A", 9, "11.90")
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    return customer


async def send_to(shop: Storefront, ada: Actor, **given: Any) -> Decimal:
    """Set the destination of the cart; its total, as it is then shown."""
    ref, carts, reader = CartRef.of(ada, None), shop.services.cart, shop.database.reader(shop.company_id)
    cart = await shop.run(lambda tx: carts.destinations.update(tx, ref, NewDestination(**given)), ada)
    (contents,) = await carts.contents(reader, [cart])
    (quoted,) = await carts.quotes.of(reader, [contents])
    await carts.quotes.store_shown_total(shop.database, ada, contents, quoted, None)
    return quoted.total


async def taxes_of(shop: Storefront, order: Order) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in await shop.owner.fetch(TAXES, order.id)]


async def test_an_order_for_a_business_abroad_has_no_tax_and_keeps_the_number(shop: Storefront, ada: Actor) -> None:
    assert await send_to(shop, ada, country="FR", vat_number=FRENCH) == Decimal("10.00")
    order = (await shop.place(ada, shipping=IN_FRANCE)).order
    assert (order.total, order.tax_amount, order.prices_include_tax) == (Decimal("10.00"), Decimal(0), False)
    assert (order.vat_number, order.tax_exemption) == (FRENCH, TaxExemption.REVERSE_CHARGE)
    assert await taxes_of(shop, order) == [("", "0.000000", "10.0000", "0.0000")]
    assert await shop.broken() == []


async def test_an_order_within_the_country_is_taxed_and_keeps_the_number(shop: Storefront, ada: Actor) -> None:
    german = replace(IN_FRANCE, city="Bonn", postal_code="53111", country="DE")
    order = (await shop.place(ada, shipping=german, vat_number="DE 136 695 976")).order
    assert (order.total, order.tax_amount, order.tax_exemption) == (Decimal("11.90"), Decimal("1.90"), None)
    assert (order.vat_number, order.prices_include_tax) == ("DE136695976", True)
    assert await taxes_of(shop, order) == [("Tax", "0.190000", "10.0000", "1.9000")]


async def test_an_order_to_another_place_than_shown_is_refused_with_its_total(shop: Storefront, ada: Actor) -> None:
    assert await send_to(shop, ada, country="DE") == Decimal("11.90")
    given = {"shipping": IN_FRANCE, "vat_number": FRENCH}
    for _ in range(2):  # a refusal changes nothing
        with pytest.raises(PriceChanged) as refused:
            await shop.place(ada, **given)
        assert (refused.value.expected, refused.value.actual) == (Decimal("11.90"), Decimal("10.00"))
    assert await shop.count("orders") == 0
    order = (await shop.place(ada, **given, expected_total=Decimal("10.00"))).order
    assert order.total == Decimal("10.00")


@pytest.mark.parametrize("number", [None, AUSTRIAN])
async def test_a_number_of_another_country_than_that_of_the_address_is_refused(
    shop: Storefront, ada: Actor, number: str | None
) -> None:
    """Whether it is given or that of the cart; without one the order is taxed."""
    await send_to(shop, ada, country="AT", vat_number=AUSTRIAN)
    with pytest.raises(VatNumberOfAnotherCountry) as refused:
        await shop.place(ada, shipping=IN_FRANCE, vat_number=number)
    assert refused.value.field == ("vat_number",)
    assert await shop.count("orders") == await shop.count("order_taxes") == 0
    given: dict[str, Any] = {"shipping": IN_FRANCE, "vat_number": "", "expected_total": Decimal("11.90")}
    order = (await shop.place(ada, **given)).order
    assert (order.vat_number, order.tax_exemption, order.tax_amount) == (None, None, Decimal("1.90"))


async def test_the_cart_keeps_its_destination_for_the_next_order(shop: Storefront, ada: Actor) -> None:
    await send_to(shop, ada, country="AT", vat_number=AUSTRIAN)
    for _ in range(2):
        order = (await shop.place(ada, shipping=IN_AUSTRIA)).order
        assert (order.vat_number, order.tax_exemption) == (AUSTRIAN, TaxExemption.REVERSE_CHARGE)
        await shop.fill(ada, ("A", 1))


async def test_an_order_of_gift_cards_alone_has_no_tax_anywhere(shop: Storefront, ada: Actor) -> None:
    await shop.stock("CARD", None, "50.00", is_gift_card=True)
    bob = await shop.customer()
    await shop.fill(bob, ("CARD", 2))
    order = (await shop.place(bob, shipping=HOME)).order
    assert (order.total, order.tax_amount) == (Decimal("100.00"), Decimal(0))
    assert await taxes_of(shop, order) == [("", "0.000000", "100.0000", "0.0000")]
