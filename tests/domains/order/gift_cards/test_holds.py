"""Gift cards of orders whose money was taken back outside a refund of their units."""

import asyncio
from decimal import Decimal

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.payment.providers.requests import PaymentReference, RefundRequest
from tests.domains.order.gift_cards.cards import balances, cards_of
from tests.domains.order.storefront import SILENT_CHARGED, Storefront
from tests.race_runs import repeated

FULL = Decimal("25.0000")


HELD = "Less is paid than the gift cards are worth: they are disabled."


async def look_up(shop: Storefront, order: Order) -> Order:
    payment = await shop.payment_of(order)
    found, _ = await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)
    return found


async def refund_at_provider(shop: Storefront, order: Order, amount: int) -> None:
    payment = await shop.payment_of(order)
    reference = PaymentReference(payment.id, payment.provider_transaction_id)
    await shop.provider.refund(RefundRequest(new_id(), reference, Money(Decimal(amount), "EUR")))


async def disablings(shop: Storefront, order: Order) -> int:
    """How many events say that a card was disabled; the history has one note for all of them at most."""
    assert [comment for _, comment in await shop.history(order.id)].count(HELD) <= 1
    sql = "select count(*) from outbox_events where company_id = $1 and topic = 'gift_card.disabled'"
    count: int = await shop.owner.fetchval(sql, shop.company_id)
    return count


async def test_a_refund_of_the_amount_of_everything_disables_the_cards(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))
    refund = shop.services.order.refunds.refund

    await refund(shop.database, clerk, order.id, NewRefund(amount=Decimal(49)))
    refunded, _ = await refund(shop.database, clerk, order.id, NewRefund(amount=Decimal(1)))

    assert refunded.status is OrderStatus.REFUNDED
    assert await balances(shop, order) == [(FULL, True)] * 2
    assert {card.disabled_reason for card in await cards_of(shop, order)} == {"The payment was taken back"}
    assert await disablings(shop, order) == 2


async def test_a_refund_of_an_amount_that_leaves_the_cards_paid_disables_none(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2), ("A", 1)))
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, NewRefund(amount=Decimal(10)))
    assert (await balances(shop, order), await disablings(shop, order)) == ([(FULL, False)] * 2, 0)


async def test_a_refund_at_the_provider_disables_the_cards_once(shop: Storefront, ada: Actor) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2), ("A", 1)))
    await refund_at_provider(shop, order, 60)
    for _ in range(2):
        assert (await look_up(shop, order)).status is OrderStatus.REFUNDED
    assert (await balances(shop, order), await disablings(shop, order)) == ([(FULL, True)] * 2, 2)
    assert (await shop.history(order.id))[-1] == ("REFUNDED", HELD)


async def test_a_chargeback_disables_the_cards_until_staff_enable_them(shop: Storefront, ada: Actor) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))
    await shop.provider.dispute((await shop.payment_of(order)).id)
    charged_back = await look_up(shop, order)
    assert (charged_back.status, charged_back.amount_charged_back) == (OrderStatus.DELIVERED, Decimal(50))
    assert await balances(shop, order) == [(FULL, True)] * 2

    first, _ = await cards_of(shop, order)
    await shop.run(lambda tx: shop.services.payment.gift_cards.enable(tx, first.id))
    await look_up(shop, order)
    assert (await balances(shop, order), await disablings(shop, order)) == ([(FULL, False), (FULL, True)], 2)


async def test_cards_of_a_payment_that_is_found_with_its_refund_are_disabled(shop: Storefront, ada: Actor) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 1)), SILENT_CHARGED)
    await refund_at_provider(shop, order, 25)
    assert (await look_up(shop, order)).status is OrderStatus.REFUNDED
    assert (await balances(shop, order), await disablings(shop, order)) == ([(FULL, True)], 1)


@repeated
async def test_a_card_is_disabled_once_by_many_who_see_its_refund(shop: Storefront, ada: Actor, run: int) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))
    await refund_at_provider(shop, order, 50)
    await asyncio.gather(*(look_up(shop, order) for _ in range(4)))
    assert (await balances(shop, order), await disablings(shop, order)) == ([(FULL, True)] * 2, 2)
