"""Alerts of users: created at once, renewed, bounded, deleted and expired."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.cart.errors import VariantRequired
from domains.catalog.errors import ProductNotFound, VariantNotFound
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, TooManyDecimals, Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.models import NotificationCategory, NotificationFrequency, NotificationType
from domains.notification.preferences.preferences import ChannelChoice
from domains.notification.product_alerts.errors import (
    ProductAlertLimitExceeded,
    ProductAlertNotFound,
    ProductInStock,
    TargetPriceTooHigh,
)
from domains.notification.product_alerts.product_alerts import MOST_WAITING
from domains.notification.suppressions.unsubscribe_links import Unsubscription
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.notification.product_alerts.conftest import DROP, Alerts

DAILY = NotificationFrequency.DAILY
ROWS = "select * from product_stock_alerts where company_id = $1 order by id"


async def rows(alerts: Alerts) -> list[Any]:
    found: list[Any] = await alerts.owner.fetch(ROWS, alerts.actor.company_id)
    return found


async def test_the_alert_of_a_user_expires_after_half_a_year(
    alerts: Alerts, make_customer: MakeCustomer, clock: FixedClock
) -> None:
    tea, ann = await alerts.product(), await make_customer()
    with counting() as counted:
        alert = await alerts.create(ann, tea, language="DE-at")
    assert counted.data <= 8
    assert (alert.user_id, alert.email, alert.language, alert.notified) == (ann.user_id, None, "de-AT", False)
    assert (alert.price, alert.currency, alert.expires_at - clock.now()) == (Decimal(10), "EUR", timedelta(days=180))


async def test_a_second_alert_for_the_same_renews_the_first(
    alerts: Alerts, make_customer: MakeCustomer, clock: FixedClock
) -> None:
    tea, ann = await alerts.product(), await make_customer()
    first = await alerts.create(ann, tea, kind=DROP)
    await alerts.price(tea, "12")
    clock.advance(timedelta(days=100))
    again = await asyncio.gather(*(alerts.create(ann, tea, kind=DROP, target_price=Decimal(9)) for _ in range(4)))
    assert {each.id for each in again} == {first.id}
    assert (again[0].price, again[0].target_price) == (Decimal(12), Decimal(9))
    assert again[0].expires_at - clock.now() == timedelta(days=180)
    assert (await alerts.create(ann, tea)).id != first.id
    assert len(await rows(alerts)) == 2


async def test_what_cannot_be_waited_for_is_refused(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea = await make_customer(), await alerts.product(stock=1)
    sizes, hidden = await alerts.product(skus=("S", "M")), await alerts.product("H", is_active=False)
    with pytest.raises(ProductInStock):
        await alerts.create(ann, tea)
    with pytest.raises(VariantRequired):
        await alerts.create(ann, sizes)
    for product, variant in ((sizes, new_id()), (hidden, None)):
        with pytest.raises(ProductNotFound):
            await alerts.create(ann, product, variant_id=variant)
    owners = await alerts.services.catalog.skus.of_products(alerts.database.reader(ann.company_id), [sizes.id])
    (small, *_) = [each.variant_id for each in owners if each.variant_id is not None]

    async def hide(tx: Tx) -> None:
        await alerts.services.catalog.variants.update(tx, small, {"is_active": False})

    await alerts.do(hide)
    with pytest.raises(VariantNotFound):
        await alerts.create(ann, sizes, variant_id=small)
    with pytest.raises(InvalidInput):
        await alerts.create(ann, await alerts.product("B"), target_price=Decimal(1))
    for price, error in (("10", TargetPriceTooHigh), ("1.234", TooManyDecimals), ("-1", InvalidInput)):
        with pytest.raises(error):
            await alerts.create(ann, tea, kind=DROP, target_price=Decimal(price))
    with pytest.raises(InvalidInput):
        await alerts.create(ann, tea, kind=DROP, language="not a language")
    with pytest.raises(Unauthenticated):
        await alerts.create(alerts.actor, tea, kind=DROP)
    assert await rows(alerts) == []


async def test_a_user_waits_for_fifty_products_also_by_parallel_requests(
    alerts: Alerts, make_customer: MakeCustomer
) -> None:
    ann, bob = await make_customer(), await make_customer()
    sizes = await alerts.product(skus=tuple(f"S{number}" for number in range(MOST_WAITING + 2)))
    found = await alerts.services.catalog.skus.of_products(alerts.database.reader(ann.company_id), [sizes.id])
    variants = [each.variant_id for each in found]
    for variant in variants[: MOST_WAITING - 1]:
        await alerts.create(ann, sizes, variant_id=variant)
    last = await asyncio.gather(
        *(alerts.create(ann, sizes, variant_id=each) for each in variants[MOST_WAITING - 1 :]), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in last) == [
        "ProductAlertLimitExceeded",
        "ProductAlertLimitExceeded",
        "ProductStockAlertRow",
    ]
    await alerts.create(ann, sizes, variant_id=variants[0])  # renews
    await alerts.create(bob, sizes, variant_id=variants[-1])
    with pytest.raises(ProductAlertLimitExceeded):
        await alerts.create(ann, await alerts.product())


async def _delete(alerts: Alerts, actor: Actor, alert_id: UUID, tx: Tx) -> None:
    await alerts.parts.alerts.delete(tx, actor, alert_id)


async def test_only_the_user_and_staff_delete_an_alert(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, bob, tea = await make_customer(), await make_customer(), await alerts.product()
    alert = await alerts.create(ann, tea)
    for actor, alert_id in ((bob, alert.id), (ann, new_id())):
        with pytest.raises(ProductAlertNotFound):
            await alerts.do(partial(_delete, alerts, actor, alert_id), actor)
    await alerts.do(partial(_delete, alerts, ann, alert.id), ann)
    assert await rows(alerts) == []


async def test_expired_alerts_and_codes_are_deleted(
    alerts: Alerts, make_customer: MakeCustomer, clock: FixedClock, company: UUID
) -> None:
    tea, ann = await alerts.product(), await make_customer()
    await alerts.create(ann, tea)
    await alerts.request("gus@example.com", tea)
    clock.advance(timedelta(minutes=10))
    assert await alerts.do(alerts.parts.alerts.delete_expired) == 1
    clock.advance(timedelta(days=180))
    assert await alerts.do(alerts.parts.alerts.delete_expired) == 1
    assert await alerts.do(alerts.parts.alerts.delete_expired) == 0


async def unsubscribe(alerts: Alerts, address: str, user_id: UUID | None = None) -> None:
    of = Unsubscription(
        company_id=alerts.actor.company_id, address=address, categories=[NotificationCategory.ALERTS], user_id=user_id
    )
    await alerts.do(lambda tx: alerts.services.notification.suppressions.unsubscribe(tx, of))


async def test_unsubscribing_ends_the_alerts_of_the_mailbox_alone(
    alerts: Alerts, make_customer: MakeCustomer
) -> None:
    tea, milk, ann = await alerts.product(), await alerts.product("M"), await make_customer()
    for email in ("gus+tea@example.com", "eve@example.com"):
        code = await alerts.request(email, tea)
        await alerts.confirm(code, await alerts.code())
    code = await alerts.request("gus@example.com", milk)
    await alerts.confirm(code, await alerts.code())
    await alerts.stock("M", 1)
    await alerts.tell(milk)
    await alerts.create(ann, tea)
    for _ in range(2):
        await unsubscribe(alerts, "gus@example.com")
    left = [(row["email"], row["notified"]) for row in await rows(alerts)]
    assert left == [("eve@example.com", False), ("gus@example.com", True), (None, False)]


async def test_a_new_alert_of_a_user_takes_back_a_link_but_no_choice_in_the_account(
    alerts: Alerts, make_customer: MakeCustomer
) -> None:
    tea, ann, bob = await alerts.product(), await make_customer(), await make_customer()
    users = await alerts.services.auth.users.find(
        alerts.database.reader(ann.company_id), [user_of(ann), user_of(bob)]
    )
    preferences = alerts.services.notification.preferences
    refused = ChannelChoice(
        category=NotificationCategory.ALERTS, channel=NotificationType.EMAIL, enabled=False, frequency=DAILY
    )
    await alerts.do(lambda tx: preferences.update(tx, user_of(bob), [refused]))
    for actor in (ann, bob):
        await alerts.create(actor, tea)
        await unsubscribe(alerts, next(each.email for each in users if each.id == actor.user_id), actor.user_id)
    assert await rows(alerts) == []
    for actor in (ann, bob):
        await alerts.create(actor, tea)
    chosen = await preferences.of_users(alerts.database.reader(ann.company_id), [user_of(ann), user_of(bob)])
    by_email = [
        next(each for each in chosen[user_of(actor)] if each.category == "ALERTS" and each.channel == "EMAIL")
        for actor in (ann, bob)
    ]
    assert [(each.enabled, each.source) for each in by_email] == [(True, "ACCOUNT"), (False, "ACCOUNT")]
    left = await alerts.owner.fetch(
        "select reason from notification_suppressions where company_id = $1", ann.company_id
    )
    assert left == []


def user_of(actor: Actor) -> UUID:
    assert actor.user_id
    return actor.user_id
