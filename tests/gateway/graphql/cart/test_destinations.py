"""`cartDestinationUpdate`, the taxes of carts, and the number of statements."""

from typing import Any

import pytest

from tests.gateway.graphql.cart.conftest import line
from tests.gateway.graphql.cart.operations import ADD
from tests.gateway.site import Site

PLACE = "fragment Place on Cart { destination { country province postalCode vatNumber } }"
TAXES = """
fragment Taxes on Cart { totals { taxExemption total { amount } shippingTaxes { name }
    taxes { name rate taxable { amount } amount { amount currency } } }
  items { totals { taxes { name rate taxable { amount } amount { amount } } } } }
"""
SET = f"""{PLACE} {TAXES} mutation ($input: CartDestinationUpdateInput!) {{ cartDestinationUpdate(input: $input) {{
  cart {{ ...Place ...Taxes }} errors {{ code path }} }} }}"""
SET_PLACE = f"""{PLACE} mutation ($input: CartDestinationUpdateInput!) {{ cartDestinationUpdate(input: $input) {{
  cart {{ ...Place }} errors {{ code path }} }} }}"""
CART = f"{PLACE} {TAXES} query ($cartToken: String) {{ cart(cartToken: $cartToken) {{ ...Place ...Taxes }} }}"
CARTS = f"{TAXES} {{ carts(first: 5) {{ nodes {{ ...Taxes }} }} }}"
ESTABLISHED = """
insert into tax_settings (company_id, tax_rate, prices_include_tax, tax_country) values ($1, 0.19, true, 'DE')
on conflict (company_id) do update set tax_rate = 0.19, prices_include_tax = true, tax_country = 'DE'
"""
FRENCH = {"country": "FR", "vatNumber": "FR 40 303 265 045"}
OF_FRANCE = {"country": "FR", "province": None, "postalCode": None, "vatNumber": "FR40303265045"}
STORED = "select destination_country, vat_number from carts where company_id = $1 order by id"


@pytest.fixture
async def shirt_of_germany(shop: Site, shirt: Any, owner: Any) -> Any:
    """A shirt of a German company, at 20.00 EUR with 19 % of tax."""
    await owner.execute(ESTABLISHED, shop.company_id)
    return shirt


async def test_a_cart_shows_the_taxes_of_its_destination(shop: Site, shirt_of_germany: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt_of_germany))
    cart = (await shop.data(CART, "customer"))["cart"]
    assert cart["destination"] is None
    german = {"name": "Tax", "rate": "0.190000", "taxable": {"amount": "16.81"}}
    assert cart["totals"]["taxes"] == [german | {"amount": {"amount": "3.19", "currency": "EUR"}}]
    assert cart["items"] == [{"totals": {"taxes": [german | {"amount": {"amount": "3.19"}}]}}]
    assert (cart["totals"]["shippingTaxes"], cart["totals"]["taxExemption"]) == ([], None)
    changed = (await shop.data(SET, "customer", input=FRENCH))["cartDestinationUpdate"]
    assert (changed["errors"], changed["cart"]["destination"]) == ([], OF_FRANCE)
    totals = changed["cart"]["totals"]
    assert (totals["taxExemption"], totals["total"]["amount"]) == ("REVERSE_CHARGE", "16.81")
    assert totals["taxes"] == [
        {
            "name": None,
            "rate": "0.000000",
            "taxable": {"amount": "16.81"},
            "amount": {"amount": "0.00", "currency": "EUR"},
        }
    ]
    assert (await shop.data(CART, "customer"))["cart"] == changed["cart"]
    removed = (await shop.data(SET, "customer", input={}))["cartDestinationUpdate"]["cart"]
    assert (removed["destination"], removed["totals"]["total"]["amount"]) == (None, "20.00")


async def test_errors_have_the_paths_of_the_input_and_change_nothing(
    shop: Site, shirt_of_germany: Any, owner: Any
) -> None:
    await shop.data(ADD, "customer", input=line(shirt_of_germany))
    wrong = {"country": "DE", "postalCode": "1", "vatNumber": "FR40303265045"}
    refused = (await shop.data(SET, "customer", input=wrong))["cartDestinationUpdate"]
    assert refused["cart"] is None
    assert refused["errors"] == [
        {"code": "INVALID", "path": ["input", "postalCode"]},
        {"code": "VAT_NUMBER_OF_ANOTHER_COUNTRY", "path": ["input", "vatNumber"]},
    ]
    missing = (await shop.data(SET, "customer", input={"province": "Bavaria"}))["cartDestinationUpdate"]
    assert missing["errors"] == [{"code": "REQUIRED", "path": ["input", "country"]}]
    assert [tuple(row) for row in await owner.fetch(STORED, shop.company_id)] == [(None, None)]


async def test_a_guest_changes_the_cart_of_the_token_and_nobody_another_cart(
    shop: Site, shirt_of_germany: Any, owner: Any
) -> None:
    token = (await shop.data(ADD, input=line(shirt_of_germany)))["cartItemAdd"]["cartToken"]
    for who in (None, "customer", "clerk", "admin", "stranger"):
        refused = (await shop.data(SET, who, input=FRENCH))["cartDestinationUpdate"]
        assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"], who
    for who in ("customer", "admin", "stranger"):  # the token of a guest is ignored for logged-in users
        refused = (await shop.data(SET, who, input=FRENCH | {"cartToken": token}))["cartDestinationUpdate"]
        assert [error["code"] for error in refused["errors"]] == ["NOT_FOUND"], who
    wrong = (await shop.data(SET, input=FRENCH | {"cartToken": token[:-1]}))["cartDestinationUpdate"]
    assert [error["code"] for error in wrong["errors"]] == ["NOT_FOUND"]
    assert [tuple(row) for row in await owner.fetch(STORED, shop.company_id)] == [(None, None)]
    changed = (await shop.data(SET, input=FRENCH | {"cartToken": token}))["cartDestinationUpdate"]
    assert changed["cart"]["destination"] == OF_FRANCE


async def test_a_destination_is_set_by_two_statements_and_read_by_none(shop: Site, shirt_of_germany: Any) -> None:
    await shop.data(ADD, "customer", input=line(shirt_of_germany))
    await shop.data(CART, "customer")
    await shop.data(CART, "customer")
    before = shop.count.data
    await shop.data(SET_PLACE, "customer", input=FRENCH)
    assert shop.count.data == 3  # with the events
    await shop.data(CART, "customer")
    await shop.data(CART, "customer")
    assert shop.count.data == before


async def test_carts_of_many_destinations_execute_as_many_statements_as_one(
    shop: Site, shirt_of_germany: Any
) -> None:
    counts = []
    places: list[dict[str, str]] = [{}, {"country": "DE"}, FRENCH]
    for who, place in zip(("customer", "editor", "clerk"), places, strict=True):
        await shop.data(ADD, who, input=line(shirt_of_germany))
        if place:
            await shop.data(SET_PLACE, who, input=place)
        for _ in range(2):  # tax rates are remembered
            nodes = (await shop.data(CARTS, "admin"))["carts"]["nodes"]
        counts.append(shop.count.data)
    assert counts[0] == counts[1] == counts[2]
    assert sorted(node["totals"]["total"]["amount"] for node in nodes) == ["16.81", "20.00", "20.00"]
