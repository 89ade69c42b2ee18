"""Buyers are reminded of the cart that they left, in a series that stops when the cart is not as they left it."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.catalog.models import ProductChanges
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.delivery import Result
from domains.notification.marketing.cart_reminders import times_of
from domains.notification.models import CartReminderAudience
from tests.domains.notification.marketing.conftest import Marketing
from tests.domains.order.buyers import clear_cart, confirm_email

KIND = "ABANDONED_CART"
DAY = timedelta(days=1)
PENDING = ("PENDING", None)
STALE = ("FAILED", "STALE")
SENT = ("SENT", None)
LEFT_AT = datetime(2027, 1, 5, 9, tzinfo=UTC)


def hours(*values: int) -> list[datetime]:
    return [LEFT_AT + timedelta(hours=each) for each in values]


@pytest.mark.parametrize(
    ("now", "expected"),
    [(4, [4, 24, 72]), (3, [4, 24, 72]), (5, [5, 24, 72]), (30, [30, 72]), (100, [100])],
)
def test_the_times_of_a_series_that_are_over_are_one(now: int, expected: list[int]) -> None:
    (at,) = hours(now)
    assert times_of(LEFT_AT, [4, 24, 72], at) == hours(*expected)


async def test_a_series_reminds_of_the_cart_three_times_and_is_created_at_once(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer, ("A", 2), ("B", 1))
    left_at = marketing.shop.clock.now() - DAY
    rows = await marketing.rows(KIND)
    assert [row["scheduled_at"] - left_at for row in rows] == [DAY, 3 * DAY, 7 * DAY]
    for number in range(3):
        assert await marketing.send() == [Result.SENT]
        assert await marketing.states(KIND) == [SENT] * (number + 1) + [PENDING] * (2 - number)
        marketing.shop.clock.advance([2, 4, 1][number] * DAY)
    subjects = [mail.subject.partition(": ")[2] for mail in marketing.mailbox.mails]
    assert subjects == ["You left something in your cart", "Your cart is still there", "Last reminder: your cart"]
    text = marketing.mailbox.mails[0].text
    assert "Thing A" in text
    assert "Thing B" in text
    assert "€30.00" in text
    assert "https://shop.example.com/cart" in text


async def test_a_reminder_has_the_lines_and_prices_as_they_are_when_it_is_sent(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer, ("A", 2), ("B", 1))
    catalog, shop = marketing.shop.services.catalog, marketing.shop
    price: ProductChanges = {"base_price": Decimal("8.50")}
    hidden: ProductChanges = {"is_active": False}
    await shop.run(lambda tx: catalog.update_product(tx, shop.products["A"].id, price))
    await shop.run(lambda tx: catalog.update_product(tx, shop.products["B"].id, hidden))
    assert await marketing.send() == [Result.SENT]
    (mail,) = marketing.mailbox.mails
    assert "€17.00" in mail.text
    assert "Thing B" not in mail.text


async def change(marketing: Marketing, buyer: Actor) -> None:
    await marketing.shop.fill(buyer, ("B", 1))


async def empty(marketing: Marketing, buyer: Actor) -> None:
    await clear_cart(marketing.shop, buyer)


async def order(marketing: Marketing, buyer: Actor) -> None:
    await marketing.shop.place(buyer)


async def sell_out(marketing: Marketing, _buyer: Actor) -> None:
    ledger = marketing.shop.services.inventory.ledger
    await marketing.shop.run(lambda tx: ledger.set(tx, [StockCount("A", 0)]))


async def hide(marketing: Marketing, _buyer: Actor) -> None:
    hidden: ProductChanges = {"is_active": False}
    catalog, product = marketing.shop.services.catalog, marketing.shop.products["A"]
    await marketing.shop.run(lambda tx: catalog.update_product(tx, product.id, hidden))


async def turn_off(marketing: Marketing, _buyer: Actor) -> None:
    await marketing.set(cart_reminders=CartReminderAudience.NONE)


async def disable(marketing: Marketing, buyer: Actor) -> None:
    await marketing.shop.owner.execute("update users set is_active = false where id = $1", buyer.user_id)


async def move(marketing: Marketing, buyer: Actor) -> None:
    await marketing.shop.owner.execute("update users set email = 'new@example.com' where id = $1", buyer.user_id)


@pytest.mark.parametrize("stop", [change, empty, order, sell_out, hide, turn_off, disable, move])
async def test_nothing_is_sent_of_a_cart_that_is_not_as_it_was_left(marketing: Marketing, stop: Any) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer)
    await stop(marketing, buyer)
    assert await marketing.send() == []
    assert (await marketing.states(KIND))[0] == STALE
    marketing.shop.clock.advance(7 * DAY)
    assert (await marketing.send(), marketing.mailbox.mails) == ([], [])


async def test_a_cart_that_is_ordered_after_its_reminder_was_queued_is_not_told(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer)
    assert await marketing.shop.run(marketing.parts.digests.make) == 1
    await order(marketing, buyer)
    assert await marketing.send() == [Result.UNWANTED]
    assert (await marketing.states(KIND))[0] == STALE


async def test_who_refuses_reminders_gets_none_of_the_rest_of_a_series(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer)
    assert await marketing.send() == [Result.SENT]
    await marketing.choose(buyer, "CARTS", enabled=False)
    marketing.shop.clock.advance(7 * DAY)
    assert await marketing.send() == []
    assert await marketing.states(KIND) == [SENT, ("FAILED", "NOT_WANTED"), ("FAILED", "NOT_WANTED")]


@pytest.mark.parametrize(
    ("audience", "has_bought", "choice", "is_reminded"),
    [
        ("CUSTOMERS", True, None, True),
        ("CUSTOMERS", False, None, False),
        ("CUSTOMERS", False, True, True),
        ("CUSTOMERS", True, False, False),
        ("CHOSEN", True, None, False),
        ("CHOSEN", False, True, True),
        ("NONE", True, True, False),
    ],
)
async def test_who_is_reminded(
    marketing: Marketing, audience: str, has_bought: bool, choice: bool | None, is_reminded: bool
) -> None:
    await marketing.set(cart_reminders=CartReminderAudience(audience))
    buyer = await marketing.customer(has_bought=has_bought)
    if choice is not None:
        await marketing.choose(buyer, "CARTS", enabled=choice)
    await marketing.leave(buyer)
    assert len(await marketing.rows(KIND)) == (3 if is_reminded else 0)
    assert await marketing.send() == ([Result.SENT] if is_reminded else [])


@pytest.mark.parametrize("has_bought", [True, False])
async def test_a_guest_is_reminded_at_the_confirmed_address_when_it_has_bought_before(
    marketing: Marketing, has_bought: bool
) -> None:
    shop, guest = marketing.shop, Actor.anonymous(marketing.shop.company_id)
    if has_bought:
        token = await shop.fill(guest, ("A", 1))
        placed = await shop.place(guest, cart_token=token, email="ann+tea@example.com")
        await shop.pay(guest, placed.order, token=placed.token)
    token = await shop.fill(guest, ("A", 2))
    await confirm_email(shop, token, "ann@example.com")
    await marketing.abandon()
    assert await marketing.send() == ([Result.SENT] if has_bought else [])
    assert [mail.to for mail in marketing.mailbox.mails] == ["ann@example.com"] * has_bought


async def test_a_cart_has_one_series_in_a_week(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.leave(buyer)
    await marketing.leave(buyer, ("B", 1))
    assert len(await marketing.rows(KIND)) == 3
    marketing.shop.clock.advance(6 * DAY)
    await marketing.leave(buyer, ("B", 1))
    rows = await marketing.rows(KIND)
    assert [row["metadata"]["step"] for row in rows] == [1, 2, 3, 1, 2, 3]
    assert await marketing.send() == [Result.SENT]


async def test_two_processes_that_handle_an_abandoned_cart_create_one_series(marketing: Marketing) -> None:
    buyer = await marketing.customer()
    await marketing.shop.fill(buyer, ("A", 2))
    marketing.shop.clock.advance(DAY)
    await marketing.shop.run(marketing.shop.services.cart.abandonment.report)
    (event,) = await marketing.told.events("cart.abandoned")
    remind = marketing.parts.marketing.cart_reminders.remind
    await asyncio.gather(*(marketing.shop.run(lambda tx: remind(tx, event)) for _ in range(4)))
    assert len(await marketing.rows(KIND)) == 3


async def test_the_check_of_many_carts_takes_as_many_statements_as_that_of_one(marketing: Marketing) -> None:
    counts = []
    for number in (1, 5):
        for buyer in [await marketing.customer() for _ in range(number)]:
            await marketing.shop.fill(buyer, ("A", 1), ("B", 1))
        await marketing.abandon()
        with counting() as counted:
            assert await marketing.shop.run(marketing.parts.digests.make) == number
        counts.append(counted.data)
        await marketing.shop.owner.execute("update notifications set digest_at = null where kind = 'ABANDONED_CART'")
    assert counts[0] == counts[1] <= 14
    buyer = await marketing.customer()
    await marketing.shop.fill(buyer, ("A", 1))
    marketing.shop.clock.advance(DAY)
    await marketing.shop.run(marketing.shop.services.cart.abandonment.report)
    event = (await marketing.told.events("cart.abandoned"))[-1]
    with counting() as counted:
        await marketing.shop.run(lambda tx: marketing.parts.marketing.cart_reminders.remind(tx, event))
    assert counted.data == 7
