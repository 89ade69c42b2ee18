"""Destinations of carts: normal form, errors, merging, and concurrent changes."""

import asyncio
from typing import Any

import pytest

from domains.cart.destinations import NewDestination, checked_destination
from domains.cart.errors import CartNotFound
from domains.cart.models import CartRef
from domains.kernel.errors import DomainError
from domains.kernel.validation import errors_of
from domains.tax.models import Destination
from tests.domains.cart.conftest import Carts, MakeStocked
from tests.domains.catalog.conftest import MakeCustomer

GERMAN, FRENCH = "DE136695976", "FR40303265045"
CHANGES = "select count(*) from outbox_events where company_id = $1 and topic = 'cart.changed'"


async def update(carts: Carts, ref: CartRef, **given: Any) -> Destination | None:
    new = NewDestination(**given)
    cart = await carts.do(lambda tx: carts.service.destinations.update(tx, ref, new))
    assert cart.destination == (await carts.of(ref)).cart.destination
    return cart.destination


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"country": " ", "vat_number": ""}, None),
        ({"country": "de"}, Destination("DE")),
        ({"country": "CA", "province": " Quebec ", "postal_code": "h3z2y7"}, Destination("CA", "Quebec", "H3Z 2Y7")),
        ({"country": "DE", "postal_code": " "}, Destination("DE")),
        ({"country": "DE", "vat_number": "de 136 695 976"}, Destination("DE", None, None, GERMAN)),
        ({"country": "FR", "vat_number": "40 303 265 045"}, Destination("FR", None, None, FRENCH)),
    ],
)
def test_a_destination_has_a_normal_form(given: dict[str, str], expected: Destination | None) -> None:
    assert checked_destination(NewDestination(**given)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"vat_number": GERMAN}, [("REQUIRED", "country")]),
        ({"country": "Germany"}, [("INVALID", "country")]),
        ({"country": "DE", "vat_number": FRENCH}, [("VAT_NUMBER_OF_ANOTHER_COUNTRY", "vat_number")]),
        ({"country": "DE", "vat_number": "DE136695978"}, [("VAT_NUMBER_CHECK_DIGIT_WRONG", "vat_number")]),
        (
            {"country": "DE", "province": "x" * 101, "postal_code": "1", "vat_number": "DE1"},
            [("TOO_LONG", "province"), ("INVALID", "postal_code"), ("VAT_NUMBER_MALFORMED", "vat_number")],
        ),
    ],
)
def test_all_errors_of_a_destination_are_raised_together(
    given: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(DomainError) as refused:
        checked_destination(NewDestination(**given))
    assert [(error.code, ".".join(error.field)) for error in errors_of(refused.value)] == expected


async def test_a_destination_is_replaced_as_a_whole_and_a_change_is_emitted(
    carts: Carts, make_stocked: MakeStocked, owner: Any
) -> None:
    ref = await carts.guest(await make_stocked("A"))
    before = await owner.fetchval(CHANGES, carts.actor.company_id)
    german: Any = {"country": "DE", "postal_code": "10115", "vat_number": GERMAN}
    steps: list[tuple[dict[str, Any], Destination | None, int]] = [
        (german, Destination("DE", None, "10115", GERMAN), 1),
        (german, Destination("DE", None, "10115", GERMAN), 1),
        ({"country": "FR"}, Destination("FR"), 2),
        ({}, None, 3),
    ]
    for given, expected, changes in steps:
        assert await update(carts, ref, **given) == expected
        assert await owner.fetchval(CHANGES, carts.actor.company_id) - before == changes


async def test_there_is_no_destination_without_a_cart(carts: Carts, make_customer: MakeCustomer) -> None:
    for ref in (CartRef(), CartRef.of_token("x"), CartRef.of(await make_customer(), None)):
        with pytest.raises(CartNotFound):
            await update(carts, ref, country="DE")


@pytest.mark.parametrize(
    ("of_user", "of_guest", "expected"),
    [("AT", "DE", "AT"), (None, "DE", "DE"), ("AT", None, "AT"), (None, None, None)],
)
async def test_a_merged_cart_keeps_the_destination_of_the_customer_or_else_that_of_the_guest(
    carts: Carts,
    make_stocked: MakeStocked,
    make_customer: MakeCustomer,
    of_user: str | None,
    of_guest: str | None,
    expected: str | None,
) -> None:
    product = await make_stocked("A", stock=100)
    opened = await carts.add(CartRef(), product)
    guest, user = CartRef.of_token(opened.token), CartRef.of(await make_customer(), None)
    await carts.add(user, product)
    for ref, country in ((user, of_user), (guest, of_guest)):
        if country is not None:
            await update(carts, ref, country=country)
    merged = await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=opened.token))
    assert merged.opened is not None
    destination = Destination(expected) if expected else None
    assert merged.opened.cart.destination == (await carts.of(user)).cart.destination == destination


async def test_a_cart_that_is_created_by_a_merge_has_the_destination_of_the_guest(
    carts: Carts, make_stocked: MakeStocked, make_customer: MakeCustomer
) -> None:
    opened = await carts.add(CartRef(), await make_stocked("A"))
    await update(carts, CartRef.of_token(opened.token), country="DE", vat_number=GERMAN)
    user = CartRef.of(await make_customer(), None)
    await carts.do(lambda tx: carts.service.items.merge(tx, user, guest_token=opened.token))
    assert (await carts.of(user)).cart.destination == Destination("DE", None, None, GERMAN)


async def test_of_parallel_changes_one_is_stored_whole(carts: Carts, make_stocked: MakeStocked) -> None:
    ref = await carts.guest(await make_stocked("A"))
    places: list[dict[str, Any]] = [
        {"country": "DE", "postal_code": "10115", "vat_number": GERMAN},
        {"country": "FR", "vat_number": FRENCH},
        {"country": "CA", "province": "Quebec"},
        {},
    ]
    async with asyncio.TaskGroup() as group:
        for each in places * 3:
            group.create_task(update_alone(carts, ref, NewDestination(**each)))
    possible = [checked_destination(NewDestination(**each)) for each in places]
    assert (await carts.of(ref)).cart.destination in possible


async def update_alone(carts: Carts, ref: CartRef, new: NewDestination) -> None:
    await carts.do(lambda tx: carts.service.destinations.update(tx, ref, new))
