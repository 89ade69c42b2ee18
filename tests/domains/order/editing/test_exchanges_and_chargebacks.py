"""Edits of exchange orders, and chargebacks of orders that were edited: the books stay exact."""

from decimal import Decimal

import pytest

from domains.kernel.actor import Actor
from domains.order.editing.errors import OrderNotEditable
from domains.order.models import Order, OrderPaymentStatus
from domains.order.summary import OrderFacts
from domains.payment.models import RefundDestination
from tests.domains.order.editing.editor import Editor
from tests.domains.order.exchanges.test_exchanges import exchange, in_exchange
from tests.domains.order.payments.provider_answers import look_up
from tests.domains.order.storefront import Storefront
from tests.domains.order.tenders.test_credited_refunds import credit_of


def money(*texts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts))


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


async def exchanged(shop: Storefront, editor: Editor, ada: Actor, sku: str) -> Order:
    """An order of one unit in exchange for one of A, whose value of 10.00 EUR pays it."""
    order = await shop.pay(ada, await shop.buy(ada, ("A", 2)))
    return (await exchange(shop, editor.staff, order, sku)).order


async def test_an_exchange_order_that_costs_more_is_paid_by_the_buyer(
    shop: Storefront, editor: Editor, ada: Actor
) -> None:
    order = await exchanged(shop, editor, ada, "B")
    edited = (await editor.edit(order, B=2)).order
    assert (edited.total, OrderFacts.of(edited).outstanding) == money("8", "4")
    paid = await shop.pay(ada, edited)
    assert (paid.payment_status, paid.amount_captured) == (OrderPaymentStatus.PAID, Decimal(8))
    assert (await in_exchange(shop))[0] == 0


async def test_what_an_exchange_order_costs_less_goes_to_store_credit(
    shop: Storefront, editor: Editor, ada: Actor
) -> None:
    order = await exchanged(shop, editor, ada, "A")
    edited = await editor.edit(order, editor.line("B"), A=0)
    ((refund),) = edited.refunds
    assert (refund.amount, refund.destination) == (Decimal(6), RefundDestination.STORE_CREDIT)
    assert (edited.order.total, edited.order.amount_repaid) == money("4", "6")
    assert (await credit_of(shop, ada), (await in_exchange(shop))[0]) == money("6", "0")


@pytest.mark.parametrize("is_refunded", [True, False])
async def test_a_chargeback_takes_what_an_edit_left_of_a_payment(
    shop: Storefront, editor: Editor, ada: Actor, is_refunded: bool
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    await editor.edit(order, A=1, refund=is_refunded)
    payment = await shop.payment_of(order)
    await shop.provider.dispute(payment.id)
    after, _ = await look_up(shop, payment)
    left = Decimal(10 if is_refunded else 30)
    assert (after.total, after.amount_charged_back, after.payment_status) == (
        *(Decimal(10), left, OrderPaymentStatus.CHARGED_BACK),
    )
    assert OrderFacts.of(after).overpaid == 0
    with pytest.raises(OrderNotEditable):
        await editor.edit(after, A=2)


async def test_a_chargeback_leaves_what_an_edit_added_to_be_paid(
    shop: Storefront, editor: Editor, ada: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    payment = await shop.payment_of(order)
    await editor.edit(order, A=3)
    await shop.provider.dispute(payment.id)
    after, _ = await look_up(shop, payment)
    assert (after.amount_charged_back, OrderFacts.of(after).outstanding) == money("10", "20")
