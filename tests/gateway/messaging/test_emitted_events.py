"""Every event that a domain declares is emitted by what happens in a shop, and stored in the outbox."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from domains.activity.models import ActivityAction, ReportedActivity
from domains.auth.policy import require_user_id
from domains.inventory.models import AllocationStrategy
from domains.kernel.actor import Actor
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.order.discounts.manual_discounts import NewDiscount
from domains.order.models import OrderStatus
from domains.order.payments.payments import PaymentData
from domains.payment.accounts.accounts import AccountChanges, PaymentAccounts
from domains.payment.errors import PaymentDeclined
from domains.payment.gift_cards.models import NewGiftCard
from domains.payment.models import (
    CaptureMode,
    DeclineReason,
    PaymentAudience,
    PaymentMethod,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)
from domains.payment.providers.registry import Providers
from domains.payment.providers.results import (
    Decline,
    ProviderPayment,
    ProviderRefund,
    ProviderStatus,
    ProviderTransaction,
)
from domains.promotion.coupons.models import CouponType, NewCoupon
from domains.promotion.segments.models import NewSegment
from gateway.infra.encryption import Cipher
from gateway.services import domains_of
from tests.domains.order.storefront import DECLINED, Storefront, card
from tests.domains.payment.adapters import FIELDS, AccountAdapter
from tests.domains.payment.saved_methods.wallet import kept
from tests.gateway.graphql.inventory import sample_stock
from tests.gateway.messaging import scenarios
from tests.gateway.messaging.samples_of_events import goods_scenarios

TOPICS: Final = "select distinct topic from outbox_events"
HOUR: Final = timedelta(hours=1)
CLOSED: Final = Decline(DeclineReason.PROVIDER_ERROR, "CLOSED", "The account is closed.")
GIVEN: Final = {field.name: Secret("sk_1") for field in FIELDS}
LOST: Final = (ProviderPayment(ProviderStatus.FAILED, decline=CLOSED), ProviderPayment(ProviderStatus.CANCELLED))
REFUNDS: Final = (ProviderRefund(RefundStatus.SUCCEEDED, "re_1"), ProviderRefund(RefundStatus.FAILED, decline=CLOSED))


async def stock(shop: Storefront) -> None:
    """A SKU is sold out by one order, which is cancelled; another one is shipped. Settings change, stock moves."""
    nearest = {"allocation_strategy": AllocationStrategy.NEAREST}
    await shop.run(lambda tx: shop.services.inventory.settings.update(tx, nearest, "EUR"))
    await scenarios.warehouses(shop)
    await shop.stock("A", 2)
    await shop.owner.execute("update inventory_items set reorder_point = 1 where company_id = $1", shop.company_id)
    ada, staff = await shop.customer(), await shop.staff()
    first = await shop.buy(ada, ("A", 2))
    await shop.services.order.cancel_order(shop.database, ada, first.id)
    second = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        await shop.run(lambda tx, to=status: shop.services.order.update_status(tx, staff, second.id, to), staff)
    await sample_stock.move_stock(shop)
    await sample_stock.sell_beyond(shop)


async def payments(shop: Storefront) -> None:
    """Each result of a payment and of a refund."""
    await shop.stock("A", 9)
    ada, payment = await shop.customer(), shop.services.payment
    orders = [await shop.buy(ada, ("A", 1)) for _ in range(3)]
    with suppress(PaymentDeclined):
        await shop.pay(ada, orders[0], DECLINED)

    async def lives(tx: Any) -> None:
        at = tx.clock.now()
        captured = ProviderTransaction(
            "ch_1", TransactionType.CAPTURE, TransactionStatus.SUCCEEDED, Money(Decimal(10), "EUR"), at
        )
        made = await payment.create(tx, orders[1].id, Decimal(10), "EUR", card())
        void = await payment.create(tx, orders[2].id, Decimal(10), "EUR", card())
        assert made is not None
        assert void is not None
        await payment.record(tx, void.id, ProviderPayment(ProviderStatus.CANCELLED))
        for lost in LOST:
            held = await payment.create(tx, orders[2].id, Decimal(10), "EUR", card())
            assert held is not None
            await payment.record(tx, held.id, ProviderPayment(ProviderStatus.AUTHORIZED))
            await payment.record(tx, held.id, lost)
        for status in (ProviderStatus.AUTHORIZED, ProviderStatus.SUCCEEDED):
            await payment.record(tx, made.id, ProviderPayment(status, f"mock_{made.id}", transactions=(captured,)))
        for told in (TransactionStatus.PENDING, TransactionStatus.FAILED):
            dispute = ProviderTransaction("dp_1", TransactionType.CHARGEBACK, told, Money(Decimal(1), "EUR"), at)
            await payment.record(tx, made.id, ProviderPayment(ProviderStatus.SUCCEEDED, transactions=(dispute,)))
        for result in REFUNDS:
            refund = await payment.refunds.create(tx, ada, made.id, Decimal(1))
            await payment.refunds.record(tx, refund.id, result)

    await shop.set_mode(CaptureMode.MANUAL)
    await shop.run(lives)
    await shop.run(lambda tx: payment.settings.update(tx, {"invoice_payments": PaymentAudience.NOBODY}))
    adapter = AccountAdapter(shop.database._pool, shop.clock)
    providers = Providers(shop.provider, adapters=[adapter], encryption=Cipher([b"1" * 32], b"payment accounts"))
    accounts = PaymentAccounts(providers, shop.clock)
    await shop.run(lambda tx: accounts.update(tx, "ACCOUNTS", AccountChanges(credentials=GIVEN)))
    saved = payment.saved_methods
    method = await shop.run(lambda tx: saved.keep(tx, require_user_id(ada), "MOCK", kept("mock_pm_approves")), ada)
    await shop.run(lambda tx: saved.remove(tx, ada, method.id), ada)
    await tenders(shop, require_user_id(ada))


async def tenders(shop: Storefront, user_id: UUID) -> None:
    """A gift card is issued, changed, disabled, enabled, adjusted and expires; a customer gets store credit."""
    payment, cards = shop.services.payment, shop.services.payment.gift_cards
    new = NewGiftCard(amount=Decimal(10), recipient_email="ann@example.com", expires_at=shop.clock.now() + HOUR)
    (issued,) = await shop.run(lambda tx: payment.issuance.issue(tx, [new]))
    card = issued.card
    await shop.run(lambda tx: cards.update(tx, card.id, {"note": "for Ada"}))
    await shop.run(lambda tx: cards.disable(tx, card.id))
    await shop.run(lambda tx: cards.enable(tx, card.id))
    await shop.run(lambda tx: cards.adjust(tx, card.id, Decimal(1), "a bonus"))
    await shop.run(lambda tx: payment.store_credits.issue(tx, user_id, Decimal(1), "sorry"))
    shop.clock.advance(HOUR)
    await shop.run(payment.gift_card_expiry.sweep)


async def promotions(shop: Storefront) -> None:
    """A promotion with one use is changed and used up; another one is deleted, and so is a segment."""
    await shop.stock("A", 9)
    ada, promotion = await shop.customer(), shop.services.promotion
    given: dict[str, Any] = {"discount_value": Decimal(10)}
    limited = await shop.promotion(code="ONCE", **given)
    unused = await shop.promotion(code="NEVER", **given)
    await shop.run(lambda tx: promotion.update_promotion(tx, limited.id, {"max_usage_count": 1}))
    await shop.run(lambda tx: promotion.delete_promotion(tx, unused.id))
    new: NewSegment = {"name": "Guests", "conditions": {"is_guest": True}}
    segment = await shop.run(lambda tx: promotion.segments.create(tx, new))
    await shop.run(lambda tx: promotion.segments.update(tx, segment.id, {"name": "Visitors"}))
    await shop.run(lambda tx: promotion.segments.delete(tx, segment.id))
    await shop.fill(ada, ("A", 1))
    await shop.apply(ada, "ONCE")
    await shop.place(ada)
    await coupons(shop, ada)


async def coupons(shop: Storefront, ada: Actor) -> None:
    """A coupon with one use is changed and used up by a unique code; another one is deleted."""
    coupons = shop.services.promotion.coupons
    given = NewCoupon(name="C", type=CouponType.PERCENTAGE, discount_value=Decimal(10))
    limited = await shop.run(lambda tx: coupons.create(tx, given))
    unused = await shop.run(lambda tx: coupons.create(tx, given))
    await shop.run(lambda tx: coupons.update(tx, limited.id, {"usage_limit": 1}))
    await shop.run(lambda tx: coupons.delete(tx, unused.id))
    await shop.run(lambda tx: coupons.codes.add(tx, limited.id, ["ONE-1"]))
    await shop.fill(ada, ("A", 1))
    await shop.apply(ada, "ONE-1")
    await shop.place(ada)


async def carts(shop: Storefront) -> None:
    """A customer fills a cart and leaves it."""
    await shop.stock("A", 9)
    cart = shop.services.cart
    await shop.run(lambda tx: cart.settings.update(tx, {"abandoned_after_hours": 2}, "EUR"))
    await shop.fill(await shop.customer(), ("A", 1))
    shop.clock.advance(2 * HOUR)
    await shop.run(cart.abandonment.report)


async def activities(shop: Storefront) -> None:
    """A visitor reports a batch."""
    reported = [ReportedActivity(action=ActivityAction.PAGE_VIEW, resource=path) for path in ("/", "/tea")]
    await shop.run(lambda tx: shop.services.activity.track(tx, Actor.anonymous(shop.company_id), reported))


async def orders(shop: Storefront) -> None:
    """Orders that are paid, delivered and refunded, declined and expired, cancelled, and accepted unpaid."""
    await shop.stock("A", 9)
    ada, staff, order = await shop.customer(), await shop.staff(), shop.services.order
    delivered = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        await shop.run(lambda tx, to=status: order.update_status(tx, staff, delivered.id, to), staff)
    await order.refunds.refund(shop.database, staff, delivered.id)
    cancelled, manual = await shop.buy(ada, ("A", 1)), NewDiscount(amount=Decimal(1), reason="Sorry")
    await shop.run(lambda tx: order.discounts.add(tx, staff, cancelled.id, manual), staff)
    await order.cancel_order(shop.database, ada, cancelled.id)
    await sample_stock.sell_beyond(shop)
    await shop.accept(staff, await shop.buy(staff, ("A", 1)))
    await shop.run(lambda tx: order.settings.update(tx, {"accept_unpaid_up_to": None, "max_order_units": 5}, "EUR"))
    waiting = PaymentData(method=PaymentMethod.INVOICE)
    await order.process_payment(shop.database, ada, (await shop.buy(ada, ("A", 1))).id, waiting)
    expired = await shop.buy(ada, ("A", 1))
    with suppress(PaymentDeclined):
        await shop.pay(ada, expired, DECLINED)
    shop.clock.advance(HOUR)
    await order.expiry.end_unpaid(shop.database, shop.system)
    await goods_scenarios.edited_orders(shop)


async def shipping(shop: Storefront) -> None:
    """Zones, methods, profiles and carriers change, and parcels move."""
    await scenarios.shipping(shop)
    await goods_scenarios.parcels(shop)


SCENARIOS: Final[Mapping[str, Callable[[Storefront], Awaitable[None]]]] = {
    "company": scenarios.companies,
    "role": scenarios.roles,
    "ledger": scenarios.ledger,
    "auth": scenarios.users,
    "activity": activities,
    "catalog": scenarios.catalogue,
    "account": scenarios.addresses,
    "review": scenarios.reviews,
    "inventory": stock,
    "payment": payments,
    "tax": scenarios.taxes,
    "promotion": promotions,
    "shipping": shipping,
    "cart": carts,
    "order": orders,
    "returns": goods_scenarios.returned_goods,
    "notification": scenarios.notifications,
    "webhook": scenarios.webhooks,
}


def test_each_domain_with_events_has_a_scenario() -> None:
    assert SCENARIOS.keys() == {name for name, domain in domains_of().items() if domain.events}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_every_event_of_a_domain_is_emitted(shop: Storefront, name: str) -> None:
    await shop.owner.execute("delete from outbox_events")
    await SCENARIOS[name](shop)
    emitted = {row["topic"] for row in await shop.owner.fetch(TOPICS)}
    assert {event.topic for event in domains_of()[name].events} - emitted == set()
