"""Alerts of payments: what staff must look at, and the statements of an event."""

from datetime import timedelta

from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.payment.models import CaptureMode, TransactionStatus
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.test_subscriptions import READ, WRONG, dispute, member, received
from tests.gateway.live.live_site import LiveSite

ALERTS = "subscription { paymentAlert { type payment { status } order { orderNumber paymentStatus } } }"


async def test_staff_see_each_chargeback_and_how_it_ends(shop: Storefront, live: LiveSite) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), member(shop.company_id, READ)
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    for actor in (ada, member(shop.company_id, WRONG), Actor.anonymous(shop.company_id)):
        assert await live.refusal(ALERTS, actor) in {"FORBIDDEN", "UNAUTHENTICATED"}
    async with live.watching(ALERTS, clerk) as watched:
        await dispute(shop, order, TransactionStatus.PENDING)
        await received(live, watched, 1)
        await dispute(shop, order, TransactionStatus.FAILED)
        await received(live, watched, 2)
    assert watched.values == [
        {
            "type": kind,
            "payment": {"status": "SUCCEEDED"},
            "order": {"orderNumber": order.order_number, "paymentStatus": status},
        }
        for kind, status in (("CHARGED_BACK", "CHARGED_BACK"), ("CHARGEBACK_WON", "PAID"))
    ]


async def test_staff_see_an_authorization_that_ends_uncaptured(shop: Storefront, live: LiveSite) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), member(shop.company_id, READ)
    await shop.set_mode(CaptureMode.MANUAL)
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    async with live.watching(ALERTS, clerk) as watched:
        shop.clock.advance(timedelta(days=8))
        await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
        with counting() as count:
            await received(live, watched, 1)
    (alert,) = watched.values
    assert (alert["type"], alert["payment"]["status"]) == ("AUTHORIZATION_EXPIRED", "CANCELLED")
    assert alert["order"] == {"orderNumber": order.order_number, "paymentStatus": "PENDING"}
    assert count.data <= 4  # the delivery of the event, and the payment with its order
