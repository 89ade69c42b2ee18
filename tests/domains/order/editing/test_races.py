"""Edits against edits, payments, refunds, expiry and cancellations, with real commits: one waits or is refused."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domains.kernel.errors import DomainError
from domains.order.errors import OrderExpired
from domains.order.models import OrderStatus
from domains.order.payments.refund_lines import NewRefund
from tests.domains.order.editing.editor import Editor
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated


async def both(*work: Any) -> list[str]:
    """The outcomes of pieces of work that run at the same time: the names of refusals, and `done`."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, DomainError):
            raise outcome
    return [type(each).__name__ if isinstance(each, DomainError) else "done" for each in outcomes]


@repeated
async def test_two_edits_at_once_follow_one_another(shop: Storefront, editor: Editor, run: int) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 5), ("B", 5)))
    edits = [editor.edit(order, A=2, B=4), editor.edit(order, B=1), editor.edit(order, editor.line("A", 2))]
    assert await both(*edits) == ["done"] * 3
    after = await shop.order(order.id)
    assert await shop.count("order_edits") == 3
    kept = (await editor.item(order, "B")).quantity - (await editor.item(order, "B")).dropped_quantity
    assert kept in (1, 4)
    assert after.total == Decimal("40.00") + kept * Decimal("4.00")
    assert (await shop.level("A"), await shop.level("B")) == ((16, 4), (20 - kept, kept))


@repeated
async def test_an_edit_and_a_payment_end_with_a_settled_or_a_due_order(
    shop: Storefront, editor: Editor, run: int
) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 3))
    outcomes = await both(editor.edit(order, A=1), shop.pay(ada, order))
    after = await shop.order(order.id)
    assert outcomes[1] == "done"
    assert outcomes[0] in ("done", "PaymentInProgress")
    assert after.status is OrderStatus.PAID
    assert after.amount_captured - after.amount_repaid == after.total


@repeated
async def test_an_edit_and_a_refund_never_return_more_than_was_paid(
    shop: Storefront, editor: Editor, run: int
) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    refunds = shop.services.order.refunds
    outcomes = await both(
        editor.edit(order, A=1),
        refunds.refund(shop.database, editor.staff, order.id, NewRefund(amount=Decimal(15))),
    )
    after = await shop.order(order.id)
    assert outcomes[0] == "done"
    assert after.amount_refunded <= after.amount_captured
    assert after.total == Decimal("10.00")


@repeated
async def test_an_edit_and_a_cancellation_leave_no_unit_behind(shop: Storefront, editor: Editor, run: int) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    cancelling = shop.services.order.cancel_order(shop.database, ada, order.id)
    outcomes = await both(editor.edit(order, editor.line("B", 2)), cancelling)
    assert outcomes[1] == "done"
    assert outcomes[0] in ("done", "OrderNotEditable")
    assert (await shop.level("A"), await shop.level("B")) == ((20, 0), (20, 0))
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED


@repeated
async def test_an_edit_and_the_expiry_of_an_order(shop: Storefront, editor: Editor, run: int) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 3))
    assert order.expires_at is not None
    shop.clock.advance(order.expires_at - shop.clock.now() + timedelta(seconds=1))
    expiry = shop.services.order.expiry.end_unpaid(shop.database, shop.system)
    outcomes = await both(editor.edit(order, A=1), expiry)
    assert outcomes[0] in (OrderExpired.__name__, "OrderNotEditable")
    await shop.services.order.expiry.end_unpaid(shop.database, shop.system)
    assert (await shop.order(order.id)).status is OrderStatus.FAILED
    assert await shop.level("A") == (20, 0)
