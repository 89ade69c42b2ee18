"""What was refunded before it was shipped is never shipped; the lines and the total stay, and the refund shows it."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.editing.errors import OrderNotEditable
from domains.order.editing.models import LineChange, NewEdit
from domains.order.fulfilment.errors import OrderNotFulfillable
from domains.order.invoices.models import InvoiceKind
from domains.order.models import FulfilmentStatus, Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.shipping.shipments.models import Shipment, ShipmentStatus
from tests.domains.order.fulfilment.shipped_orders import cancel, contents, dispatch, paid_order, ship, units
from tests.domains.order.invoices.invoicing_shop import SELLER
from tests.domains.order.storefront import Storefront
from tests.domains.order.test_whole_refunds import NO_ANSWER, provider_answering

S = OrderStatus


async def refund(shop: Storefront, clerk: Actor, order: Order, lines: dict[str, int] | None = None) -> None:
    """Refund units by SKU, or all that is left of the order."""
    new = NewRefund()
    if lines is not None:
        chosen = await units(shop, order, lines)
        new = NewRefund(lines=[RefundedUnits(each.order_item_id, each.quantity) for each in chosen])
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, new)


async def partly_shipped(shop: Storefront, buyer: Actor, clerk: Actor) -> Order:
    """A paid order of 3 A and 2 B, of which one A is shipped, and one B packed."""
    await shop.stock("A", 9)
    await shop.stock("B", 9)
    order = await paid_order(shop, buyer, ("A", 3), ("B", 2))
    await ship(shop, clerk, order, {"A": 1})
    await ship(shop, clerk, order, {"B": 1}, is_dispatched=False)
    return await shop.order(order.id)


async def lines_of(shop: Storefront, order: Order) -> dict[str, tuple[int, int, Decimal]]:
    """The units, the units that edits dropped, and the price of each line."""
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return {item.sku: (item.quantity, item.dropped_quantity, item.total_price) for item in items}


@pytest.mark.parametrize("lines", [None, {"A": 3, "B": 2}], ids=["amount", "lines"])
async def test_a_whole_refund_keeps_lines_and_total(shop: Storefront, lines: dict[str, int] | None) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    await refund(shop, clerk, order, lines)
    ended = await shop.order(order.id)
    assert (ended.status, ended.fulfilment_status) == (S.SHIPPED, FulfilmentStatus.FULFILLED)
    assert (ended.total, ended.amount_refunded, ended.units_dropped) == (order.total, order.total, 4)
    assert await lines_of(shop, order) == {"A": (3, 0, Decimal(30)), "B": (2, 0, Decimal(20))}
    assert (await shop.level("A"), await shop.level("B")) == ((8, 0), (9, 0))
    assert await contents(shop, order) == {1: ("IN_TRANSIT", {"A": 1}), 2: ("CANCELLED", {"B": 1})}
    assert await shop.broken() == []
    with pytest.raises(OrderNotFulfillable):
        await ship(shop, clerk, order)
    update = shop.services.order.update_status
    delivered = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (delivered.status, delivered.delivered_at) == (S.REFUNDED, shop.clock.now())


async def test_what_is_delivered_of_a_refunded_order_is_all_of_it(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    update = shop.services.order.update_status
    part = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (part.status, part.units_delivered, part.delivered_at) == (S.PROCESSING, 1, None)
    await refund(shop, clerk, order)
    ended = await shop.order(order.id)
    assert (ended.status, ended.delivered_at) == (S.REFUNDED, shop.clock.now())


async def test_a_refunded_order_is_not_edited(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    await refund(shop, clerk, order)
    (line,) = await units(shop, order, {"A": 2})
    new = NewEdit(changes=[LineChange(line.order_item_id, 2)])
    with pytest.raises(OrderNotEditable):
        await shop.services.order.edits.edit(shop.database, clerk, order.id, new)


async def test_an_edit_and_then_a_whole_refund_count_their_units_apart(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    (line,) = await units(shop, order, {"A": 2})
    await shop.services.order.edits.edit(
        shop.database, clerk, order.id, NewEdit(changes=[LineChange(line.order_item_id, 2)])
    )
    assert (await shop.order(order.id)).units_dropped == 1
    await refund(shop, clerk, order)
    ended = await shop.order(order.id)
    assert (ended.status, ended.total, ended.units_dropped) == (S.SHIPPED, Decimal(40), 4)
    assert await lines_of(shop, order) == {"A": (3, 1, Decimal(20)), "B": (2, 0, Decimal(20))}


async def test_the_invoice_of_a_refunded_order_has_all_lines(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    settings: Any = {**SELLER, "invoices_from": shop.clock.now() - timedelta(minutes=1)}
    invoices = shop.services.order.invoices
    await shop.run(lambda tx: invoices.settings.update(tx, settings, "EUR"))
    order = await partly_shipped(shop, buyer, clerk)
    await refund(shop, clerk, order)
    await invoices.issue_due(shop.database, shop.system)
    issued = await invoices.listing.of_orders(shop.database.reader(shop.company_id), [order.id])
    invoice, note = issued
    lines = {line["sku"]: (line["quantity"], Decimal(line["total"])) for line in invoice.document["lines"]}
    assert lines == {"A": (3, Decimal(30)), "B": (2, Decimal(20))}
    assert (invoice.total, note.kind, note.total) == (order.total, InvoiceKind.CREDIT_NOTE, order.total)


async def test_the_export_of_a_refunded_order_adds_up(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    await refund(shop, clerk, order)
    reader = shop.database.reader(shop.company_id)
    text = b"".join([chunk async for chunk in shop.services.order.export.csv(reader)]).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Line SKU"], row["Line quantity"], Decimal(row["Line total"])) for row in rows] == [
        ("A", "3", Decimal(30)),
        ("B", "2", Decimal(20)),
    ]
    assert (Decimal(rows[0]["Total"]), Decimal(rows[0]["Refunded"])) == (order.total, order.total)
    (left,) = await shop.services.order.packing_lists.of_orders(reader, [order.id])
    assert left.lines == []


async def test_the_refund_of_the_last_units_ends_the_shipment(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await partly_shipped(shop, buyer, clerk)
    await refund(shop, clerk, order, {"A": 2, "B": 1})
    part = await shop.order(order.id)  # one B is packed
    assert (part.status, part.units_dropped, await shop.level("A")) == (S.PROCESSING, 0, (6, 2))
    (packed,) = await pending_of(shop, order)
    await dispatch(shop, clerk, packed)
    ended = await shop.order(order.id)
    assert (ended.status, ended.units_shipped, ended.units_dropped) == (S.SHIPPED, 2, 3)
    assert (await shop.level("A"), await shop.level("B")) == ((8, 0), (8, 0))
    assert await lines_of(shop, order) == {"A": (3, 0, Decimal(30)), "B": (2, 0, Decimal(20))}


async def test_units_that_are_left_and_refunded_end_the_shipment_at_once(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    await shop.stock("A", 9)
    order = await paid_order(shop, buyer, ("A", 3))
    await ship(shop, clerk, order, {"A": 1})
    await refund(shop, clerk, order, {"A": 1})
    assert (await shop.order(order.id)).status is S.PROCESSING
    await refund(shop, clerk, order, {"A": 1})
    ended = await shop.order(order.id)
    assert (ended.status, ended.payment_status) == (S.SHIPPED, OrderPaymentStatus.PARTIALLY_REFUNDED)
    assert (ended.units_dropped, await shop.level("A")) == (2, (8, 0))
    update = shop.services.order.update_status
    delivered = await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (delivered.status, delivered.delivered_at) == (S.DELIVERED, shop.clock.now())


async def test_a_refund_without_an_answer_ends_the_shipment_once_it_succeeds(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    await shop.stock("A", 9)
    order = await paid_order(shop, buyer, ("A", 3))
    with provider_answering(NO_ANSWER):
        await refund(shop, clerk, order, {"A": 1})
    await ship(shop, clerk, order)
    part = await shop.order(order.id)
    assert (part.status, part.units_shipped, await shop.level("A")) == (S.PROCESSING, 2, (6, 1))
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    ended = await shop.order(order.id)
    assert (ended.status, ended.units_dropped, await shop.level("A")) == (S.SHIPPED, 1, (7, 0))


async def pending_of(shop: Storefront, order: Order) -> list[Shipment]:
    """The packed shipments of an order."""
    shipments = await shop.services.shipping.shipments.of_orders(shop.database.reader(shop.company_id), [order.id])
    return [each for each in shipments if each.status is ShipmentStatus.PENDING]


@pytest.mark.parametrize("is_delivered", [False, True])
async def test_refunded_units_that_are_unpacked_are_never_shipped(shop: Storefront, is_delivered: bool) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    await shop.stock("A", 9)
    await shop.stock("B", 9)
    order = await paid_order(shop, buyer, ("A", 1), ("B", 2))
    await ship(shop, clerk, order, {"A": 1})
    packed = await ship(shop, clerk, order, {"B": 2}, is_dispatched=False)
    await refund(shop, clerk, order, {"B": 2})
    if is_delivered:
        update = shop.services.order.update_status
        await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    assert (await shop.order(order.id)).status is S.PROCESSING
    await cancel(shop, clerk, packed)
    ended, at = await shop.order(order.id), shop.clock.now()
    assert (ended.status, ended.delivered_at) == ((S.DELIVERED, at) if is_delivered else (S.SHIPPED, None))
    assert (ended.units_dropped, await shop.level("B")) == (2, (9, 0))
