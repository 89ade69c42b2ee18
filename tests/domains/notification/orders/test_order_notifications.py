"""Buyers are told of their orders once for each fact, and what is so when they are told."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.personal_data import erased_email
from domains.order.models import Order
from domains.order.payments.refund_lines import NewRefund
from tests.domains.notification.told import Told
from tests.domains.order.buyers import order_as_guest, refund
from tests.domains.order.storefront import DECLINED, HOME


async def bought(told: Told, *wanted: tuple[str, int]) -> tuple[Any, Order]:
    buyer = await told.shop.customer()
    return buyer, await told.shop.buy(buyer, *wanted or [("A", 2)])


async def test_the_confirmation_has_the_order_as_it_is(told: Told) -> None:
    buyer, order = await bought(told, ("A", 2), ("B", 1))
    await told.handle()
    (row,) = await told.rows(["ORDER_PLACED"])
    assert (row["type"], row["priority"], row["user_id"], row["recipient"], row["language"]) == (
        *("EMAIL", "CRITICAL", buyer.user_id, order.email, None),
    )
    assert row["metadata"] == {"order_id": str(order.id), "is_paid": False}
    lines = ["Ada Lovelace", "12 St James's Square", "SW1Y London", "United Kingdom"]
    things = [("A", 2, "20.00"), ("B", 1, "10.00")]
    assert row["variables"] == {
        "order": {
            "id": str(order.id),
            "number": order.order_number,
            "placed_at": order.created_at.isoformat(),
            "currency": "EUR",
            "items": [
                {"name": f"Thing {sku}", "variant": None, "sku": sku, "quantity": units, "total": total}
                | {"image_url": None}
                for sku, units, total in things
            ],
            "subtotal": "30.00",
            "discount": "0.00",
            "shipping": "0.00",
            "tax": "0.00",
            "total": "30.00",
            "amount_due": "30.00",
            "is_paid": False,
            "prices_include_tax": True,
            "shipping_address": lines,
            "billing_address": lines,
            "shipping_method": "Shipping",
            "estimated_delivery_date": None,
            "url": f"https://shop.example.com/orders/{order.order_number}",
        }
    }


async def test_a_guest_is_told_in_the_language_of_the_order(told: Told) -> None:
    await order_as_guest(told.shop, "guest@example.com", shipping=HOME, language="de-AT")
    await told.handle()
    (row,) = await told.rows(["ORDER_PLACED"])
    assert (row["user_id"], row["recipient"], row["language"]) == (None, "guest@example.com", "de-AT")
    assert row["variables"]["order"]["shipping_address"][-1] == "Vereinigtes Königreich"


async def test_an_event_that_comes_twice_is_told_once(told: Told) -> None:
    buyer, order = await bought(told)
    await told.handle()
    await told.shop.pay(buyer, order)
    for _ in range(2):
        await told.shop.owner.execute("delete from inbox_entries where handler like 'notification.%'")
        await told.handle()
    assert await told.kinds() == ["ORDER_PLACED", "ORDER_PAID"]


async def test_two_processes_at_once_tell_an_event_once(told: Told) -> None:
    _, order = await bought(told)
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.order_notifications.notify
    await asyncio.gather(*(told.shop.run(lambda tx: notify(tx, event)) for _ in range(4)))
    assert [row["metadata"]["order_id"] for row in await told.rows()] == [str(order.id)]


async def test_an_order_that_is_placed_and_paid_is_told_once(told: Told) -> None:
    """Whether its events come in their order or not."""
    for topics in ((), ("order.paid", "order.created")):
        buyer, order = await bought(told, ("A", 1))
        await told.shop.pay(buyer, order)
        for topic in topics:
            await told.handle(topic)
        await told.handle()
    rows = await told.rows(["ORDER_PLACED", "ORDER_PAID"])
    assert [(row["kind"], row["metadata"]["is_paid"]) for row in rows] == [("ORDER_PLACED", True)] * 2
    assert {row["variables"]["order"]["amount_due"] for row in rows} == {"0.00"}


async def test_a_payment_during_the_confirmation_is_told(told: Told) -> None:
    """The confirmation that says that it is not paid commits while the payment is told."""
    buyer, order = await bought(told)
    notify = told.shop.services.notification.order_notifications.notify
    (created,) = await told.events("order.created")
    async with told.shop.database.transaction(told.shop.system) as tx:
        await notify(tx, created)
        paying = asyncio.create_task(told.shop.pay(buyer, order))
        await asyncio.sleep(0.3)
        assert not paying.done()  # the order is locked
    await paying
    await told.handle("order.paid")
    assert await told.kinds() == ["ORDER_PLACED", "ORDER_PAID"]


async def test_a_refund_that_cancels_an_order_is_no_reason_to_read(told: Told) -> None:
    """The text of the refund that cancels an order is for staff; the refund is told by itself."""
    shop = told.shop
    buyer, order = await bought(told)
    await shop.pay(buyer, order)
    await told.handle()
    staff = await shop.staff()
    await shop.services.order.refunds.refund(shop.database, staff, order.id, NewRefund())
    await told.handle()
    (row,) = await told.rows(["ORDER_CANCELLED"])
    assert row["variables"]["reason"] is None


@pytest.mark.parametrize("end", ["cancel", "expire"])
async def test_an_order_that_ended_before_it_was_confirmed_is_told_to_have_ended_only(told: Told, end: str) -> None:
    shop = told.shop
    buyer, order = await bought(told)
    if end == "cancel":
        await shop.services.order.cancel_order(shop.database, buyer, order.id, reason="Too late")
    else:
        shop.clock.advance(timedelta(days=2))
        await shop.services.order.expiry.end_unpaid(shop.database, shop.system)
    await told.handle()
    (row,) = [each for each in await told.rows() if not each["kind"].startswith("STAFF")]
    assert (row["kind"], row["variables"]["reason"]) == ("ORDER_CANCELLED", "Too late" if end == "cancel" else None)
    assert not [each for each in await told.rows() if each["kind"] == "STAFF_NEW_ORDER"]


async def test_a_declined_payment_is_told_once_with_its_reason(told: Told) -> None:
    buyer, order = await bought(told)
    with pytest.raises(Exception, match="declined"):
        await told.shop.pay(buyer, order, DECLINED)
    await told.handle()
    (row,) = await told.rows(["PAYMENT_FAILED"])
    payment = await told.shop.payment_of(order)
    assert (row["priority"], row["variables"]["reason"]) == ("CRITICAL", payment.failure_reason)
    assert row["dedupe_key"] == f"PAYMENT_FAILED {payment.id} EMAIL"


async def test_a_declined_payment_of_an_order_that_is_paid_since_is_not_told(told: Told) -> None:
    buyer, order = await bought(told)
    with pytest.raises(Exception, match="declined"):
        await told.shop.pay(buyer, order, DECLINED)
    await told.shop.pay(buyer, order)
    await told.handle()
    assert await told.kinds() == ["ORDER_PLACED"]


async def test_a_refund_is_told_with_its_destination(told: Told) -> None:
    buyer, order = await bought(told)
    await told.shop.pay(buyer, order)
    await refund(told.shop, order, Decimal("5.00"))
    await told.handle()
    (row,) = await told.rows(["ORDER_REFUNDED"])
    assert row["variables"]["refund"] == {"amount": "5.00", "currency": "EUR", "destination": "ORIGINAL_PAYMENT"}


async def test_nothing_is_told_of_an_erased_buyer(told: Told) -> None:
    buyer, order = await bought(told)
    await told.shop.pay(buyer, order)
    await told.shop.owner.execute("update orders set email = $2 where id = $1", order.id, erased_email(new_id()))
    await told.handle()
    assert await told.kinds() == []


@pytest.mark.parametrize(("days", "is_told"), [(2.9, True), (3.1, False)])
async def test_an_event_that_is_older_than_three_days_is_not_told(told: Told, days: float, is_told: bool) -> None:
    await bought(told)
    await told.shop.owner.execute(
        "update outbox_events set created_at = now() - make_interval(hours => $2) where company_id = $1",
        told.shop.company_id,
        int(days * 24),
    )
    await told.handle()
    assert await told.kinds() == ["ORDER_PLACED"] * is_told
    assert len(await told.rows(["STAFF_NEW_ORDER"])) == is_told


async def test_a_payment_of_an_old_order_without_a_confirmation_is_told(told: Told) -> None:
    buyer, order = await bought(told)
    await told.shop.pay(buyer, order)
    await told.shop.owner.execute("update orders set created_at = now() - interval '4 days' where id = $1", order.id)
    await told.handle("order.paid")
    assert await told.kinds() == ["ORDER_PAID"]


async def test_another_company_is_told_nothing(told: Told, database: Database) -> None:
    await bought(told)
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.order_notifications.notify
    other = type(told.shop.system).system(new_id())
    await database.run(lambda tx: notify(tx, event), other)
    assert await told.rows() == []


async def test_an_order_is_told_by_four_reads_and_a_write(told: Told) -> None:
    buyer, order = await bought(told)
    shop, notify = told.shop, told.shop.services.notification.order_notifications.notify
    (created,) = await told.events("order.created")
    with counting() as counted:
        await shop.run(lambda tx: notify(tx, created))
    assert counted.data <= 4
    await shop.pay(buyer, order)
    (paid,) = await told.events("order.paid")
    with counting() as counted:
        await shop.run(lambda tx: notify(tx, paid))
    assert counted.data <= 5
    assert await told.kinds() == ["ORDER_PLACED", "ORDER_PAID"]
