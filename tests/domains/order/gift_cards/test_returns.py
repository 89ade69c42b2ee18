"""A refund takes unspent gift cards back; one that fails at the provider gives them their value again."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.events import Envelope
from domains.ledger.errors import BalanceTooLow
from domains.order.errors import GiftCardsSpent, OrderNotRefundable
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.events import RefundFailed
from domains.payment.models import DeclineReason, RefundStatus
from domains.payment.providers.results import Decline, ProviderRefund
from domains.payment.refunds import Refunds
from tests.domains.order.gift_cards.cards import balances, cards_of, item_of, sold_and_not_issued
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated

FULL, NONE = Decimal("25.0000"), Decimal(0)
REFUSED = ProviderRefund(RefundStatus.FAILED, decline=Decline(DeclineReason.PROVIDER_ERROR, "NO", "No."))
ISSUED = "The refund has failed. The gift cards of its units were sent by e-mail."
RESTORED = "The refund has failed. Its gift cards have their value again and stay disabled."
EVENTS = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where company_id = $1 and topic = $2 order by sequence
"""


@pytest.fixture
async def bought(shop: Storefront, ada: Actor) -> Order:
    """Three gift cards and one of A, paid."""
    return await shop.pay(ada, await shop.buy(ada, ("CARD", 3), ("A", 1)))


async def refund(shop: Storefront, actor: Actor, order: Order, units: int | None = None, **given: Any) -> Any:
    """Refund units of the gift cards, or all of the order."""
    lines = None if units is None else [RefundedUnits(await item_of(shop, order), units)]
    new = NewRefund(lines=lines, **given)
    return await shop.services.order.refunds.refund(shop.database, actor, order.id, new)


async def spend(shop: Storefront, order: Order, amount: str = "25.00", place: int = 0) -> None:
    """Take an amount off one of the cards."""
    card, cards = (await cards_of(shop, order))[place], shop.services.payment.gift_cards
    await shop.run(lambda tx: cards.adjust(tx, card.id, -Decimal(amount), "Spent"))


async def fail_refunds(shop: Storefront) -> None:
    """Handle the events of refunds that have failed, twice."""
    for row in 2 * await shop.owner.fetch(EVENTS, shop.company_id, RefundFailed.topic):
        await shop.run(lambda tx, row=row: shop.services.order.failed_returns.restore(tx, Envelope(*row.values())))


async def test_a_refund_of_units_takes_as_many_cards_back(shop: Storefront, clerk: Actor, bought: Order) -> None:
    order, _ = await refund(shop, clerk, bought, 2)

    assert (order.status, order.amount_refunded) == (OrderStatus.PAID, Decimal(50))
    assert await balances(shop, bought) == [(NONE, True), (NONE, True), (FULL, False)]
    assert [card.disabled_reason for card in await cards_of(shop, bought)] == ["Refunded", "Refunded", None]
    assert await sold_and_not_issued(shop) == 0


async def test_a_refund_of_everything_takes_all_cards_back_and_ends_the_order(
    shop: Storefront, clerk: Actor, bought: Order
) -> None:
    order, _ = await refund(shop, clerk, bought)

    assert (order.status, order.amount_refunded) == (OrderStatus.REFUNDED, order.total)
    assert await balances(shop, bought) == [(NONE, True)] * 3
    assert await shop.level("A") == (9, 0)
    assert await sold_and_not_issued(shop) == 0
    with pytest.raises(OrderNotRefundable):
        await refund(shop, clerk, bought)


async def test_a_refund_of_a_delivered_order_of_gift_cards_ends_it(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 1)))
    refunded, _ = await refund(shop, clerk, order)
    assert (refunded.status, await balances(shop, order)) == (OrderStatus.REFUNDED, [(NONE, True)])


@pytest.mark.parametrize("amount", ["25.00", "0.01"])
async def test_cards_of_which_anything_was_spent_are_not_taken_back(
    shop: Storefront, clerk: Actor, bought: Order, amount: str
) -> None:
    await spend(shop, bought, amount)
    before = await balances(shop, bought)

    for units in (3, None):
        with pytest.raises(GiftCardsSpent) as refusal:
            await refund(shop, clerk, bought, units)
        assert (refusal.value.wanted, refusal.value.unspent) == (3, 2)
    assert (await balances(shop, bought), await shop.count("refunds")) == (before, 0)

    await refund(shop, clerk, bought, 2)
    assert await balances(shop, bought) == [before[0], (NONE, True), (NONE, True)]
    await refund(shop, clerk, bought, amount=Decimal(5))
    assert (await shop.order(bought.id)).amount_refunded == Decimal(55)


async def test_a_card_with_more_than_its_value_keeps_the_rest(shop: Storefront, clerk: Actor, bought: Order) -> None:
    await spend(shop, bought, "-5.00")
    await refund(shop, clerk, bought, 3)
    assert await balances(shop, bought) == [(Decimal(5), True), (NONE, True), (NONE, True)]


async def test_a_cancellation_takes_the_cards_back(shop: Storefront, ada: Actor, bought: Order) -> None:
    ended = await shop.services.order.cancel_order(shop.database, ada, bought.id)
    assert (ended.status, ended.amount_refunded) == (OrderStatus.REFUNDED, ended.total)
    assert await balances(shop, bought) == [(NONE, True)] * 3
    assert await shop.level("A") == (9, 0)


async def test_an_order_with_a_spent_card_cannot_be_cancelled(shop: Storefront, ada: Actor, bought: Order) -> None:
    await spend(shop, bought)
    with pytest.raises(GiftCardsSpent):
        await shop.services.order.cancel_order(shop.database, ada, bought.id)
    assert ((await shop.order(bought.id)).status, await shop.level("A")) == (OrderStatus.PAID, (8, 1))


async def test_an_unpaid_order_is_cancelled_without_cards(shop: Storefront, ada: Actor) -> None:
    order = await shop.buy(ada, ("CARD", 1))
    ended = await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert (ended.status, await cards_of(shop, order)) == (OrderStatus.CANCELLED, [])


async def test_a_refund_that_fails_gives_the_cards_their_value_and_leaves_them_disabled(
    shop: Storefront, clerk: Actor, bought: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> ProviderRefund:
        return REFUSED

    with monkeypatch.context() as patch:
        patch.setattr(Refunds, "send", refuse)
        await refund(shop, clerk, bought, 2)
    assert await balances(shop, bought) == [(NONE, True), (NONE, True), (FULL, False)]

    await fail_refunds(shop)

    assert await balances(shop, bought) == [(FULL, True), (FULL, True), (FULL, False)]
    assert (await shop.history(bought.id))[-1] == ("PAID", RESTORED)
    assert await sold_and_not_issued(shop) == 0
    order, _ = await refund(shop, clerk, bought, 3)
    assert (order.amount_refunded, await balances(shop, bought)) == (Decimal(75), [(NONE, True)] * 3)


async def test_a_failed_refund_of_goods_changes_no_card(
    shop: Storefront, clerk: Actor, bought: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> ProviderRefund:
        return REFUSED

    with monkeypatch.context() as patch:
        patch.setattr(Refunds, "send", refuse)
        await refund(shop, clerk, bought, amount=Decimal(10))
    history = await shop.history(bought.id)
    await fail_refunds(shop)
    assert (await balances(shop, bought), await shop.history(bought.id)) == ([(FULL, False)] * 3, history)


@repeated
async def test_a_card_is_spent_or_taken_back_and_never_both(
    shop: Storefront, clerk: Actor, bought: Order, run: int
) -> None:
    outcomes = await asyncio.gather(
        refund(shop, clerk, bought, 3), spend(shop, bought, place=1), return_exceptions=True
    )

    assert [type(each) for each in outcomes] in ([tuple, BalanceTooLow], [GiftCardsSpent, type(None)])
    is_refunded = isinstance(outcomes[0], tuple)
    rest = (NONE, True) if is_refunded else (FULL, False)
    assert await balances(shop, bought) == [rest, (NONE, is_refunded), rest]
    assert await sold_and_not_issued(shop) == 0


@repeated
async def test_units_are_refunded_by_several_at_once_with_a_card_each(
    shop: Storefront, clerk: Actor, bought: Order, run: int
) -> None:
    await asyncio.gather(*(refund(shop, clerk, bought, 1) for _ in range(4)), return_exceptions=True)
    assert await balances(shop, bought) == [(NONE, True)] * 3
    assert (await shop.order(bought.id)).amount_refunded == Decimal(75)


async def test_a_refund_of_an_order_that_is_paid_in_part_leaves_its_units_without_cards(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.buy(ada, ("CARD", 3))
    held = await shop.authorize(ada, order)
    payment = await shop.payment_of(held)
    await shop.services.order.captures.capture(shop.database, clerk, payment.id, amount=Decimal(30))
    await refund(shop, clerk, order, 1)
    assert await cards_of(shop, order) == []

    paid = await shop.pay(ada, await shop.order(order.id))

    assert paid.status is OrderStatus.DELIVERED
    assert await balances(shop, order) == [(FULL, False)] * 2


async def test_cards_that_a_refund_kept_from_being_issued_are_issued_when_it_fails(
    shop: Storefront, ada: Actor, clerk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unanswered(*_: Any) -> ProviderRefund:
        return ProviderRefund.unanswered()

    order = await shop.buy(ada, ("CARD", 3))
    payment = await shop.payment_of(await shop.authorize(ada, order))
    await shop.services.order.captures.capture(shop.database, clerk, payment.id, amount=Decimal(30))
    with monkeypatch.context() as patch:
        patch.setattr(Refunds, "send", unanswered)
        _, (pending,) = await refund(shop, clerk, order, 1)
    await shop.pay(ada, await shop.order(order.id))
    assert await balances(shop, order) == [(FULL, False)] * 2

    await shop.run(lambda tx: shop.services.payment.refunds.record(tx, pending.id, REFUSED))
    await fail_refunds(shop)

    assert (await balances(shop, order), await sold_and_not_issued(shop)) == ([(FULL, False)] * 3, NONE)
    assert [comment for _, comment in await shop.history(order.id)].count(ISSUED) == 1
    ended, _ = await refund(shop, clerk, order)
    assert (ended.status, await balances(shop, order)) == (OrderStatus.REFUNDED, [(NONE, True)] * 3)
