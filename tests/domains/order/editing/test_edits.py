"""Edits of orders: amounts, stock and money follow, and nothing is changed by what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock
from domains.kernel.actor import Actor
from domains.kernel.errors import DuplicateValue
from domains.kernel.idempotency.attempts import Attempt
from domains.order.editing.errors import LineNotSold, LineRefunded, LineRemoved, NothingLeft, OrderNotEditable
from domains.order.editing.models import LineChange, NewEdit
from domains.order.errors import OrderItemNotFound, OrderNotFound, PriceChanged
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.order.summary import OrderFacts
from domains.payment.errors import PaymentInProgress
from domains.payment.models import CaptureMode, RefundLineKind, RefundStatus
from tests.domains.order.editing.editor import Editor
from tests.domains.order.payments.capture_steps import reconcile
from tests.domains.order.storefront import SILENT_UNCHARGED, Storefront


def money(text: str) -> Decimal:
    return Decimal(text)


async def paid(shop: Storefront, *wanted: tuple[str, int]) -> tuple[Actor, Order]:
    ada = await shop.customer()
    order = await shop.buy(ada, *wanted)
    return ada, await shop.pay(ada, order)


async def test_a_pending_order_gets_and_loses_units_and_keeps_its_limit(shop: Storefront, editor: Editor) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 3), ("U", 2))
    edited = (await editor.edit(order, editor.line("B", 2), A=1, U=4)).order
    assert (edited.total, edited.subtotal) == (money("28.00"), money("28.00"))
    assert (edited.units_ordered, edited.units_dropped) == (9, 2)
    assert (edited.status, edited.expires_at) == (OrderStatus.PENDING, order.expires_at)
    assert (await shop.level("A"), await shop.level("B")) == ((19, 1), (18, 2))
    assert await shop.history(order.id) == [
        ("PENDING", None),
        ("PENDING", "Order edited: the total was 35.00 and is 28.00 EUR"),
    ]
    assert (await shop.pay(ada, edited)).status is OrderStatus.PAID
    assert [amount for _, amount in await shop.charges()] == [money("28.00")]


async def test_what_was_paid_too_much_is_refunded_and_the_order_stays_paid(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 3), ("B", 1))
    edited = await editor.edit(order, A=1)
    (refund,) = edited.refunds
    assert (refund.amount, refund.status, refund.reason) == (
        money("20.00"),
        RefundStatus.SUCCEEDED,
        "The customer called",
    )
    after = edited.order
    assert (after.total, after.amount_captured, after.amount_refunded, after.amount_repaid) == (
        *(money("14.00"), money("34.00"), money("20.00"), money("20.00")),
    )
    assert (after.status, after.payment_status) == (OrderStatus.PAID, OrderPaymentStatus.PAID)
    assert await shop.level("A") == (19, 1)
    reader = shop.database.reader(shop.company_id)
    lines = await shop.services.payment.refunds.lines_of(reader, [refund.id])
    assert [(line.kind, line.amount, line.tax) for line in lines] == [
        (RefundLineKind.OVERPAYMENT, money("20.00"), Decimal(0))
    ]
    assert (await editor.item(order, "A")).dropped_quantity == 2


async def test_an_overpayment_can_stay_and_is_refunded_first_later(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 3))
    edited = await editor.edit(order, A=2, refund=False)
    assert (edited.refunds, OrderFacts.of(edited.order).overpaid) == ([], money("10.00"))
    assert await shop.broken() == []
    refunds = shop.services.order.refunds
    after, _ = await refunds.refund(shop.database, editor.staff, order.id, NewRefund(amount=money("4")))
    assert (after.amount_repaid, after.payment_status) == (money("4.00"), OrderPaymentStatus.PAID)
    after, _ = await refunds.refund(shop.database, editor.staff, order.id, NewRefund(overpayment=True))
    assert (after.amount_repaid, OrderFacts.of(after).overpaid) == (money("10.00"), Decimal(0))
    after, _ = await refunds.refund(shop.database, editor.staff, order.id)
    assert (after.status, after.payment_status) == (OrderStatus.REFUNDED, OrderPaymentStatus.REFUNDED)
    assert await shop.level("A") == (20, 0)


async def test_cancelling_an_order_that_was_paid_too_much_refunds_all(shop: Storefront, editor: Editor) -> None:
    ada, order = await paid(shop, ("A", 3))
    await editor.edit(order, A=1, refund=False)
    cancelled = await shop.services.order.cancel_order(shop.database, ada, order.id)
    assert (cancelled.status, cancelled.amount_refunded, cancelled.amount_repaid) == (
        *(OrderStatus.REFUNDED, money("30.00"), money("20.00")),
    )


async def test_the_buyer_pays_what_an_edit_has_added(shop: Storefront, editor: Editor) -> None:
    ada, order = await paid(shop, ("A", 1))
    edited = (await editor.edit(order, editor.line("B", 2), A=2)).order
    assert (edited.status, edited.payment_status, edited.expires_at) == (
        *(OrderStatus.PAID, OrderPaymentStatus.PARTIALLY_PAID, None),
    )
    assert (edited.total, OrderFacts.of(edited).outstanding) == (money("28.00"), money("18.00"))
    assert await shop.broken() == []
    settled = await shop.pay(ada, edited)
    assert (settled.payment_status, settled.amount_captured) == (OrderPaymentStatus.PAID, money("28.00"))
    assert settled.paid_at == order.paid_at
    assert [amount for _, amount in await shop.charges()] == [money("10.00"), money("18.00")]
    assert (await shop.topics()).count("order.paid") == 1


async def test_staff_can_record_the_payment_of_the_difference(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 1))
    await editor.edit(order, A=3)
    settled = await shop.run(
        lambda tx: shop.services.order.manual_payments.mark_paid(tx, editor.staff, order.id), editor.staff
    )
    assert (settled.payment_status, settled.amount_captured) == (OrderPaymentStatus.PAID, money("30.00"))


async def test_an_accepted_order_is_edited_and_its_sale_with_it(shop: Storefront, editor: Editor) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    order = await shop.run(
        lambda tx: shop.services.order.update_status(tx, editor.staff, order.id, OrderStatus.CONFIRMED), editor.staff
    )
    edited = (await editor.edit(order, editor.line("B"), A=1)).order
    assert (edited.status, edited.total) == (OrderStatus.CONFIRMED, money("14.00"))
    again = (await editor.edit(order, B=3)).order
    assert again.total == money("22.00")


async def test_a_lower_total_captures_less_of_what_is_authorized(shop: Storefront, editor: Editor) -> None:
    ada = await shop.customer()
    order = await shop.authorize(ada, await shop.buy(ada, ("A", 3)))
    await editor.edit(order, A=2)
    payment = await shop.payment_of(order)
    after, payment = await shop.services.order.captures.capture(shop.database, editor.staff, payment.id)
    assert (payment.amount_captured, after.status) == (money("20.00"), OrderStatus.PAID)


@pytest.mark.parametrize(
    ("mode", "left", "captured"),
    [
        (CaptureMode.ON_SHIPMENT, {"A": 0}, "3.00"),
        (CaptureMode.ON_SHIPMENT, {"A": 1}, "0"),
        (CaptureMode.MANUAL, {"A": 0}, "0"),
    ],
)
async def test_an_edit_that_leaves_digital_units_alone_captures_them(
    shop: Storefront, editor: Editor, mode: CaptureMode, left: dict[str, Any], captured: str
) -> None:
    await shop.stock("D", None, "3.00", requires_shipping=False)
    ada = await shop.customer()
    order = await shop.authorize(ada, await shop.buy(ada, ("A", 2), ("D", 1)))
    await shop.set_mode(mode)
    await editor.edit(order, **left)
    await reconcile(shop)
    after, is_paid = await shop.order(order.id), bool(money(captured))
    assert (after.amount_captured, after.status is OrderStatus.DELIVERED) == (money(captured), is_paid)
    payment = await shop.payment_of(order)
    assert (payment.capture_amount, after.amount_authorized > 0) == (money(captured) or None, not is_paid)


async def test_a_discount_shrinks_with_its_line(shop: Storefront, editor: Editor) -> None:
    await shop.promotion(code="TENTH", discount_value=Decimal("33.33"))
    ada = await shop.customer()
    await shop.fill(ada, ("A", 3), ("B", 1))
    await shop.apply(ada, "TENTH")
    order = (await shop.place(ada)).order
    assert order.discount_amount == money("11.33")
    edited = (await editor.edit(order, A=2)).order
    assert (edited.discount_amount, edited.total) == (money("8.00"), money("16.00"))
    edited = (await editor.edit(edited, editor.line("A", 1), A=1)).order
    assert (edited.discount_amount, edited.total) == (money("4.67"), money("19.33"))


async def test_a_free_rest_is_accepted_and_a_new_line_is_paid(shop: Storefront, editor: Editor) -> None:
    await shop.stock("F", 5, "0.00")
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1), ("F", 1))
    edited = (await editor.edit(order, A=0)).order
    assert (edited.total, edited.status, edited.payment_status) == (
        *(money("0.00"), OrderStatus.CONFIRMED, OrderPaymentStatus.PAID),
    )
    edited = (await editor.edit(edited, editor.line("B"))).order
    assert (edited.total, edited.payment_status) == (money("4.00"), OrderPaymentStatus.PENDING)
    assert (await shop.pay(ada, edited)).status is OrderStatus.PAID


async def test_a_paid_order_of_which_only_free_units_are_left_is_not_refunded(
    shop: Storefront, editor: Editor
) -> None:
    await shop.stock("F", 5, "0.00")
    _, order = await paid(shop, ("A", 1), ("F", 1))
    edited = (await editor.edit(order, A=0)).order
    assert (edited.amount_repaid, edited.status, edited.payment_status) == (
        *(money("10.00"), OrderStatus.PAID, OrderPaymentStatus.PAID),
    )
    await shop.services.order.expiry.end_refunded(shop.database, shop.system)
    shipped = await shop.run(
        lambda tx: shop.services.order.update_status(tx, editor.staff, order.id, OrderStatus.PROCESSING), editor.staff
    )
    assert shipped.status is OrderStatus.PROCESSING


async def test_backordered_units_are_dropped_first_and_added_like_those_of_a_new_order(
    shop: Storefront, editor: Editor
) -> None:
    await shop.owner.execute(
        "update inventory_items set backorder_limit = 50 where company_id = $1 and sku = 'B'", shop.company_id
    )
    _, order = await paid(shop, ("B", 24))
    waiting = "select quantity - allocated from backorders where order_id = $1 and status = 'WAITING'"
    assert await shop.owner.fetchval(waiting, order.id) == 4
    await editor.edit(order, B=22)
    assert (await shop.owner.fetchval(waiting, order.id), await shop.level("B")) == (2, (0, 20))
    await editor.edit(order, B=25)
    assert await shop.owner.fetchval(waiting, order.id) == 5
    await editor.edit(order, B=19)
    assert (await shop.owner.fetchval(waiting, order.id), await shop.level("B")) == (None, (1, 19))


async def test_a_repeated_edit_is_done_once(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 3))
    attempt = Attempt(shop.database)
    first = await editor.edit(order, A=1, attempt=attempt)
    again = await editor.edit(order, A=1, attempt=Attempt(shop.database, attempt.id))
    assert (again.edit.id, again.order.total, [each.id for each in again.refunds]) == (
        *(first.edit.id, money("10.00"), [each.id for each in first.refunds]),
    )
    assert await shop.count("order_edits") == await shop.count("refunds") == 1


@pytest.mark.parametrize(
    ("units", "error"),
    [({"A": 0}, NothingLeft), ({"A": 21}, InsufficientStock)],
)
async def test_what_is_refused_changes_nothing(
    shop: Storefront, editor: Editor, units: dict[str, Any], error: Any
) -> None:
    _, order = await paid(shop, ("A", 2))
    with pytest.raises(error):
        await editor.edit(order, **units)
    assert await shop.order(order.id) == order
    assert (await shop.level("A"), await shop.count("order_edits")) == ((18, 2), 0)


async def test_the_total_must_be_the_one_that_was_shown(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 2))
    plan = await editor.preview(order, editor.line("B"), A=1)
    assert (plan.after.total, plan.amount_due, plan.amount_overpaid) == (money("14.00"), Decimal(0), money("6.00"))
    with pytest.raises(PriceChanged):
        await editor.edit(order, editor.line("B"), A=1, total="13.99")
    assert (await editor.edit(order, editor.line("B"), A=1, total="14.00")).order.total == money("14.00")


async def test_lines_that_do_not_belong_are_refused(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 2), ("B", 2))
    _, other = await paid(shop, ("A", 1))
    edits, foreign = shop.services.order.edits, await editor.item(other, "A")
    own = LineChange((await editor.item(order, "A")).id, 1)
    for changes, error in (([LineChange(foreign.id, 0)], OrderItemNotFound), ([own, own], DuplicateValue)):
        with pytest.raises(error):
            await edits.edit(shop.database, editor.staff, order.id, NewEdit(changes=changes))
    await editor.edit(order, B=0)
    with pytest.raises(LineRemoved):
        await editor.edit(order, B=1)
    await shop.run(lambda tx: shop.services.catalog.delete_product(tx, shop.products["U"].id))
    with pytest.raises(LineNotSold):
        await editor.edit(order, editor.line("U"))
    with pytest.raises(OrderNotFound):
        await editor.edit(order, A=1, actor=await shop.customer())


async def test_refunded_units_stay(shop: Storefront, editor: Editor) -> None:
    _, order = await paid(shop, ("A", 3), ("B", 1))
    units = [RefundedUnits((await editor.item(order, "A")).id, 2)]
    await shop.services.order.refunds.refund(shop.database, editor.staff, order.id, NewRefund(lines=units))
    with pytest.raises(LineRefunded):
        await editor.edit(order, A=1)
    edited = (await editor.edit(order, A=2)).order
    assert (edited.total, edited.payment_status) == (money("24.00"), OrderPaymentStatus.PARTIALLY_REFUNDED)


async def test_an_order_that_is_being_paid_or_has_ended_is_not_edited(shop: Storefront, editor: Editor) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    await shop.pay(ada, order, SILENT_UNCHARGED)
    with pytest.raises(PaymentInProgress):
        await editor.edit(order, A=2)
    _, other = await paid(shop, ("A", 1))
    await shop.services.order.cancel_order(shop.database, editor.staff, other.id)
    with pytest.raises(OrderNotEditable):
        await editor.edit(other, A=2)
