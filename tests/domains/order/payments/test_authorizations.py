"""Authorizations that end uncaptured, and captures when an order is shipped."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.fail_points import FailPointReached
from domains.order.models import Order
from domains.order.payments.outcomes import PaymentOutcomes
from domains.payment.errors import (
    AuthorizationExpired,
    PaymentDeclined,
    PaymentNotCapturable,
)
from domains.payment.models import CaptureMode, Payment, PaymentStatus
from domains.payment.providers.declines import NOT_CAPTURABLE
from domains.payment.providers.results import ProviderPayment, ProviderStatus
from gateway.providers.mock import mock_payments
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.payments.capture_steps import (
    NOTHING,
    TOTAL,
    VOIDED,
    P,
    S,
    books,
    capture,
    reconcile,
)
from tests.domains.order.storefront import Storefront


async def test_an_authorization_whose_time_is_over_is_not_captured(
    shop: Storefront, clerk: Actor, ada: Actor, held: Payment
) -> None:
    shop.clock.advance(timedelta(days=7))
    with pytest.raises(AuthorizationExpired):
        await capture(shop, clerk, held)
    order = await shop.order(held.order_id)
    assert (order.status, order.payment_status, order.amount_authorized) == (S.CONFIRMED, P.PENDING, NOTHING)
    assert await books(shop) == VOIDED
    assert (await shop.history(order.id))[-1] == ("CONFIRMED", "The authorization has ended")
    assert (await shop.pay(ada, order)).payment_status is P.PAID


async def told(shop: Storefront) -> list[str]:
    """The events that tell staff of a lost authorization."""
    rows = await shop.owner.fetch(
        "select topic from outbox_events where company_id = $1 and topic = any($2) order by sequence",
        shop.company_id,
        ["payment.authorization_expired", "payment.capture_failed"],
    )
    return [row[0] for row in rows]


async def test_an_authorization_that_ends_is_seen_once(shop: Storefront, ada: Actor, held: Payment) -> None:
    assert held.authorized_until == shop.clock.now() + timedelta(days=7)
    shop.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert await shop.services.order.reconciliation.reconcile(shop.database, shop.system) == 0
    shop.clock.advance(timedelta(seconds=1))
    assert await shop.services.order.reconciliation.reconcile(shop.database, shop.system) == 1
    order = await shop.order(held.order_id)
    assert (order.status, order.payment_status, order.amount_authorized) == (S.CONFIRMED, P.PENDING, NOTHING)
    assert (await shop.history(order.id))[-1] == ("CONFIRMED", "The authorization has ended")
    assert await reconcile(shop) == 0
    assert await told(shop) == ["payment.authorization_expired"]
    assert (await shop.pay(ada, order)).payment_status is P.PAID


async def test_an_authorization_that_is_held_longer_is_asked_for_once_an_hour(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch, held: Payment
) -> None:
    monkeypatch.setattr(mock_payments, "AUTHORIZATION_TIME", timedelta(days=30))
    shop.clock.advance(timedelta(days=7))
    asked = [await reconcile(shop) for _ in range(25)]  # every five minutes
    assert [number for number, count in enumerate(asked) if count] == [0, 12, 24]
    assert (await told(shop), await books(shop)) == ([], [("AUTHORIZED", None)])


@pytest.mark.usefixtures("disarmed")
async def test_a_lookup_that_stops_before_its_record_is_repeated(shop: Storefront, held: Payment) -> None:
    async def died(*_: Any) -> None:
        raise FailPointReached

    shop.clock.advance(timedelta(days=7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PaymentOutcomes, "conclude", died)
        with pytest.raises(ExceptionGroup):
            await reconcile(shop)
    shop.clock.advance(timedelta(hours=1))
    assert await reconcile(shop) == 1
    assert await told(shop) == ["payment.authorization_expired"]


async def test_of_a_capture_and_the_end_of_its_time_at_once_one_counts(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    shop.clock.advance(timedelta(days=7))
    reconciling = shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    captured, _ = await asyncio.gather(capture(shop, clerk, held), reconciling, return_exceptions=True)
    assert isinstance(captured, AuthorizationExpired | PaymentNotCapturable)
    assert (await told(shop), await books(shop)) == (["payment.authorization_expired"], VOIDED)


# ---- on shipment


async def ship(shop: Storefront, clerk: Actor, order_id: Any) -> Order:
    for status in (S.PROCESSING, S.SHIPPED):
        await shop.run(lambda tx, to=status: shop.services.order.update_status(tx, clerk, order_id, to), clerk)
    return await shop.order(order_id)


async def test_an_order_is_captured_when_it_is_shipped(shop: Storefront, clerk: Actor, held: Payment) -> None:
    await shop.set_mode(CaptureMode.ON_SHIPMENT)
    shipped = await ship(shop, clerk, held.order_id)
    assert (shipped.status, shipped.payment_status) == (S.SHIPPED, P.AUTHORIZED)
    assert await reconcile(shop) == 1
    paid = await shop.order(held.order_id)
    assert (paid.status, paid.payment_status, paid.amount_captured) == (S.SHIPPED, P.PAID, TOTAL)
    assert await books(shop) == [("APPROVED", TOTAL)]


async def test_a_shipped_order_whose_capture_fails_is_not_paid_and_staff_are_told(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    await shop.set_mode(CaptureMode.ON_SHIPMENT)
    shop.clock.advance(timedelta(days=7))
    await ship(shop, clerk, held.order_id)
    await reconcile(shop)
    order = await shop.order(held.order_id)
    assert (order.status, order.payment_status, order.amount_authorized) == (S.SHIPPED, P.PENDING, NOTHING)
    assert (await shop.history(order.id))[-1] == ("SHIPPED", "The authorization has ended")
    assert await told(shop) == ["payment.authorization_expired"]
    ada = Actor(ActorKind.USER, shop.company_id, user_id=order.user_id)
    assert (await shop.pay(ada, order)).payment_status is P.AUTHORIZED
    await reconcile(shop)
    assert (await shop.order(order.id)).payment_status is P.PAID


async def test_a_capture_that_the_provider_refuses_leaves_the_order_unpaid(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    """The provider holds the amount no longer, so that nobody captures it later."""
    refused = ProviderPayment(ProviderStatus.FAILED, held.provider_transaction_id, decline=NOT_CAPTURABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MockPayments, "capture", AsyncMock(return_value=refused))
        with pytest.raises(PaymentDeclined) as caught:
            await capture(shop, clerk, held)
    assert (caught.value.field, caught.value.provider_code) == (("payment_id",), NOT_CAPTURABLE.code)
    order = await shop.order(held.order_id)
    assert (order.payment_status, order.amount_authorized) == (P.FAILED, NOTHING)
    assert (await shop.history(order.id))[-1] == ("CONFIRMED", "The authorized amount could not be captured")
    assert await told(shop) == ["payment.capture_failed"]
    assert [status for status, _ in await shop.charges()] == ["VOIDED"]


async def test_a_refused_capture_whose_amount_is_not_released_yet_is_tried_again(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    refused = ProviderPayment(ProviderStatus.FAILED, held.provider_transaction_id, decline=NOT_CAPTURABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MockPayments, "capture", AsyncMock(return_value=refused))
        patch.setattr(MockPayments, "cancel", AsyncMock(side_effect=ConnectionError))
        _, payment = await capture(shop, clerk, held)
    assert (payment.status, payment.capture_amount) == (PaymentStatus.AUTHORIZED, held.amount)
    await reconcile(shop)
    assert (await shop.order(held.order_id)).payment_status is P.PAID


async def test_only_staff_capture_in_a_company_whose_mode_is_manual(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    await shop.set_mode(CaptureMode.MANUAL)
    await ship(shop, clerk, held.order_id)
    assert await reconcile(shop) == 0
    assert await books(shop) == [("AUTHORIZED", None)]
    order, _ = await capture(shop, clerk, held)
    assert (order.status, order.payment_status) == (S.SHIPPED, P.PAID)


async def test_a_refund_that_ends_an_order_releases_what_is_authorized_for_its_rest(
    shop: Storefront, clerk: Actor, ada: Actor, held: Payment
) -> None:
    order, captured = await capture(shop, clerk, held, Decimal("12.5"))
    rest = await shop.payment_of(await shop.authorize(ada, order))
    order, _ = await shop.services.order.refunds.refund(shop.database, clerk, order.id)
    assert (order.status, (await shop.payment_of(order)).cancel_requested_at) == (S.REFUNDED, shop.clock.now())
    await reconcile(shop)
    assert (rest.id, (await shop.order(order.id)).amount_authorized) == ((await shop.payment_of(order)).id, NOTHING)
    assert await books(shop) == [("APPROVED", captured.amount_captured), *VOIDED]
