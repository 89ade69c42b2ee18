"""By which channels a buyer is told of an order: e-mail, SMS, each device and the list in the shop."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from domains.auth.models import Origin
from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.channels import Gone, PushMessage, TextMessage
from domains.notification.delivery import NO_DEVICE, Postponed, Result
from domains.notification.models import NotificationCategory, NotificationType
from domains.notification.preferences.preferences import ChannelChoice
from domains.notification.push_devices.models import NewPushDevice, PushDevice, PushProvider
from domains.order.models import Order
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import Told
from tests.domains.order.buyers import order_as_guest
from tests.domains.order.storefront import DECLINED, HOME
from tests.domains.returns.delivered_orders import deliver

PHONE: Final = "+4915112345678"
EVERYWHERE: Final = ["EMAIL", "IN_APP", "PUSH", "PUSH", "SMS"]


@pytest.fixture
def mailbox() -> Mailbox:
    """Every channel is set up."""
    return Mailbox(types=(NotificationType.EMAIL, NotificationType.SMS, NotificationType.PUSH))


async def register(told: Told, actor: Actor, token: str) -> PushDevice:
    devices = told.shop.services.notification.push_devices
    new = NewPushDevice(provider=PushProvider.FIREBASE, address=f"{token}:a-token-of-an-app")
    device: PushDevice = await told.shop.run(lambda tx: devices.register(tx, actor, Origin(), new), actor)
    return device


async def choose(told: Told, buyer: Actor, channel: NotificationType, *, enabled: bool) -> None:
    assert buyer.user_id is not None
    user_id: UUID = buyer.user_id
    choices = [
        ChannelChoice(category=category, channel=channel, enabled=enabled)
        for category in (NotificationCategory.ORDERS, NotificationCategory.SHIPPING)
    ]
    preferences = told.shop.services.notification.preferences
    await told.shop.run(lambda tx: preferences.update(tx, user_id, choices), buyer)


async def bought(told: Told, phone: str | None = PHONE) -> tuple[Actor, Order]:
    """An order with a telephone number, of a buyer with two devices who chose SMS."""
    buyer = await told.shop.customer()
    await choose(told, buyer, NotificationType.SMS, enabled=True)
    for token in ("phone", "tablet"):
        await register(told, buyer, token)
    await told.shop.fill(buyer, ("A", 1))
    placed = await told.shop.place(buyer, shipping=replace(HOME, phone=phone))
    return buyer, placed.order


async def types(told: Told, kind: str) -> list[str]:
    return sorted(row["type"] for row in await told.rows([kind], type_=None))


async def send(told: Told, row: Any) -> Any:
    delivery = told.shop.services.notification.delivery
    return await delivery.send(told.shop.database, told.shop.company_id, row["id"], 1)


async def test_a_confirmation_goes_everywhere_by_the_same_statements(told: Told) -> None:
    _, order = await bought(told)
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.order_notifications.notify
    with counting() as counted:
        await told.shop.run(lambda tx: notify(tx, event))
    assert counted.data <= 4
    assert await types(told, "ORDER_PLACED") == EVERYWHERE
    rows = await told.rows(["ORDER_PLACED"], type_=None)
    assert {row["recipient"] for row in rows} == {order.email, PHONE, None}
    devices = {row["metadata"]["push_device_id"] for row in rows if row["type"] == "PUSH"}
    assert {row["dedupe_key"] for row in rows if row["type"] == "PUSH"} == {
        f"ORDER_PLACED {order.id} PUSH {device}" for device in devices
    }
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


async def test_each_kind_goes_by_its_channels(told: Told) -> None:
    buyer, order = await bought(told)
    await told.handle()
    await told.shop.pay(buyer, order)
    await told.handle()
    assert await types(told, "ORDER_PLACED") == EVERYWHERE
    assert await types(told, "ORDER_PAID") == ["EMAIL", "IN_APP"]


@pytest.mark.parametrize("topic", ["payment.failed", "payment.capture_failed", "payment.authorization_expired"])
async def test_a_payment_that_failed_is_told_everywhere(told: Told, topic: str) -> None:
    buyer, order = await bought(told)
    with pytest.raises(Exception, match="declined"):
        await told.shop.pay(buyer, order, DECLINED)
    await told.shop.owner.execute(
        "update outbox_events set topic = $2 where company_id = $1 and topic = 'payment.failed'",
        told.shop.company_id,
        topic,
    )
    await told.handle(topic)
    assert await types(told, "PAYMENT_FAILED") == EVERYWHERE


async def test_a_parcel_is_told_on_devices_and_by_no_sms(told: Told) -> None:
    delivered = await deliver(told.shop, ("A", 1))
    user_id = delivered.order.user_id
    assert user_id is not None
    buyer = Actor(delivered.buyer.kind, told.shop.company_id, user_id)
    await register(told, buyer, "phone")
    await told.handle()
    assert await types(told, "ORDER_SHIPPED") == await types(told, "ORDER_DELIVERED") == ["EMAIL", "IN_APP", "PUSH"]


async def test_a_guest_is_told_by_email_only(told: Told) -> None:
    await order_as_guest(told.shop, "guest@example.com", shipping=replace(HOME, phone=PHONE))
    await told.handle()
    assert await types(told, "ORDER_PLACED") == ["EMAIL"]


@pytest.mark.parametrize("phone", [None, "+4930123456 x12"])
async def test_an_sms_needs_a_number_in_e164(told: Told, phone: str | None) -> None:
    await bought(told, phone)
    await told.handle()
    assert await types(told, "ORDER_PLACED") == EVERYWHERE[:-1]


async def test_an_sms_needs_a_choice(told: Told) -> None:
    buyer, _ = await bought(told)
    await choose(told, buyer, NotificationType.SMS, enabled=False)
    await told.handle()
    assert await types(told, "ORDER_PLACED") == EVERYWHERE[:-1]


async def test_twice_and_at_once_nothing_is_doubled(told: Told) -> None:
    await bought(told)
    (event,) = await told.events("order.created")
    notify = told.shop.services.notification.order_notifications.notify
    await asyncio.gather(*(told.shop.run(lambda tx: notify(tx, event)) for _ in range(4)))
    await told.shop.run(lambda tx: notify(tx, event))
    assert await types(told, "ORDER_PLACED") == EVERYWHERE


@pytest.mark.parametrize("channel", ["EMAIL", "SMS", "PUSH", "IN_APP"])
async def test_a_choice_refuses_its_channel_only(told: Told, channel: str) -> None:
    buyer, _ = await bought(told)
    await told.handle()
    await choose(told, buyer, NotificationType(channel), enabled=False)
    rows = await told.rows(["ORDER_PLACED"], type_=None)
    ended = {(row["type"], await send(told, row)) for row in rows}
    assert ended == {
        (each, Result.UNWANTED if each == channel else Result.SENT) for each in ("EMAIL", "SMS", "PUSH", "IN_APP")
    }


async def test_a_device_gets_the_title_the_short_text_and_the_page_of_the_order(told: Told, mailbox: Mailbox) -> None:
    _, order = await bought(told)
    await told.handle()
    for row in await told.rows(["ORDER_PLACED"], type_=None):
        assert await send(told, row) == Result.SENT
    pushed = [each for each in mailbox.messages if isinstance(each, PushMessage)]
    assert {each.address for each in pushed} == {"phone:a-token-of-an-app", "tablet:a-token-of-an-app"}
    for each in pushed:
        assert order.order_number in each.title + each.text
        assert each.url == f"https://shop.example.com/orders/{order.order_number}"
        assert (each.is_urgent, each.kept_for, each.keys) == (True, timedelta(days=3), {})
    (sms,) = [each for each in mailbox.messages if isinstance(each, TextMessage)]
    assert (sms.to, order.order_number in sms.text) == (PHONE, True)


async def test_a_device_that_does_not_exist_any_more_is_deleted(told: Told, mailbox: Mailbox) -> None:
    await bought(told)
    await told.handle()
    first, second = await told.rows(["ORDER_PLACED"], type_="PUSH")
    mailbox.outcomes = [Gone("WEB_PUSH", "HTTP 410")]
    assert [await send(told, each) for each in (first, second)] == [Result.REFUSED, Result.SENT]
    left = await told.shop.owner.fetch("select id from push_devices where company_id = $1", told.shop.company_id)
    assert [str(row["id"]) for row in left] == [second["metadata"]["push_device_id"]]
    row = await told.shop.owner.fetchrow("select * from notifications where id = $1", first["id"])
    assert (row["status"], row["failure_reason"]) == ("FAILED", "HTTP 410")


async def test_what_waits_for_a_device_that_has_moved_to_another_user_reaches_nobody(
    told: Told, mailbox: Mailbox
) -> None:
    await bought(told)
    await told.handle()
    other = await told.shop.customer()
    for token in ("phone", "tablet"):
        await register(told, other, token)
    for row in await told.rows(["ORDER_PLACED"], type_="PUSH"):
        assert await send(told, row) == Result.REFUSED
    assert mailbox.messages == []
    reasons = "select distinct failure_reason from notifications where company_id = $1 and type = 'PUSH'"
    assert await told.shop.owner.fetchval(reasons, told.shop.company_id) == NO_DEVICE


async def test_quiet_hours_hold_what_is_important_on_devices(told: Told) -> None:
    delivered = await deliver(told.shop, ("A", 1))
    buyer = Actor(delivered.buyer.kind, told.shop.company_id, delivered.order.user_id)
    await register(told, buyer, "phone")
    await told.handle()
    hours = {"quiet_hours_start": "00:00", "quiet_hours_end": "23:59"}
    told.shop.clock.advance(datetime(2027, 6, 1, 12, tzinfo=UTC) - told.shop.clock.now())
    settings = told.shop.services.notification.settings
    await told.shop.run(lambda tx: settings.update(tx, hours, "EUR"))
    (shipped,) = await told.rows(["ORDER_SHIPPED"], type_="PUSH")
    (placed,) = await told.rows(["ORDER_PLACED"], type_="PUSH")
    assert isinstance(await send(told, shipped), Postponed)
    assert await send(told, placed) == Result.SENT
