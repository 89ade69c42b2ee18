"""Staff send notifications about orders again: made of what is so now, once, and not more often than is allowed."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.personal_data import erased_email
from domains.notification.inbox.errors import NotificationNotFound
from domains.notification.models import NewNotification, Notification, NotificationKind
from domains.notification.orders import order_repeats
from domains.notification.orders.errors import (
    NotificationHasSecret,
    NotificationNotFailed,
    NotificationNotRepeatable,
    NotificationOutdated,
    TooManyConfirmations,
)
from domains.notification.orders.order_notices import NOTICES
from domains.notification.orders.order_repeats import REPEATABLE
from domains.order.errors import OrderNotFound
from domains.order.models import Order
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.told import Told
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of

FAIL = """update notifications set status = 'FAILED', failure_reason = '550', content = null
where company_id = $1 and id = $2"""
LATEST = """select id from notifications where company_id = $1 and kind::text = $2 and type = 'EMAIL'
order by id desc limit 1"""


@pytest.fixture
async def shop(pool: Any, clock: FixedClock, company: UUID, owner: Any) -> Storefront:
    """A shop whose time is that of the clock."""
    database = Database(pool, clock)
    return Storefront(services_of(clock, database, Mailbox()), database, clock, company, owner)


async def ordered(told: Told) -> Order:
    order = await told.shop.buy(await told.shop.customer(), ("A", 2))
    await told.handle("order.created")
    return order


async def failed(told: Told, kind: str = "ORDER_PLACED") -> UUID:
    """The latest notification of a kind, which could not be sent."""
    found: UUID = await told.shop.owner.fetchval(LATEST, told.shop.company_id, kind)
    await told.shop.owner.execute(FAIL, told.shop.company_id, found)
    return found


async def retry(told: Told, notification_id: UUID) -> Notification:
    repeats = told.shop.services.notification.order_repeats
    made: Notification = await told.shop.run(lambda tx: repeats.retry(tx, notification_id))
    return made


async def resend(told: Told, order_id: UUID) -> Notification:
    repeats = told.shop.services.notification.order_repeats
    made: Notification = await told.shop.run(lambda tx: repeats.resend_confirmation(tx, order_id))
    return made


async def create(told: Told, kind: NotificationKind, **given: Any) -> None:
    new = NewNotification(kind=kind, dedupe_key=str(new_id()), recipient="ann@example.com", **given)
    await told.shop.run(lambda tx: told.shop.services.notification.notifications.create(tx, [new]))


async def test_a_failed_one_is_made_again_of_what_is_so_now(told: Told) -> None:
    order = await ordered(told)
    given = await failed(told)
    await told.shop.owner.execute("update orders set email = 'new@example.com' where id = $1", order.id)
    with counting() as count:
        made = await retry(told, given)
    assert count.data == 7
    assert (made.id != given, made.kind, made.recipient, made.order_id, made.user_id) == (
        *(True, NotificationKind.ORDER_PLACED, "new@example.com", order.id, order.user_id),
    )
    assert made.metadata == {"order_id": str(order.id), "is_paid": False}
    assert made.content is not None
    assert await told.shop.owner.fetchval(
        "select count(*) from queued_notifications where notification_id = $1", made.id
    )


async def test_two_who_retry_at_once_and_a_third_later_make_one(told: Told) -> None:
    await ordered(told)
    given = await failed(told)
    made = await asyncio.gather(*(retry(told, given) for _ in range(4)))
    made.append(await retry(told, given))
    assert len({each.id for each in made}) == 1


async def test_a_refund_is_told_again_by_the_ids_that_were_stored(told: Told) -> None:
    buyer = await told.shop.customer()
    order = await told.shop.buy(buyer, ("A", 2))
    await told.shop.pay(buyer, order)
    await told.shop.services.order.cancel_order(told.shop.database, buyer, order.id)
    await told.handle()
    given = await failed(told, "ORDER_REFUNDED")
    assert (await retry(told, given)).kind is NotificationKind.ORDER_REFUNDED


async def test_what_cannot_be_sent_again_is_refused_with_the_reason(told: Told) -> None:
    order = await ordered(told)
    await create(told, NotificationKind.PASSWORD_RESET, variables={"token": "secret"})
    await create(told, NotificationKind.PASSWORD_CHANGED)
    placed: UUID = await told.shop.owner.fetchval(LATEST, told.shop.company_id, "ORDER_PLACED")
    with pytest.raises(NotificationNotFound):
        await retry(told, new_id())
    with pytest.raises(NotificationNotFailed):
        await retry(told, placed)
    with pytest.raises(NotificationHasSecret):
        await retry(told, await failed(told, "PASSWORD_RESET"))
    with pytest.raises(NotificationNotRepeatable):
        await retry(told, await failed(told, "PASSWORD_CHANGED"))
    given = await failed(told)
    await told.shop.owner.execute("update orders set email = $2 where id = $1", order.id, erased_email(new_id()))
    with pytest.raises(NotificationOutdated):
        await retry(told, given)


async def test_what_is_not_so_any_more_is_not_told_again(told: Told) -> None:
    buyer = await told.shop.customer()
    order = await told.shop.buy(buyer, ("A", 1))
    await told.handle("order.created")
    given = await failed(told)
    await told.shop.services.order.cancel_order(told.shop.database, buyer, order.id)
    with pytest.raises(NotificationOutdated):
        await retry(told, given)
    with pytest.raises(NotificationOutdated):
        await resend(told, order.id)


async def test_two_clicks_send_one_confirmation(told: Told) -> None:
    order = await ordered(told)
    first = await told.shop.owner.fetchval(LATEST, told.shop.company_id, "ORDER_PLACED")
    assert (await resend(told, order.id)).id == first  # it was created just now
    told.shop.clock.advance(timedelta(minutes=2))
    made = await asyncio.gather(*(resend(told, order.id) for _ in range(4)))
    (again,) = {each.id for each in made}
    assert again != first
    told.shop.clock.advance(timedelta(minutes=2))
    with counting() as count:
        await resend(told, order.id)
    assert count.data == 7  # with the settings, which are not remembered for so long


async def test_a_confirmation_is_sent_again_a_number_of_times_a_day(told: Told) -> None:
    order = await ordered(told)
    for _ in range(order_repeats.MOST):
        told.shop.clock.advance(timedelta(minutes=2))
        await resend(told, order.id)
    told.shop.clock.advance(timedelta(minutes=2))
    with pytest.raises(TooManyConfirmations) as refused:
        await resend(told, order.id)
    told.shop.clock.advance(timedelta(seconds=refused.value.retry_after))
    await resend(told, order.id)


async def test_the_order_of_another_company_is_not_found(told: Told) -> None:
    with pytest.raises(OrderNotFound):
        await resend(told, new_id())


def test_each_kind_that_events_tell_buyers_is_repeatable() -> None:
    names = {"order_id", "edit_id", "refund_id", "invoice_id", "number", "kind", "payment_id", "failure_reason"}
    names |= {"reason", "shipment_id", "return_request_id", "return_refund_id"}
    payload = dict.fromkeys(names, "an id")
    assert {notice(payload).kind for notice in NOTICES.values()} == REPEATABLE
