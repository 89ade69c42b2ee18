"""An abandoned payment never blocks another one, whatever happens at the same time: no order is paid twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.fail_points import FailPointReached
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.values.secret import Secret
from domains.order.errors import OrderNotFound, OrderNotPayable
from domains.order.models import Order, OrderStatus
from domains.order.payments import replacement
from domains.order.payments.payments import PaymentData
from domains.order.payments.progress import PaymentProgress
from domains.payment.errors import CardNumberRefused, PaymentInProgress, ProviderNotOffered, TooManyPayments
from domains.payment.models import Payment, PaymentStatus
from domains.payment.providers.operations import Operations
from domains.payment.providers.requests import HostedCheckout, MethodToken
from gateway.providers.mock.declines import AUTHENTICATES
from tests.domains.order.storefront import SILENT_CHARGED, SILENT_UNCHARGED, Storefront
from tests.race_runs import repeated

PRICE = Decimal("20.0000")
LATER = timedelta(minutes=5)


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    return await shop.buy(ada, ("A", 2))


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    fail_points.arm([])


async def started(shop: Storefront, ada: Actor, order: Order, db: Attempt | None = None) -> PaymentProgress:
    """A payment on a page of the provider."""
    data = PaymentData(instrument=HostedCheckout())
    return await shop.services.order.payments.start(db or shop.database, ada, order.id, data)


async def payments_of(shop: Storefront, order: Order) -> list[Payment]:
    return await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])


async def statuses(shop: Storefront, order: Order) -> list[PaymentStatus]:
    return [payment.status for payment in await payments_of(shop, order)]


async def taken(shop: Storefront) -> int:
    """How many charges have money at the provider."""
    return [status for status, _ in await shop.charges()].count("APPROVED")


def meanwhile(patch: pytest.MonkeyPatch, name: str, then: Callable[[Payment], Awaitable[Any]]) -> None:
    """Have something happen once, before a request of this name to the provider."""
    whole: Callable[..., Awaitable[Any]] = getattr(Operations, name)

    async def requested(self: Operations, db: Any, payment: Payment) -> Any:
        patch.setattr(Operations, name, whole)
        await then(payment)
        return await whole(self, db, payment)

    patch.setattr(Operations, name, requested)


async def test_a_card_replaces_an_abandoned_page(shop: Storefront, ada: Actor, order: Order) -> None:
    assert (await started(shop, ada, order)).payment.status is PaymentStatus.REQUIRES_ACTION
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID
    assert await statuses(shop, order) == [PaymentStatus.CANCELLED, PaymentStatus.SUCCEEDED]
    assert [status for status, _ in await shop.charges()] == ["VOIDED", "APPROVED"]
    assert (await shop.order(order.id)).open_attempts == 0


async def test_payments_of_an_order_are_not_begun_without_end(
    shop: Storefront, ada: Actor, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacement, "MAX_PAYMENTS", 3)
    for _ in range(3):
        await started(shop, ada, order)
    with pytest.raises(TooManyPayments, match="3 payments"):
        await started(shop, ada, order)
    kept = [PaymentStatus.CANCELLED, PaymentStatus.CANCELLED, PaymentStatus.REQUIRES_ACTION]
    assert await statuses(shop, order) == kept


async def test_an_abandoned_authentication_is_replaced_by_a_page(shop: Storefront, ada: Actor, order: Order) -> None:
    await shop.pay(ada, order, AUTHENTICATES)
    begun = await started(shop, ada, order)
    assert (begun.order.status, begun.payment.card_last_4) == (OrderStatus.PAYMENT_PENDING, None)
    assert await statuses(shop, order) == [PaymentStatus.CANCELLED, PaymentStatus.REQUIRES_ACTION]
    assert await shop.provider.complete_action((await payments_of(shop, order))[0].id, succeeds=True) is not None
    assert await taken(shop) == 0


async def test_a_payment_that_was_completed_pays_the_order_and_refuses_another(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    first = (await started(shop, ada, order)).payment
    await shop.provider.complete_action(first.id, succeeds=True)
    with pytest.raises(OrderNotPayable, match="PAID"):
        await shop.pay(ada, order)
    assert await statuses(shop, order) == [PaymentStatus.SUCCEEDED]
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert await shop.charges() == [("APPROVED", PRICE)]


async def test_a_charge_without_an_answer_is_found_and_pays_the_order(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_CHARGED)
    with pytest.raises(OrderNotPayable, match="PAID"):
        await shop.pay(ada, order)
    assert await shop.charges() == [("APPROVED", PRICE)]


async def test_a_payment_that_the_provider_does_not_know_yet_stays_in_progress(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    await shop.pay(ada, order, SILENT_UNCHARGED)
    with pytest.raises(PaymentInProgress):
        await shop.pay(ada, order)
    assert await statuses(shop, order) == [PaymentStatus.PROCESSING]


async def test_a_payment_that_failed_at_the_provider_makes_room(shop: Storefront, ada: Actor, order: Order) -> None:
    first = (await started(shop, ada, order)).payment
    await shop.provider.complete_action(first.id, succeeds=False)
    assert (await shop.pay(ada, order)).status is OrderStatus.PAID
    assert await statuses(shop, order) == [PaymentStatus.FAILED, PaymentStatus.SUCCEEDED]


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"instrument": HostedCheckout(), "provider": "STRIPE"}, ProviderNotOffered),
        ({"instrument": HostedCheckout(), "provider": "MANUAL"}, ProviderNotOffered),
        ({"instrument": MethodToken(Secret("4111111111111111"))}, CardNumberRefused),
    ],
)
async def test_a_payment_that_is_refused_itself_ends_no_other(
    shop: Storefront, ada: Actor, order: Order, given: Any, refusal: type[DomainError]
) -> None:
    await started(shop, ada, order)
    with pytest.raises(refusal):
        await shop.services.order.payments.start(shop.database, ada, order.id, PaymentData(**given))
    assert await statuses(shop, order) == [PaymentStatus.REQUIRES_ACTION]


async def test_a_stranger_cannot_end_a_payment(shop: Storefront, ada: Actor, order: Order) -> None:
    await started(shop, ada, order)
    with pytest.raises(OrderNotFound):
        await started(shop, await shop.customer(), order)
    assert await statuses(shop, order) == [PaymentStatus.REQUIRES_ACTION]


@pytest.mark.parametrize("point", ["payment.abandoned", "payment.abandonment_sent", "payment.attempt_committed"])
@pytest.mark.parametrize("goes_on", ["sent again", "settled"])
async def test_a_replacement_that_is_interrupted_goes_on(
    shop: Storefront, ada: Actor, order: Order, point: str, goes_on: str
) -> None:
    await started(shop, ada, order)
    fail_points.arm([f"{point}:raise:1"])
    attempt = Attempt(shop.database)
    with pytest.raises(FailPointReached):
        await shop.pay(ada, order, db=attempt)
    if goes_on == "settled":
        shop.clock.advance(LATER)
        await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
        assert (await shop.order(order.id)).status is OrderStatus.PENDING
    assert (await shop.pay(ada, order, db=Attempt(shop.database) if goes_on == "settled" else attempt)).status is (
        OrderStatus.PAID
    )
    assert (await taken(shop), (await shop.order(order.id)).amount_captured) == (1, PRICE)


@pytest.mark.parametrize("request_name", ["find", "cancel"])
async def test_a_buyer_who_completes_the_first_payment_at_that_moment_pays_once(
    shop: Storefront, ada: Actor, order: Order, request_name: str
) -> None:
    first = (await started(shop, ada, order)).payment
    with pytest.MonkeyPatch.context() as patch:
        meanwhile(patch, request_name, lambda _: shop.provider.complete_action(first.id, succeeds=True))
        outcomes = await asyncio.gather(shop.pay(ada, order), return_exceptions=True)
    assert isinstance(outcomes[0], OrderNotPayable if request_name == "find" else Order)
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await taken(shop), (await shop.order(order.id)).amount_captured) == (1, PRICE)


async def test_a_payment_that_is_recorded_as_paid_at_that_moment_is_kept(
    shop: Storefront, ada: Actor, order: Order
) -> None:
    """The webhook arrives between the look-up and the mark: the mark finds a payment that has succeeded."""
    first = (await started(shop, ada, order)).payment
    abandon = type(shop.services.payment).abandon

    async def late(self: Any, tx: Any, payment_id: Any) -> Any:
        await shop.provider.complete_action(first.id, succeeds=True)
        await shop.services.order.confirmation.confirm(shop.database, ada, first.id)
        return await abandon(self, tx, payment_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(shop.services.payment), "abandon", late)
        with pytest.raises(OrderNotPayable, match="PAID"):
            await shop.pay(ada, order)
    (payment,) = await payments_of(shop, order)
    assert (payment.status, payment.cancel_requested_at) == (PaymentStatus.SUCCEEDED, None)
    assert await shop.charges() == [("APPROVED", PRICE)]


@repeated
async def test_of_parallel_second_payments_one_is_taken(shop: Storefront, run: int) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    first = (await started(shop, ada, order)).payment
    completes = shop.provider.complete_action(first.id, succeeds=True)
    paying = [shop.pay(ada, order) for _ in range(4)]
    outcomes = await asyncio.gather(*paying, completes, return_exceptions=True)
    refused = {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)}
    assert refused <= {PaymentInProgress, OrderNotPayable}
    shop.clock.advance(LATER)
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await taken(shop), (await shop.order(order.id)).amount_captured) == (1, PRICE)
