"""Buyers are told of edits, invoices, parcels and returns of their orders."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from domains.kernel.monitoring.statement_counts import counting
from domains.order.models import Order, OrderStatus
from domains.returns.models import ReturnRefundMethod
from domains.returns.refunds.models import NewReturnRefund
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import Told
from tests.domains.order.buyers import update_statuses
from tests.domains.order.editing.editor import Editor
from tests.domains.order.fulfilment.shipped_orders import ship
from tests.domains.order.invoices.invoicing_shop import SELLER
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver


async def paid(told: Told, *wanted: tuple[str, int]) -> tuple[Any, Order]:
    buyer = await told.shop.customer()
    return buyer, await told.shop.pay(buyer, await told.shop.buy(buyer, *wanted))


async def delivered_order(told: Told) -> DeliveredOrder:
    """A delivered order of which everything was told."""
    delivered = await deliver(told.shop, ("A", 3), ("B", 2))
    await told.handle()
    return delivered


async def test_an_edit_is_told_with_the_order_as_it_is_now(told: Told) -> None:
    _, order = await paid(told, ("A", 3), ("B", 1))
    edited = await Editor(told.shop, await told.shop.staff()).edit(order, A=1, B=0)
    await told.handle()
    (row,) = await told.rows(["ORDER_EDITED"])
    assert row["dedupe_key"] == f"ORDER_EDITED {row['metadata']['edit_id']} EMAIL"
    shown = row["variables"]["order"]
    assert [(item["sku"], item["quantity"], item["total"]) for item in shown["items"]] == [("A", 1, "10.00")]
    assert shown["total"] == f"{edited.order.total:.2f}"


async def test_an_invoice_is_told_with_its_document(told: Told, mailbox: Mailbox) -> None:
    shop, clerk = told.shop, await told.shop.staff()
    _, order = await paid(told, ("A", 1))
    invoices = shop.services.order.invoices
    await shop.run(lambda tx: invoices.settings.update(tx, SELLER, "EUR"))
    invoice = await shop.run(lambda tx: invoices.issue(tx, clerk, order.id), clerk)
    await told.handle()
    (row,) = await told.rows(["INVOICE_ISSUED"])
    assert row["variables"]["invoice"] == {"number": invoice.number, "kind": "INVOICE"}
    assert row["metadata"]["invoice_id"] == str(invoice.id)
    assert await shop.services.notification.delivery.send(shop.database, shop.company_id, row["id"], 1) == "sent"
    (mail,) = mailbox.mails
    (attached,) = mail.attachments
    assert (attached.name, attached.media_type) == (f"{invoice.number}.pdf", "application/pdf")
    assert invoice.number in PdfReader(BytesIO(attached.content)).pages[0].extract_text()


async def test_each_parcel_is_told_with_its_units_and_where_it_is(told: Told) -> None:
    shop, clerk = told.shop, await told.shop.staff()
    _, order = await paid(told, ("A", 3), ("B", 1))
    await update_statuses(shop, order, OrderStatus.PROCESSING)
    first = await ship(shop, clerk, order, {"A": 2}, details={"tracking_number": "TRACK-1"})
    second = await ship(shop, clerk, order)
    await told.handle()
    rows = await told.rows(["ORDER_SHIPPED"])
    assert [row["metadata"]["shipment_id"] for row in rows] == [str(first.id), str(second.id)]
    assert [row["category"] for row in rows] == ["SHIPPING"] * 2
    assert [row["variables"]["shipment"]["items"] for row in rows] == [
        [{"name": f"Thing {sku}", "variant": None, "quantity": units} for sku, units in parcel]
        for parcel in ([("A", 2)], [("A", 1), ("B", 1)])
    ]
    shown = rows[0]["variables"]["shipment"]
    assert (shown["tracking_number"], shown["carrier"]) == ("TRACK-1", first.carrier_name)


async def test_a_parcel_that_arrived_is_told_once(told: Told) -> None:
    delivered = await delivered_order(told)
    assert await told.kinds() == ["ORDER_PLACED", "ORDER_SHIPPED", "ORDER_DELIVERED"]
    (row,) = await told.rows(["ORDER_DELIVERED"])
    assert row["variables"]["order"]["number"] == delivered.order.order_number
    assert [item["quantity"] for item in row["variables"]["shipment"]["items"]] == [3, 2]


async def test_goods_that_are_not_shipped_have_no_parcel_to_tell(told: Told) -> None:
    shop = told.shop
    await shop.stock("BOOK", None, requires_shipping=False)
    await paid(told, ("BOOK", 1))
    await told.handle()
    assert await told.kinds() == ["ORDER_PLACED"]


async def test_each_step_of_a_return_is_told(told: Told) -> None:
    shop, delivered = told.shop, await delivered_order(told)
    request = await delivered.request(2, 1)
    await told.handle()
    await delivered.approve(request)
    await told.handle()
    await delivered.receive(request, 1)
    await told.handle()
    await delivered.receive(request, 1, 1)
    await told.handle()
    await shop.services.returns.refunds.refund(shop.database, shop.system, request.id, NewReturnRefund())
    await told.handle()
    rows = [row for row in await told.rows() if row["category"] == "RETURNS"]
    assert [row["kind"] for row in rows] == [
        *("RETURN_REQUESTED", "RETURN_APPROVED", "RETURN_RECEIVED", "RETURN_REFUNDED"),
    ]
    for row in rows:
        shown = row["variables"]["return"]
        assert (shown["rma_number"], [each["quantity"] for each in shown["items"]]) == (request.rma_number, [2, 1])
        assert row["metadata"]["return_request_id"] == str(request.id)
    assert [row["variables"]["return"]["refund"] for row in rows] == [
        *(None, None, None, {"amount": "30.00", "currency": "EUR", "destination": "ORIGINAL_PAYMENT"}),
    ]
    assert "ORDER_REFUNDED" not in await told.kinds()


async def test_a_request_that_was_approved_at_once_is_told_as_approved(told: Told) -> None:
    shop, settings = told.shop, {"returns_auto_approved": True, "return_instructions": "Use the label."}
    await shop.run(lambda tx: shop.services.returns.settings.update(tx, settings, "EUR"))
    delivered = await delivered_order(told)
    await delivered.request(1)
    await told.handle()
    (row,) = [row for row in await told.rows() if row["category"] == "RETURNS"]
    assert (row["kind"], row["variables"]["return"]["instructions"]) == ("RETURN_APPROVED", "Use the label.")


async def test_a_rejection_is_told_with_its_reason(told: Told) -> None:
    shop, delivered = told.shop, await delivered_order(told)
    request = await delivered.request(1, refund_method=ReturnRefundMethod.STORE_CREDIT)
    await delivered.run(lambda tx: shop.services.returns.endings.reject(tx, tx.actor, request.id, "Too late"))
    await told.handle()
    (row,) = [row for row in await told.rows() if row["category"] == "RETURNS"]
    assert (row["kind"], row["variables"]["return"]["rejection_reason"]) == ("RETURN_REJECTED", "Too late")


@pytest.mark.parametrize(("topic", "most"), [("shipment.dispatched", 6), ("order.created", 4)])
async def test_the_statements_of_a_notification_are_bounded(told: Told, topic: str, most: int) -> None:
    await deliver(told.shop, ("A", 3), ("B", 2))
    (event,) = await told.events(topic)
    notify = told.shop.services.notification.order_notifications.notify
    with counting() as counted:
        await told.shop.run(lambda tx: notify(tx, event))
    assert counted.data <= most
    assert len(await told.rows()) == 1
