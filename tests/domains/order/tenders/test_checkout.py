"""Gift cards and store credit at the checkout: captured with the order, in their order, and never by surprise."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.kernel.actor import Actor
from domains.kernel.errors import TooManyDecimals
from domains.order.errors import PriceChanged, TenderBalanceChanged
from domains.order.models import OrderPaymentStatus, OrderStatus
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.wallet import Wallet

CARD, CREDIT = "GIFT_CARD", "STORE_CREDIT"


async def test_a_gift_card_that_covers_an_order_pays_it_at_once(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("25.00")
    order = await wallet.buy(ada, 2, card)
    assert (order.status, order.payment_status) == (OrderStatus.PAID, OrderPaymentStatus.PAID)
    assert (order.total, order.amount_captured, order.payment_method) == (20, 20, CARD)
    assert (order.paid_at, order.accepted_at, order.expires_at) == (shop.clock.now(), None, None)
    assert order == await wallet.order(order)
    assert (await wallet.balance(card), await shop.level("A")) == (Decimal("5.00"), (48, 2))
    assert await wallet.payments(order) == [(CARD, "SUCCEEDED", 20, 0)]
    ending = card[0].last_characters
    assert await shop.history(order.id) == [("PENDING", None), ("PAID", f"Gift card ending in {ending}: 20.00 EUR")]
    assert await shop.topics() == ["order.created", "order.paid"]


async def test_an_order_that_a_gift_card_pays_in_part_waits_for_the_rest(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    card = await wallet.card("5.00")
    order = await wallet.buy(ada, 2, card)
    assert (order.status, order.payment_status) == (OrderStatus.PENDING, OrderPaymentStatus.PARTIALLY_PAID)
    assert (order.amount_captured, order.accepted_at, order.paid_at, order.payment_method) == (5, None, None, None)
    assert order.expires_at == shop.clock.now() + timedelta(minutes=30)
    assert await wallet.balance(card) == 0
    paid: Any = await shop.pay(ada, order)
    assert (paid.status, paid.amount_captured, paid.payment_method) == (OrderStatus.PAID, 20, "CARD")
    assert await wallet.payments(order) == [(CARD, "SUCCEEDED", 5, 0), ("CARD", "SUCCEEDED", 15, 0)]
    assert await shop.charges() == [("APPROVED", Decimal("15.00"))]
    assert await shop.topics() == ["order.created", "order.payment_started", "order.paid"]


async def test_cards_pay_in_the_order_in_which_they_were_added_and_store_credit_pays_last(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    first, second, third = await wallet.card("4.00"), await wallet.card("3.00"), await wallet.card("2.00")
    credit = await wallet.credit(ada, "50.00")
    await shop.fill(ada, ("A", 1))
    await wallet.use_credit(ada)
    await wallet.apply(ada, third, first, second)
    order: Any = (await shop.place(ada)).order
    assert order.status is OrderStatus.PAID
    assert await wallet.payments(order) == [
        (CARD, "SUCCEEDED", 2, 0),
        (CARD, "SUCCEEDED", 4, 0),
        (CARD, "SUCCEEDED", 3, 0),
        (CREDIT, "SUCCEEDED", 1, 0),
    ]
    assert await wallet.balance(credit) == 49
    assert (await shop.history(order.id))[-1] == ("PAID", "Store credit: 1.00 EUR")


async def test_a_tender_that_has_nothing_to_pay_keeps_its_balance(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    first, second = await wallet.card("10.00"), await wallet.card("10.00")
    order = await wallet.buy(ada, 1, first, second)
    assert (order.status, await wallet.balance(second)) == (OrderStatus.PAID, 10)
    assert len(await wallet.payments(order)) == 1


async def test_the_next_cart_has_no_tenders(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    await wallet.credit(ada, "50.00")
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, await wallet.card("1.00"))
    await wallet.use_credit(ada)
    await shop.place(ada)
    following: Any = await shop.buy(ada, ("A", 1))
    assert (following.status, following.amount_captured) == (OrderStatus.PENDING, 0)


async def test_a_card_with_less_than_was_shown_is_accepted_only_by_the_new_amount(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    card = await wallet.card("15.00")
    await shop.fill(ada, ("A", 2))
    await wallet.apply(ada, card)
    await show(shop, ada)
    await wallet.buy(await shop.customer(), 1, card)
    for given in ({}, {"expected_amount_due": Decimal("5.00")}):
        with pytest.raises(TenderBalanceChanged) as refused:
            await shop.place(ada, **given)
        assert told(refused.value) == (5, 15, "EUR")
    order: Any = (await shop.place(ada, expected_amount_due=Decimal("15.00"))).order
    assert (order.status, order.amount_captured, await wallet.balance(card)) == (OrderStatus.PENDING, 5, 0)


async def test_a_card_that_another_order_has_used_up_is_no_surprise_without_a_shown_amount(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    card = await wallet.card("10.00")
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, card)
    await wallet.buy(await shop.customer(), 1, card)
    with pytest.raises(TenderBalanceChanged) as refused:
        await shop.place(ada)
    assert told(refused.value) == (None, 10, "EUR")
    assert (await shop.place(ada, expected_amount_due=Decimal(10))).order.amount_captured == 0


@pytest.mark.parametrize("fate", ["disabled", "expired"])
async def test_a_card_that_cannot_be_spent_any_more_pays_nothing(
    shop: Storefront, wallet: Wallet, ada: Actor, fate: str
) -> None:
    card = await wallet.card("10.00", expires_at=shop.clock.now() + timedelta(days=1))
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, card)
    if fate == "disabled":
        await shop.run(lambda tx: shop.services.payment.gift_cards.disable(tx, card[0].id))
    else:
        shop.clock.advance(timedelta(days=1))
    with pytest.raises(TenderBalanceChanged):
        await shop.place(ada)
    order: Any = (await shop.place(ada, expected_amount_due=Decimal(10))).order
    assert (order.amount_captured, await wallet.balance(card)) == (0, 10)


async def test_a_card_with_more_than_was_shown_pays_more(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("5.00")
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, card)
    await show(shop, ada)
    cards = shop.services.payment.gift_cards
    await shop.run(lambda tx: cards.adjust(tx, card[0].id, Decimal(3), "Goodwill"))
    assert (await shop.place(ada)).order.amount_captured == 8


async def test_a_changed_price_is_told_before_the_balance(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("5.00")
    await shop.fill(ada, ("A", 1))
    await wallet.apply(ada, card)
    await show(shop, ada)
    product, catalog = shop.products["A"], shop.services.catalog
    await shop.run(lambda tx: catalog.update_product(tx, product.id, {"base_price": Decimal(12)}))
    with pytest.raises(PriceChanged):
        await shop.place(ada)
    order: Any = (await shop.place(ada, expected_total=Decimal(12))).order
    assert (order.total, order.amount_captured) == (12, 5)


async def test_an_expected_amount_has_the_decimals_of_the_currency(
    shop: Storefront, wallet: Wallet, ada: Actor
) -> None:
    await shop.fill(ada, ("A", 1))
    with pytest.raises(TooManyDecimals) as refused:
        await shop.place(ada, expected_amount_due=Decimal("0.001"))
    assert refused.value.field == ("expected_amount_due",)


async def test_a_free_order_spends_nothing(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("5.00")
    await shop.stock("FREE", 5, "0.00")
    await shop.fill(ada, ("FREE", 1))
    await wallet.apply(ada, card)
    order: Any = (await shop.place(ada)).order
    assert (order.status, await wallet.balance(card)) == (OrderStatus.CONFIRMED, 5)


async def test_gift_cards_do_not_pay_for_gift_cards(shop: Storefront, wallet: Wallet, ada: Actor) -> None:
    card = await wallet.card("100.00")
    await shop.stock("GIFT", None, "25.00", is_gift_card=True)
    await shop.fill(ada, ("A", 1), ("GIFT", 2))
    await wallet.apply(ada, card)
    await show(shop, ada)
    order: Any = (await shop.place(ada)).order
    assert (order.status, order.total, order.amount_captured) == (OrderStatus.PENDING, 60, 10)
    assert await wallet.balance(card) == 90
    assert (await shop.pay(ada, order)).paid_at is not None


async def show(shop: Storefront, actor: Actor) -> None:
    """Show the cart's total and amount due to its buyer."""
    carts, reader = shop.services.cart, shop.database.reader(shop.company_id)
    (contents,) = await carts.contents(reader, [await carts.get_cart(reader, CartRef.of(actor, None))])
    quoted = await carts.calculate_total(reader, contents)
    (paying,) = await carts.tenders.quotes(reader, [(contents, quoted)])
    assert paying is not None
    await carts.quotes.store_shown_total(shop.database, actor, contents, quoted, paying.due)


def told(error: TenderBalanceChanged) -> tuple[Any, Any, str]:
    """The amounts that an error tells: expected and actual."""
    return error.expected, error.actual, error.currency
