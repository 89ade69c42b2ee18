"""Edits that meet captures, refunds of returns and exchanges: nobody pays or gets back more than the order says."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.values.money import Money
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.order.summary import OrderFacts
from domains.payment.models import WebhookStatus
from domains.payment.providers.requests import PaymentReference
from domains.returns.refunds.models import NewReturnRefund
from gateway.providers.mock.declines import AUTHENTICATES
from tests.domains.order.editing.editor import Editor
from tests.domains.order.editing.meetings import QUEUED, Turn, Work, meet, queued_turns, require_agreement, turns
from tests.domains.order.exchanges.test_exchanges import exchange
from tests.domains.order.fulfilment.shipped_orders import ship
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder


@pytest.fixture
async def ada(shop: Storefront, editor: Editor) -> Actor:
    return await shop.customer()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    """Five A at 10.00 and five B at 4.00 EUR, not paid."""
    return await shop.buy(ada, ("A", 5), ("B", 5))


async def arrive(shop: Storefront, payment_id: UUID) -> UUID:
    """A webhook of the provider about a payment as it is now."""
    event = await shop.provider.webhook(payment_id)
    stored = await shop.services.payment.webhooks.receive(shop.database, shop.system, "MOCK", *event)
    assert stored is not None
    return stored


async def process(shop: Storefront, webhook_id: UUID) -> None:
    processed = await shop.services.order.webhooks.process(shop.database, shop.system, webhook_id)
    assert processed is not None
    assert processed.status is WebhookStatus.PROCESSED


@queued_turns
async def test_the_provider_captures_what_was_authorized(
    shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn
) -> None:
    await shop.authorize(ada, order)
    payment = await shop.payment_of(order)
    reference = PaymentReference(payment.id, payment.provider_transaction_id)
    await shop.provider.capture(reference, Money(Decimal(70), "EUR"))
    webhook_id = await arrive(shop, payment.id)
    found = await meet(shop, order, turn, lambda: editor.edit(order, A=3), lambda: process(shop, webhook_id))
    assert found == ("done", "done")
    after = await shop.order(order.id)
    overpaid = OrderFacts.of(after).overpaid
    assert overpaid + after.amount_repaid == 20
    assert overpaid in expected(turn)
    await require_agreement(shop, order, "50.00", f"{50 + overpaid}", A=17, B=15)
    assert (after.status, after.payment_status) == (OrderStatus.PAID, OrderPaymentStatus.PAID)


def expected(turn: Turn) -> tuple[Decimal, ...]:
    """What can be overpaid: a capture after the edit is too much, and staff refund it."""
    known = {Turn.EDIT_WAITS_FIRST: (Decimal(20),), Turn.EDIT_WAITS_LAST: (Decimal(0),)}
    return known.get(turn, (Decimal(0), Decimal(20)))


@queued_turns
async def test_a_payment_in_progress_succeeds(
    shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn
) -> None:
    await shop.pay(ada, order, AUTHENTICATES)
    payment = await shop.payment_of(order)
    await shop.provider.complete_action(payment.id, succeeds=True)
    webhook_id = await arrive(shop, payment.id)
    found = await meet(shop, order, turn, lambda: editor.edit(order, A=3), lambda: process(shop, webhook_id))
    assert found[1] == "done"
    if found[0] == "done":
        assert turn is not Turn.EDIT_WAITS_FIRST
        after = await require_agreement(shop, order, "50.00", "50.00", A=17, B=15)
    else:
        assert (found[0], turn is Turn.EDIT_WAITS_LAST) == ("PaymentInProgress", False)
        after = await require_agreement(shop, order, "70.00", "70.00", A=15, B=15)
    assert after.status is OrderStatus.PAID


@queued_turns
async def test_staff_capture_what_was_authorized(
    shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn
) -> None:
    await shop.authorize(ada, order)
    payment = await shop.payment_of(order)
    captures = shop.services.order.captures
    found = await meet(
        shop,
        order,
        turn,
        lambda: editor.edit(order, A=3),
        lambda: captures.capture(shop.database, editor.staff, payment.id),
    )
    assert found == ("done", "done")
    after = await shop.order(order.id)
    overpaid = OrderFacts.of(after).overpaid
    assert overpaid in (0, 20)
    await require_agreement(shop, order, "50.00", f"{50 + overpaid}", A=17, B=15)
    assert after.status is OrderStatus.PAID


@turns
async def test_units_are_exchanged(shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn) -> None:
    paid = await shop.pay(ada, order)
    found = await meet(
        shop, paid, turn, lambda: editor.edit(paid, A=3), lambda: exchange(shop, editor.staff, paid, "B")
    )
    assert found == ("done", "done")
    after = await require_agreement(shop, paid, "50.00", "40.00", A=17, B=14)
    assert (after.amount_refunded, after.amount_repaid) == (Decimal(30), Decimal(20))
    assert after.status is OrderStatus.PAID


@turns
async def test_a_return_is_refunded(shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn) -> None:
    paid = await shop.pay(ada, order)
    await ship(shop, editor.staff, paid, {"A": 2})
    update = shop.services.order.update_status
    await shop.run(lambda tx: update(tx, editor.staff, paid.id, OrderStatus.DELIVERED), editor.staff)
    delivered = DeliveredOrder(shop, ada, paid, await items_of(shop, paid))
    request = await delivered.receive(await delivered.approve(await delivered.request(2)), 2)
    refunds = shop.services.returns.refunds
    found = await meet(
        shop,
        paid,
        turn,
        lambda: editor.edit(paid, A=3, B=4),
        lambda: refunds.refund(shop.database, editor.staff, request.id, NewReturnRefund()),
    )
    assert found == ("done", "done")
    after = await require_agreement(shop, paid, "46.00", "26.00", A=17, B=16)
    assert (after.amount_refunded, after.amount_repaid, after.units_returned) == (Decimal(44), Decimal(24), 2)
    assert after.status is OrderStatus.PROCESSING


async def meet_whole_refund(shop: Storefront, editor: Editor, paid: Order, turn: Turn, edit: Work) -> tuple[str, str]:
    """What an edit and a refund of all that was paid end with."""
    refunds = shop.services.order.refunds
    return await meet(
        shop,
        paid,
        turn,
        edit,
        lambda: refunds.refund(shop.database, editor.staff, paid.id, NewRefund()),
    )


@turns
async def test_all_that_was_paid_is_refunded(
    shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn
) -> None:
    paid = await shop.pay(ada, order)
    found = await meet_whole_refund(shop, editor, paid, turn, lambda: editor.edit(paid, A=3))
    total = "50.00" if found[0] == "done" else "70.00"
    assert found in [("done", "done"), ("LineRefunded", "done")]
    after = await require_agreement(shop, paid, total, "0", A=20, B=20)
    assert after.status is OrderStatus.REFUNDED


async def items_of(shop: Storefront, order: Order) -> Any:
    found = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return sorted(found, key=lambda item: item.sku)


@pytest.mark.parametrize("turn", [*QUEUED, Turn.WITHIN_OTHER])
async def test_an_order_that_costs_more_is_refunded(
    shop: Storefront, editor: Editor, ada: Actor, order: Order, turn: Turn
) -> None:
    paid = await shop.pay(ada, order)
    found = await meet_whole_refund(shop, editor, paid, turn, lambda: editor.edit(paid, B=8))
    assert found == ("done", "done")
    after = await require_agreement(shop, paid, "82.00", "0", A=20, B=20)
    assert after.status is OrderStatus.REFUNDED
