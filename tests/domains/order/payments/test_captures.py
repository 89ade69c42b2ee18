"""Captures of authorized payments: once, at most what is held, and completed after a crash."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.errors import OutOfRange, TooManyDecimals
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.order.errors import OrderNotFound
from domains.payment.errors import (
    CaptureRequested,
    CaptureTooLarge,
    PaymentDeclined,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentNotVoidable,
)
from domains.payment.models import Payment, PaymentStatus
from tests.domains.order.payments.capture_steps import (
    NOTHING,
    TOTAL,
    VOIDED,
    P,
    S,
    books,
    capture,
    reconcile,
    void,
)
from tests.domains.order.storefront import DECLINED, Storefront


async def test_staff_capture_an_authorized_payment(shop: Storefront, clerk: Actor, held: Payment) -> None:
    await shop.services.company.current(shop.database.reader(shop.company_id))  # as each request does
    with counting() as count:
        order, captured = await capture(shop, clerk, held)
    assert (order.status, order.payment_status, captured.status) == (S.PAID, P.PAID, PaymentStatus.SUCCEEDED)
    assert (captured.capture_amount, captured.capture_requested_at) == (TOTAL, shop.clock.now())
    assert (order.amount_authorized, order.amount_captured) == (NOTHING, TOTAL)
    assert await books(shop) == [("APPROVED", TOTAL)]
    assert count.data == 7


async def test_a_part_is_captured_and_the_rest_is_released_and_paid_by_another_payment(
    shop: Storefront, clerk: Actor, ada: Actor, held: Payment
) -> None:
    order, captured = await capture(shop, clerk, held, Decimal("12.5"))
    assert (captured.status, captured.amount_captured, captured.amount) == (
        PaymentStatus.SUCCEEDED,
        Decimal("12.5"),
        TOTAL,
    )
    assert (order.status, order.payment_status, order.amount_captured, order.amount_authorized) == (
        S.CONFIRMED,
        P.PARTIALLY_PAID,
        Decimal("12.5"),
        NOTHING,
    )
    paid = await shop.pay(ada, order)
    assert (paid.status, paid.payment_status, paid.amount_captured) == (S.PAID, P.PAID, TOTAL)
    assert await books(shop) == [("APPROVED", Decimal("12.5")), ("APPROVED", Decimal("7.5"))]


@pytest.mark.usefixtures("disarmed")
async def test_a_part_that_was_interrupted_is_captured_with_the_same_amount(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    fail_points.arm(["payment.capture_requested:raise:1"])
    with pytest.raises(FailPointReached):
        await capture(shop, clerk, held, Decimal(5))
    await reconcile(shop)
    assert await books(shop) == [("APPROVED", Decimal(5))]
    assert (await shop.order(held.order_id)).payment_status is P.PARTIALLY_PAID


async def test_the_same_capture_again_has_the_same_result(shop: Storefront, clerk: Actor, held: Payment) -> None:
    _, first = await capture(shop, clerk, held)
    _, again = await capture(shop, clerk, held, TOTAL)
    assert again == first
    with pytest.raises(PaymentNotCapturable, match="captured already"):
        await capture(shop, clerk, held, Decimal(5))
    assert await books(shop) == [("APPROVED", TOTAL)]


async def test_ten_captures_at_once_capture_once(shop: Storefront, clerk: Actor, held: Payment) -> None:
    outcomes = await asyncio.gather(*(capture(shop, clerk, held) for _ in range(10)))
    assert {payment.status for _, payment in outcomes} == {PaymentStatus.SUCCEEDED}
    assert await books(shop) == [("APPROVED", TOTAL)]
    assert (await shop.topics()).count("order.paid") == 1


@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("20.01", CaptureTooLarge),
        ("0", OutOfRange),
        ("-1", OutOfRange),
        ("0.001", TooManyDecimals),
    ],
)
async def test_an_amount_that_cannot_be_captured_is_refused_before_the_provider_is_called(
    shop: Storefront, clerk: Actor, held: Payment, amount: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        await capture(shop, clerk, held, Decimal(amount))
    assert getattr(caught.value, "field", None) == ("amount",)
    assert await books(shop) == [("AUTHORIZED", None)]
    assert (await shop.payment_of(await shop.order(held.order_id))).capture_requested_at is None


async def test_only_an_authorized_payment_of_an_open_order_is_captured(
    shop: Storefront, clerk: Actor, ada: Actor, held: Payment
) -> None:
    declined, charged = [await shop.buy(ada, ("A", 1)) for _ in range(2)]
    with pytest.raises(PaymentDeclined):
        await shop.pay(ada, declined, DECLINED)
    await shop.pay(ada, charged)
    with pytest.raises(PaymentNotCapturable, match="FAILED"):
        await capture(shop, clerk, await shop.payment_of(declined))
    with pytest.raises(PaymentNotCapturable, match="captured already"):
        await capture(shop, clerk, await shop.payment_of(charged))
    await shop.services.order.cancel_order(shop.database, clerk, held.order_id)
    with pytest.raises(PaymentNotCapturable, match="being cancelled"):
        await capture(shop, clerk, held)
    await reconcile(shop)
    with pytest.raises(PaymentNotCapturable, match="CANCELLED"):
        await capture(shop, clerk, held)


async def test_another_companys_payment_does_not_exist(shop: Storefront, held: Payment, other_company: Any) -> None:
    stranger, bob = Actor.system(other_company), await shop.customer()
    for use in (shop.services.order.captures.capture, shop.services.order.captures.void):
        for actor, payment_id, error in (
            (stranger, held.id, PaymentNotFound),
            (shop.system, new_id(), PaymentNotFound),
            (bob, held.id, OrderNotFound),
        ):
            with pytest.raises(error):
                await use(shop.database, actor, payment_id)
    assert await books(shop) == [("AUTHORIZED", None)]


@pytest.mark.usefixtures("disarmed")
@pytest.mark.parametrize(
    ("point", "before"),
    [
        ("payment.capture_requested", "AUTHORIZED"),
        ("payment.capture_answered", "APPROVED"),
        ("payment.outcome_recorded", "APPROVED"),
    ],
)
async def test_a_capture_that_stops_between_two_steps_is_completed_once(
    shop: Storefront, clerk: Actor, held: Payment, point: str, before: str
) -> None:
    fail_points.arm([f"{point}:raise:1"])
    with pytest.raises(FailPointReached):
        await capture(shop, clerk, held, TOTAL)
    assert [status for status, _ in await books(shop)] == [before]
    await reconcile(shop)
    assert await books(shop) == [("APPROVED", TOTAL)]
    order, captured = await capture(shop, clerk, held, TOTAL)
    assert (order.status, captured.status) == (S.PAID, PaymentStatus.SUCCEEDED)
    assert (await shop.topics()).count("order.paid") == 1


@pytest.mark.usefixtures("disarmed")
async def test_a_repeated_attempt_continues_the_capture(shop: Storefront, clerk: Actor, held: Payment) -> None:
    attempt = Attempt(shop.database)
    fail_points.arm(["payment.capture_requested:raise:1"])
    with pytest.raises(FailPointReached):
        await shop.services.order.captures.capture(attempt, clerk, held.id)
    with pytest.raises(CaptureRequested):
        await capture(shop, clerk, held, Decimal(5))
    with pytest.raises(CaptureRequested):
        await void(shop, clerk, held)
    order, _ = await shop.services.order.captures.capture(attempt, clerk, held.id)
    assert order.payment_status is P.PAID


# ---- voids


async def test_a_void_releases_the_payment_and_the_order_can_be_paid_again(
    shop: Storefront, clerk: Actor, ada: Actor, held: Payment
) -> None:
    with counting() as count:
        order, voided = await void(shop, clerk, held, "Wrong card")
    assert (voided.status, order.status, order.payment_status) == (PaymentStatus.CANCELLED, S.CONFIRMED, P.PENDING)
    assert (order.amount_authorized, await books(shop)) == (NOTHING, VOIDED)
    assert (await shop.history(order.id))[-1] == ("CONFIRMED", "Wrong card")
    assert count.data == 9
    assert await void(shop, clerk, held) == (order, voided)
    assert [comment for _, comment in await shop.history(order.id)].count("Wrong card") == 1
    paid = await shop.pay(ada, order)
    assert (paid.status, paid.amount_captured) == (S.PAID, TOTAL)


async def test_a_payment_that_was_captured_or_declined_is_not_voided(
    shop: Storefront, clerk: Actor, ada: Actor
) -> None:
    declined, charged = [await shop.buy(ada, ("A", 1)) for _ in range(2)]
    with pytest.raises(PaymentDeclined):
        await shop.pay(ada, declined, DECLINED)
    await shop.pay(ada, charged)
    with pytest.raises(PaymentNotVoidable, match="it took no money"):
        await void(shop, clerk, await shop.payment_of(declined))
    with pytest.raises(PaymentNotVoidable, match=r"Refund it\."):
        await void(shop, clerk, await shop.payment_of(charged))
    assert [status for status, _ in await books(shop)] == ["DECLINED", "APPROVED"]


@pytest.mark.usefixtures("disarmed")
@pytest.mark.parametrize(
    "point", ["payment.capture_requested", "payment.capture_answered", "payment.outcome_recorded"]
)
async def test_a_void_that_stops_between_two_steps_is_completed(
    shop: Storefront, clerk: Actor, held: Payment, point: str
) -> None:
    fail_points.arm([f"{point}:raise:1"])
    with pytest.raises(FailPointReached):
        await void(shop, clerk, held)
    await reconcile(shop)
    order, voided = await void(shop, clerk, held)
    assert (voided.status, order.payment_status) == (PaymentStatus.CANCELLED, P.PENDING)
    assert await books(shop) == [("VOIDED", None)]


async def test_of_a_capture_and_a_void_at_once_one_is_carried_out(
    shop: Storefront, clerk: Actor, held: Payment
) -> None:
    outcomes = await asyncio.gather(*(use(shop, clerk, held) for use in (capture, void) * 3), return_exceptions=True)
    await reconcile(shop)
    ((status, _),) = await books(shop)
    order = await shop.order(held.order_id)
    refused = {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)}
    if status == "APPROVED":
        assert order.payment_status is P.PAID
        assert refused <= {CaptureRequested, PaymentNotVoidable}
    else:
        assert (status, order.payment_status, refused) == ("VOIDED", P.PENDING, {PaymentNotCapturable})
