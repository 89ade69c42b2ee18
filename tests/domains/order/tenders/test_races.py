"""Races with real commits: a balance is never spent twice, and no two orders wait for each other.

`RACE_RUNS=20 pytest tests/domains/order/tenders/test_races.py` runs each race twenty times in a row.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order.errors import OrderExpired, OrderNotPayable, TenderBalanceChanged
from domains.order.models import CreatedOrder, NewOrder, Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.payment.gift_cards.errors import GiftCardEmpty
from tests.domains.order.storefront import HOME, Storefront
from tests.domains.order.tenders.wallet import Card, Wallet
from tests.race_runs import repeated

BUYERS, GOOD_FOR = 200, 10
CONCURRENT = 12


async def carts_of_guests(shop: Storefront, wallet: Wallet, count: int, *cards: Card) -> list[dict[str, Any]]:
    """Carts of as many guests, each with one A and the same gift cards."""
    guest = Actor.anonymous(shop.company_id)
    given = []
    for number in range(count):
        token = await shop.fill(guest, ("A", 1))
        await wallet.apply(guest, *cards, token=token)
        given.append({"cart_token": token, "email": f"guest{number}@example.com"})
    return given


async def check_out(shop: Storefront, actor: Actor, carts: list[dict[str, Any]]) -> tuple[Counter[str], list[Order]]:
    """Order all carts, a dozen at a time; the outcomes by name, with the orders that began again, and the orders."""
    tries: Counter[int] = Counter()
    room = asyncio.Semaphore(CONCURRENT)

    async def place(number: int, given: dict[str, Any]) -> CreatedOrder:
        async with room:
            ticket = await shop.services.order.checkout.take_ticket(shop.database, actor)

            async def work(tx: Tx) -> CreatedOrder:
                tries[number] += 1
                return await shop.services.order.create_order(tx, actor, NewOrder(shipping=HOME, **given), ticket)

            return await shop.database.run(work, actor)

    outcomes = await asyncio.gather(*(place(*each) for each in enumerate(carts)), return_exceptions=True)
    counts = Counter(type(outcome).__name__ for outcome in outcomes)
    orders = [outcome.order for outcome in outcomes if isinstance(outcome, CreatedOrder)]
    return counts + Counter({"tried again": sum(tries.values()) - len(carts)}), orders


@repeated
async def test_of_two_hundred_buyers_on_a_gift_card_for_ten_orders_exactly_ten_pay(
    shop: Storefront, wallet: Wallet, run: int
) -> None:
    await shop.stock("A", BUYERS)
    card = await wallet.card("100.00")
    carts = await carts_of_guests(shop, wallet, BUYERS, card)
    counts, orders = await check_out(shop, Actor.anonymous(shop.company_id), carts)
    assert counts == {"CreatedOrder": GOOD_FOR, TenderBalanceChanged.__name__: BUYERS - GOOD_FOR}
    assert {order.status for order in orders} == {OrderStatus.PAID}
    assert (await wallet.balance(card), await shop.level("A")) == (0, (BUYERS - GOOD_FOR, GOOD_FOR))
    assert (await shop.count("payments"), await shop.count("orders")) == (GOOD_FOR, GOOD_FOR)


@repeated
async def test_two_cards_in_opposite_order_do_not_deadlock(shop: Storefront, wallet: Wallet, run: int) -> None:
    await shop.stock("A", 100)
    first, second = await wallet.card("500.00"), await wallet.card("500.00")
    one = await carts_of_guests(shop, wallet, 12, first, second)
    other = await carts_of_guests(shop, wallet, 12, second, first)
    carts = [cart for pair in zip(one, other, strict=True) for cart in pair]
    counts, _ = await check_out(shop, Actor.anonymous(shop.company_id), carts)
    assert counts == {"CreatedOrder": 24}
    assert (await wallet.balance(first), await wallet.balance(second)) == (380, 380)


@repeated
async def test_refunds_to_a_card_do_not_wait_in_a_circle_with_orders_that_spend_it(
    shop: Storefront, wallet: Wallet, run: int
) -> None:
    await shop.stock("A", 100)
    card, clerk, guest = await wallet.card("1000.00"), await shop.staff(), Actor.anonymous(shop.company_id)
    _, paid = await check_out(shop, guest, await carts_of_guests(shop, wallet, 12, card))
    carts = await carts_of_guests(shop, wallet, 12, card)
    refunding = (shop.services.order.refunds.refund(shop.database, clerk, order.id, NewRefund()) for order in paid)
    (counts, _), refunded = await asyncio.gather(check_out(shop, guest, carts), asyncio.gather(*refunding))
    assert counts == {"CreatedOrder": 12}
    assert [order.status for order, _ in refunded] == [OrderStatus.REFUNDED] * 12
    assert (await wallet.balance(card), await shop.level("A")) == (880, (88, 12))


@repeated
async def test_either_the_expiry_or_the_payment_of_the_rest_wins(
    shop: Storefront, wallet: Wallet, ada: Actor, run: int
) -> None:
    cards = [await wallet.card("5.00") for _ in range(4)]
    orders = [await wallet.buy(ada, 5, card) for card in cards]
    shop.clock.advance(timedelta(minutes=29))

    async def expire() -> int:
        shop.clock.advance(timedelta(minutes=1))
        return await shop.services.order.expiry.end_unpaid(shop.database, shop.system)

    paying = asyncio.gather(*(shop.pay(ada, order) for order in orders), return_exceptions=True)
    outcomes, ended = await asyncio.gather(paying, expire())
    ended += await expire()  # those that were locked
    after = [await wallet.order(order) for order in orders]
    paid = [order for order in after if order.status is OrderStatus.PAID]
    failed = [order for order in after if order.status is OrderStatus.FAILED]
    refused = [outcome for outcome in outcomes if isinstance(outcome, (OrderExpired, OrderNotPayable))]
    assert (len(paid) + len(failed), len(refused), ended) == (4, len(failed), len(failed))
    assert [order.amount_refunded for order in failed] == [5] * len(failed)
    assert sum([await wallet.balance(card) for card in cards]) == 5 * len(failed)


@repeated
async def test_a_card_that_is_disabled_meanwhile_pays_or_does_not(shop: Storefront, wallet: Wallet, run: int) -> None:
    await shop.stock("A", 100)
    card = await wallet.card("120.00")
    carts = await carts_of_guests(shop, wallet, 12, card)
    cards = shop.services.payment.gift_cards
    (counts, orders), _ = await asyncio.gather(
        check_out(shop, Actor.anonymous(shop.company_id), carts),
        shop.run(lambda tx: cards.disable(tx, card[0].id)),
    )
    assert set(counts) <= {"CreatedOrder", TenderBalanceChanged.__name__}
    assert counts.total() == 12
    assert await wallet.balance(card) == 120 - 10 * len(orders)


@repeated
async def test_a_cart_gets_each_card_once_and_ten_at_most(
    shop: Storefront, wallet: Wallet, ada: Actor, run: int
) -> None:
    await shop.fill(ada, ("A", 1))
    cards = [await wallet.card("1.00") for _ in range(12)]
    applying = (wallet.apply(ada, card) for card in [*cards, *cards[:3]])
    outcomes = await asyncio.gather(*applying, return_exceptions=True)
    reader = shop.database.reader(shop.company_id)
    cart = await shop.services.cart.get_cart(reader, CartRef.of(ada, None))
    (contents,) = await shop.services.cart.contents(reader, [cart])
    assert len(set(contents.gift_card_ids)) == len(contents.gift_card_ids) == 10
    assert {type(each).__name__ for each in outcomes} <= {"NoneType", "CartLimitExceeded"}


async def test_a_card_that_is_spent_cannot_be_applied(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("10.00")
    await wallet.buy(ada, 1, card)
    await shop.fill(ada, ("A", 1))
    with pytest.raises(GiftCardEmpty):
        await wallet.apply(ada, card)
