"""The buyer history of orders: withdrawn with them, and used only with a confirmed address."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.order.errors import EmailNotConfirmed, PriceChanged, PromoCodeRefused
from domains.order.models import Order, OrderStatus
from domains.promotion.errors import PromotionExhausted
from domains.promotion.rules import BuyerIdentity
from tests.domains.order.buyers import (
    cancel,
    clear_cart,
    confirm_email,
    order_as_customer,
    order_as_guest,
    paid,
    refund,
    update_statuses,
    verified_customer,
)
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

# ---- given back


async def test_the_first_order_code_is_usable_again_after_cancellation_and_refund(stocked: Storefront) -> None:
    for buyer in [(await verified_customer(stocked))[0], await stocked.customer()]:
        for _ in range(3):
            order = await paid(stocked, await order_as_customer(stocked, buyer, "WELCOME"))
            assert order.total == Decimal(5)
            with pytest.raises(PromoCodeRefused):
                await order_as_customer(stocked, buyer, "WELCOME")
            await clear_cart(stocked, buyer)
            await cancel(stocked, order)


@pytest.mark.parametrize(
    "statuses",
    [
        [],
        [OrderStatus.PROCESSING],
        [OrderStatus.PROCESSING, OrderStatus.SHIPPED],
        [OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED],
    ],
)
async def test_a_full_refund_withdraws_the_order_from_the_buyer_history(
    stocked: Storefront, statuses: list[OrderStatus]
) -> None:
    buyer, _ = await verified_customer(stocked)
    order = await paid(stocked, await order_as_customer(stocked, buyer, "WELCOME"))
    await update_statuses(stocked, order, *statuses)
    await refund(stocked, order, Decimal(2))
    with pytest.raises(PromoCodeRefused, match="used it already"):
        await order_as_customer(stocked, buyer, "WELCOME")
    await clear_cart(stocked, buyer)
    await refund(stocked, order)
    assert (await order_as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)


async def test_refunded_orders_do_not_count_for_loyalty(stocked: Storefront) -> None:
    buyer, _ = await verified_customer(stocked)
    for _ in range(3):
        order = await paid(stocked, await stocked.buy(buyer, ("A", 1)))
        await cancel(stocked, order)
    with pytest.raises(PromoCodeRefused, match="1 paid order"):
        await order_as_customer(stocked, buyer, "LOYAL")
    await clear_cart(stocked, buyer)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    assert (await order_as_customer(stocked, buyer, "LOYAL")).total == Decimal(5)


async def test_a_withdrawal_delivered_before_the_payment_takes_precedence(shop: Storefront) -> None:
    await shop.stock("A", 9)
    buyer = await shop.customer()
    history, who = shop.services.account.buyer_history, BuyerIdentity(user_id=buyer.user_id, email="ada@example.com")
    for order_of_news in permutations("pwp"):
        order = await shop.buy(buyer, ("A", 1))
        for topic in order_of_news:

            async def record(tx: Tx, order: Order = order, topic: str = topic) -> None:
                if topic == "p":
                    history.record_paid(tx, order.id, who)
                else:
                    await history.record_withdrawn(tx, order.id, who)

            await shop.run(record)
        recorded = await shop.run(lambda tx, order=order: history.find_locked(tx, order.id))
        assert (recorded.user_id, recorded.counts) == (buyer.user_id, False)


async def test_parallel_payment_and_cancellation_leave_a_consistent_buyer_history(stocked: Storefront) -> None:
    buyers = await stocked.customers(8)
    orders = [await stocked.buy(buyer, ("A", 1)) for buyer in buyers]
    for buyer, order in zip(buyers, orders, strict=True):
        await stocked.pay(buyer, order, SILENT_CHARGED)
    stocked.clock.advance(timedelta(minutes=5))
    settling = [stocked.services.order.reconciliation.reconcile(stocked.database, stocked.system) for _ in range(3)]
    await asyncio.gather(*settling, *(cancel(stocked, order) for order in orders), return_exceptions=True)
    await asyncio.gather(*(cancel(stocked, order) for order in orders), return_exceptions=True)
    ended = Counter([(await stocked.order(order.id)).status for order in orders])
    assert ended == {OrderStatus.REFUNDED: 8}
    for buyer in buyers:
        assert (await order_as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)


# ---- confirmed addresses


async def test_an_unconfirmed_address_does_not_get_its_loyalty_discount(stocked: Storefront) -> None:
    buyer, email = await verified_customer(stocked)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    with pytest.raises(PromoCodeRefused, match="Confirm your e-mail address"):
        await order_as_guest(stocked, email, "LOYAL")
    assert (await order_as_guest(stocked, email, "LOYAL", expected_total=Decimal(10))).total == Decimal(10)
    assert (await order_as_guest(stocked, email, "LOYAL", confirm=True)).total == Decimal(5)


async def test_a_guest_with_a_confirmed_address_is_loyal_by_earlier_orders(stocked: Storefront) -> None:
    await paid(stocked, await order_as_guest(stocked, "gus@gmail.com"))
    confirmed = await order_as_guest(stocked, "g.u.s+2@gmail.com", "LOYAL", confirm=True)
    assert (confirmed.total, confirmed.email, confirmed.email_confirmed) == (Decimal(5), "g.u.s+2@gmail.com", True)


async def test_an_account_with_an_unconfirmed_address_is_loyal_by_its_own_orders(
    stocked: Storefront,
) -> None:
    buyer = await stocked.customer()
    email = await stocked.owner.fetchval("select email from users where id = $1", buyer.user_id)
    await paid(stocked, await order_as_guest(stocked, email, confirm=True))
    with pytest.raises(PromoCodeRefused, match="1 paid order"):
        await order_as_customer(stocked, buyer, "LOYAL")
    await clear_cart(stocked, buyer)
    await paid(stocked, await stocked.buy(buyer, ("A", 1)))
    assert (await order_as_customer(stocked, buyer, "LOYAL")).total == Decimal(5)


async def test_an_unconfirmed_address_uses_up_no_promotion_of_its_owner(stocked: Storefront) -> None:
    buyer, email = await verified_customer(stocked)
    await paid(stocked, await order_as_guest(stocked, email, "WELCOME"))
    assert (await order_as_customer(stocked, buyer, "WELCOME")).total == Decimal(5)
    other = "guest@example.com"
    await paid(stocked, await order_as_guest(stocked, other, "WELCOME"))
    assert (await order_as_guest(stocked, other, "WELCOME", confirm=True)).total == Decimal(5)


async def test_an_owner_has_one_first_order_by_account_and_as_a_guest(stocked: Storefront) -> None:
    buyer, email = await verified_customer(stocked)
    await paid(stocked, await order_as_customer(stocked, buyer, "WELCOME"))
    tagged = email.replace("@", "+1@")
    with pytest.raises(PromoCodeRefused, match="used it already"):
        await order_as_guest(stocked, tagged, "WELCOME", confirm=True)


async def test_a_price_does_not_depend_on_the_history_of_an_unconfirmed_address(stocked: Storefront) -> None:
    """The refusal has the same message and statements for known and unknown addresses."""
    buyer, email = await verified_customer(stocked)
    await paid(stocked, await order_as_customer(stocked, buyer, "WELCOME"))
    await paid(stocked, await order_as_guest(stocked, email, "WELCOME"))
    for code in ("WELCOME", "LOYAL", None):
        answers = []
        for typed in (email, "nobody@example.com"):
            with counting() as count, pytest.raises(PriceChanged) as refused:
                await order_as_guest(stocked, typed, code, expected_total=Decimal("0.01"))
            answers.append((refused.value.message, refused.value.field, count.texts))
        assert answers[0] == answers[1]


async def test_promotion_usage_of_an_address_is_revealed_only_to_an_eligible_buyer(stocked: Storefront) -> None:
    await order_as_guest(stocked, "me@gmail.com", "WELCOME")
    again = "m.e+1@gmail.com"
    with pytest.raises(PriceChanged) as guessed:
        await order_as_guest(stocked, again, "WELCOME", expected_total=Decimal("0.01"))
    assert guessed.value.actual == Decimal(5)
    with pytest.raises(PriceChanged) as shown:
        await order_as_guest(stocked, again, "WELCOME", expected_total=Decimal(5))
    assert shown.value.actual == Decimal(10)
    with pytest.raises(PromoCodeRefused, match="Confirm the address"):
        await order_as_guest(stocked, again, "WELCOME")
    order = await order_as_guest(stocked, again, "WELCOME", expected_total=Decimal(10))
    assert (order.total, order.card_limited) == (Decimal(10), False)


async def test_one_of_two_parallel_first_orders_of_one_mailbox_gets_the_discount(stocked: Storefront) -> None:
    spellings = [f"m.e+{number}@gmail.com" for number in range(6)]
    outcomes = await asyncio.gather(
        *(order_as_guest(stocked, email, "WELCOME") for email in spellings), return_exceptions=True
    )
    got = [each for each in outcomes if isinstance(each, Order)]
    assert [order.total for order in got] == [Decimal(5)]
    assert {type(each) for each in outcomes} <= {Order, PromotionExhausted, PromoCodeRefused}


async def test_a_cart_with_a_confirmed_address_is_ordered_only_with_it(stocked: Storefront) -> None:
    guest = Actor.anonymous(stocked.company_id)
    token = await stocked.fill(guest, ("A", 1))
    await confirm_email(stocked, token, "mine@example.com")
    with pytest.raises(EmailNotConfirmed):
        await stocked.place(guest, cart_token=token, email="yours@example.com")
    order = (await stocked.place(guest, cart_token=token)).order
    assert (order.email, order.email_confirmed) == ("mine@example.com", True)
