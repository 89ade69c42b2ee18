"""The money of edited orders: for random facts, for random edits of one order, and after a crash."""

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel import fail_points
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.order import lifecycle
from domains.order.errors import StatusNotAllowed
from domains.order.models import OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.order.summary import OrderFacts, payment_status, status
from domains.payment.models import RefundStatus
from tests.domains.order.editing.editor import Editor
from tests.domains.order.editing.test_races import both
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated

CENTS = st.integers(0, 500).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def edited_facts(draw: st.DrawFn) -> OrderFacts:
    """The money of an order that was captured, refunded and edited, in any way that can be."""
    captured = draw(CENTS)
    refunded = draw(st.integers(0, int(captured * 100)).map(lambda cents: Decimal(cents).scaleb(-2)))
    repaid = draw(st.integers(0, int(refunded * 100)).map(lambda cents: Decimal(cents).scaleb(-2)))
    return OrderFacts(total=draw(CENTS), ordered=1, captured=captured, refunded=refunded, repaid=repaid)


@given(edited_facts())
def test_an_order_is_never_due_and_overpaid_and_what_is_returned_settles_it(facts: OrderFacts) -> None:
    assert facts.outstanding >= 0
    assert facts.overpaid >= 0
    assert not (facts.outstanding and facts.overpaid)
    assert facts.overpaid <= facts.captured - facts.refunded
    if facts.overpaid == facts.paid - facts.total:
        settled = OrderFacts(
            total=facts.total,
            ordered=1,
            captured=facts.captured,
            refunded=facts.refunded + facts.overpaid,
            repaid=facts.repaid + facts.overpaid,
        )
        assert (settled.overpaid, settled.outstanding) == (Decimal(0), Decimal(0))
        if not settled.is_refunded:
            was_partial = facts.refunded > facts.repaid
            expected = OrderPaymentStatus.PARTIALLY_REFUNDED if was_partial else OrderPaymentStatus.PAID
            assert payment_status(settled) is expected
    if facts.is_refunded:
        assert (payment_status(facts), facts.overpaid) == (OrderPaymentStatus.REFUNDED, Decimal(0))


@given(edited_facts())
def test_a_payment_is_expected_of_what_is_outstanding_alone(facts: OrderFacts) -> None:
    if lifecycle.expects_payment(facts):
        assert lifecycle.amount_due(facts) == facts.outstanding > 0
        assert lifecycle.expects_capture(facts, facts.outstanding)
    else:
        assert lifecycle.amount_due(facts) == 0
    assert lifecycle.may_edit(facts) <= (status(facts) is OrderStatus.PENDING)


@pytest.mark.parametrize("seed", range(3))
async def test_random_edits_payments_and_refunds_keep_the_books_exact(
    shop: Storefront, editor: Editor, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    await shop.promotion(code="THIRD", discount_value=Decimal("33.33"))
    ada = await shop.customer()
    await shop.fill(ada, ("A", 3), ("U", 4))
    await shop.apply(ada, "THIRD")
    order = (await shop.place(ada)).order
    reader = shop.database.reader(shop.company_id)
    for step in range(9):
        items = await shop.services.order.items_of(reader, [order.id])
        wanted = {item.sku: item.quantity - item.dropped_quantity for item in items}
        if step == 3 or (step > 3 and chance.random() < 0.4):
            current = await shop.order(order.id)
            if lifecycle.amount_due(OrderFacts.of(current)):
                await shop.pay(ada, current)
            continue
        units: dict[str, Any] = {
            sku: chance.randint(0, 4) for sku in ("A", "U") if wanted[sku] and chance.random() < 0.7
        }
        left = sum({**wanted, **units}.values())
        added = [editor.line("B", 1 + chance.randint(0, 2), chance.choice([None, "3.33"]))] if not left else []
        if not units and not added:
            continue
        edited = await editor.edit(order, *added, refund=chance.random() < 0.7, **units)
        items = await shop.services.order.items_of(reader, [order.id])
        assert edited.order.total == sum(item.total_price for item in items)
        assert edited.order.subtotal - edited.order.discount_amount == edited.order.total
        assert await shop.broken() == []
    after = await shop.order(order.id)
    if OrderFacts.of(after).overpaid:
        refunds = shop.services.order.refunds
        after, _ = await refunds.refund(shop.database, editor.staff, order.id, NewRefund(overpayment=True))
    assert OrderFacts.of(after).overpaid == 0


@pytest.mark.parametrize("point", ["refund.requested", "refund.provider_refunded", "refund.recorded"])
async def test_an_edit_that_died_before_its_refund_was_sent_is_continued(
    shop: Storefront, editor: Editor, point: str
) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    attempt_id = new_id()
    fail_points.arm([f"{point}:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await editor.edit(order, A=1, attempt=Attempt(shop.database, attempt_id))
    finally:
        fail_points.arm([])
    assert (await shop.order(order.id)).total == Decimal("10.00")
    edited = await editor.edit(order, A=1, attempt=Attempt(shop.database, attempt_id))
    assert [(each.amount, each.status) for each in edited.refunds] == [(Decimal("20.00"), RefundStatus.SUCCEEDED)]
    assert (await shop.order(order.id)).amount_repaid == Decimal("20.00")
    assert await shop.count("order_edits") == 1


@repeated
async def test_an_edit_and_a_shipment_at_once(shop: Storefront, editor: Editor, run: int) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 3)))
    orders = shop.services.order
    await shop.run(lambda tx: orders.update_status(tx, editor.staff, order.id, OrderStatus.PROCESSING), editor.staff)
    shipping = shop.run(
        lambda tx: orders.update_status(tx, editor.staff, order.id, OrderStatus.SHIPPED), editor.staff
    )
    edited, shipped = await both(editor.edit(order, A=1), shipping)
    after = await shop.order(order.id)
    assert shipped != StatusNotAllowed.__name__
    assert (edited, after.units_shipped) in {("done", 1), ("OrderNotEditable", 3)}
    assert after.status is OrderStatus.SHIPPED
    assert await shop.level("A") == (20 - after.units_shipped, 0)
