"""Refunds of orders that tenders have paid: back to where the money came from, the tenders first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import RefundStatus
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Card, Wallet

DONE = RefundStatus.SUCCEEDED


@pytest.fixture
async def cards(wallet: Wallet, ada: Actor) -> tuple[Card, Card]:
    return await wallet.card("5.00"), await wallet.card("8.00")


@pytest.fixture
async def order(shop: Storefront, wallet: Wallet, ada: Actor, cards: tuple[Card, Card]) -> Order:
    """An order of 3 units at 10.00 EUR: 5.00 and 8.00 by gift cards, 17.00 by a bank card."""
    return await shop.pay(ada, await wallet.buy(ada, 3, *cards))


async def refund(shop: Storefront, actor: Actor, order: Order, new: NewRefund) -> Any:
    refunded, _ = await shop.services.order.refunds.refund(shop.database, actor, order.id, new)
    return refunded


async def test_refunds_go_to_the_tenders_first_in_the_order_in_which_they_paid(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order, cards: tuple[Card, Card]
) -> None:
    first, second = cards
    await refund(shop, clerk, order, NewRefund(amount=Decimal(3)))
    assert (await wallet.balance(first), await wallet.balance(second)) == (3, 0)
    await refund(shop, clerk, order, NewRefund(amount=Decimal(4)))
    assert (await wallet.balance(first), await wallet.balance(second)) == (5, 2)
    after = await refund(shop, clerk, order, NewRefund(amount=Decimal(10)))
    assert (await wallet.balance(first), await wallet.balance(second)) == (5, 8)
    assert await wallet.payments(order) == [
        ("GIFT_CARD", "SUCCEEDED", 5, 5),
        ("GIFT_CARD", "SUCCEEDED", 8, 8),
        ("CARD", "SUCCEEDED", 17, 4),
    ]
    assert after.amount_refunded == 17


async def test_units_are_refunded_across_tenders_and_card(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order, cards: tuple[Card, Card]
) -> None:
    (item,) = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    await refund(shop, clerk, order, NewRefund(lines=[RefundedUnits(item.id, 2)]))
    assert await wallet.refunds(order) == [(DONE, 5), (DONE, 8), (DONE, 7)]
    assert [await wallet.balance(card) for card in cards] == [5, 8]


async def test_a_whole_refund_before_shipping_ends_the_order(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order, cards: tuple[Card, Card]
) -> None:
    refunded = await refund(shop, clerk, order, NewRefund())
    assert (refunded.status, refunded.amount_refunded) == (OrderStatus.REFUNDED, 30)
    assert ([await wallet.balance(card) for card in cards], await shop.level("A")) == ([5, 8], (50, 0))
    assert await wallet.booked(order) == {}


async def test_a_pending_order_whose_tenders_are_refunded_is_cancelled(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor, cards: tuple[Card, Card]
) -> None:
    pending = await wallet.buy(ada, 2, *cards)
    refunded = await refund(shop, clerk, pending, NewRefund())
    assert (refunded.status, refunded.amount_captured, refunded.amount_refunded) == (OrderStatus.REFUNDED, 13, 13)
    assert ([await wallet.balance(card) for card in cards], await shop.level("A")) == ([5, 8], (50, 0))
    assert await wallet.booked(pending) == {}


async def test_a_chosen_payment_is_refunded_whatever_came_before(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order, cards: tuple[Card, Card]
) -> None:
    payment = await shop.payment_of(order)
    await refund(shop, clerk, order, NewRefund(amount=Decimal(10), payment_id=payment.id))
    assert [await wallet.balance(card) for card in cards] == [0, 0]


async def test_a_disabled_card_gets_its_refund_and_stays_disabled(
    shop: Storefront, wallet: Wallet, clerk: Actor, order: Order, cards: tuple[Card, Card]
) -> None:
    gift_cards = shop.services.payment.gift_cards
    await shop.run(lambda tx: gift_cards.disable(tx, cards[0][0].id))
    await refund(shop, clerk, order, NewRefund(amount=Decimal(5)))
    (card,) = await gift_cards.by_id(shop.database.reader(shop.company_id), [cards[0][0].id])
    assert (await wallet.balance(cards[0]), card.disabled_at) == (5, shop.clock.now())


async def test_an_expired_card_can_be_spent_again_after_its_refund(
    shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor
) -> None:
    card = await wallet.card("10.00", expires_at=shop.clock.now() + timedelta(days=2))
    order = await wallet.buy(ada, 1, card)
    shop.clock.advance(timedelta(days=3))
    await refund(shop, clerk, order, NewRefund())
    again = await wallet.buy(ada, 1, card)
    assert (again.status, await wallet.balance(card)) == (OrderStatus.PAID, 0)


async def test_store_credit_gets_its_refund(shop: Storefront, wallet: Wallet, ada: Actor, clerk: Actor) -> None:
    credit = await wallet.credit(ada, "12.00")
    await shop.fill(ada, ("A", 1))
    await wallet.use_credit(ada)
    order: Any = (await shop.place(ada)).order
    assert (order.payment_method, await wallet.balance(credit)) == ("STORE_CREDIT", 2)
    await refund(shop, clerk, order, NewRefund(amount=Decimal("2.50")))
    assert await wallet.balance(credit) == Decimal("4.50")
