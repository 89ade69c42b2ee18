"""Each change that a channel is about has an event of the channel, in the transaction of the change."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import pytest

from domains.auth.models import Origin
from domains.cart.events import CartChanged
from domains.cart.models import CartRef, NewLine
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.order.models import OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.payment.errors import PaymentDeclined
from gateway.graphql.inventory.subscriptions import STOCK
from gateway.graphql.order.subscriptions import ORDER_STATUS
from gateway.live.channels import Channel
from tests.domains.notification.mailbox import Mailbox, watched
from tests.domains.order.storefront import DECLINED, SILENT_CHARGED, SILENT_UNCHARGED, Storefront
from tests.gateway.live.changed_rows import ChangedRows
from tests.gateway.messaging import test_emitted_events as emitted
from tests.gateway.people import personal_data
from tests.gateway.site import services_of

CARTS: Final = Channel("cart", {CartChanged: itemgetter("cart_id")})
HOME: Final = Origin(ip="192.0.2.1", user_agent=None)
S = OrderStatus


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def shop(database: Database, clock: FixedClock, company: UUID, owner: Any, mailbox: Mailbox) -> Storefront:
    return Storefront(services_of(clock, database, mailbox), watched(database, mailbox), clock, company, owner)


@pytest.fixture
async def changed(shop: Storefront) -> AsyncIterator[ChangedRows]:
    await shop.owner.execute("delete from outbox_events")
    async with ChangedRows.recorded(shop.owner) as made:
        yield made


async def reconcile(shop: Storefront) -> None:
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)


async def unusual_payments(shop: Storefront) -> None:
    """Authorized and captured later, authorized and cancelled, declined after an acceptance, or never answered."""
    await shop.stock("UNUSUAL", 20)
    ada, staff, order = await shop.customer(), await shop.staff(), shop.services.order
    payment = shop.services.payment
    orders = [await shop.buy(ada, ("UNUSUAL", 1)) for _ in range(6)]
    for each in orders[:2]:
        await shop.authorize(ada, each)
    held = await shop.payment_of(orders[0])
    await shop.run(lambda tx: payment.request_capture(tx, held.id))
    await order.cancel_order(shop.database, ada, orders[1].id)
    await shop.accept(ada, orders[2])
    with suppress(PaymentDeclined):
        await shop.pay(ada, orders[2], DECLINED)
    await shop.accept(ada, orders[3])
    await shop.pay(ada, orders[3], SILENT_UNCHARGED)
    await shop.pay(ada, orders[4], SILENT_CHARGED)
    await shop.accept(ada, orders[5])
    await shop.pay(ada, orders[5], SILENT_CHARGED)
    await reconcile(shop)
    await reconcile(shop)
    await order.refunds.refund(shop.database, staff, orders[4].id, NewRefund(amount=Decimal(1)))


async def test_every_change_of_an_order_has_an_event(shop: Storefront, changed: ChangedRows) -> None:
    await emitted.orders(shop)
    await unusual_payments(shop)
    statuses = await shop.owner.fetch(
        "select distinct to_status, o.payment_status from order_status_history h "
        "join orders o on o.id = h.order_id where o.company_id = $1",
        shop.company_id,
    )
    assert {row[0] for row in statuses} == {each.value for each in S}
    assert {row[1] for row in statuses} == {each.value for each in OrderPaymentStatus} - {
        "CHARGED_BACK",
        "PARTIALLY_PAID",
        "AUTHORIZED",
    }
    assert await changed.of("order") - await changed.told(ORDER_STATUS) == set()


async def test_every_change_of_stock_has_an_event(shop: Storefront, changed: ChangedRows) -> None:
    await emitted.stock(shop)
    await unusual_payments(shop)
    found = await changed.of("stock")
    assert {key for _, key in found} == {"A", "B", "C", "UNUSUAL"}
    assert found - await changed.told(STOCK) == set()


async def every_change_of_a_cart(shop: Storefront, mailbox: Mailbox) -> None:
    """Lines are added, changed, accepted at a new price, removed and merged; codes and an address are added."""
    cart, guest = shop.services.cart, Actor.anonymous(shop.company_id)
    first, second = await shop.stock("A", 9), await shop.stock("B", 9)
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    token = await shop.fill(guest, ("A", 1), ("B", 2), ("A", 1))
    ref, reader = CartRef.of_token(token), shop.database.reader(shop.company_id)
    (contents,) = await cart.contents(reader, [await cart.get_cart(reader, ref)])
    one, two = (line.id for line in contents.lines)
    await shop.run(lambda tx: cart.update_item_quantity(tx, ref, one, 5), guest)
    await shop.run(lambda tx: shop.services.catalog.update_product(tx, first.id, {"base_price": Decimal(3)}))
    await shop.run(lambda tx: cart.items.accept_prices(tx, ref), guest)
    await shop.run(lambda tx: cart.remove_item(tx, ref, two), guest)
    await shop.database.run_statement(lambda tx: cart.apply_promotion(tx, ref, "TEN"), guest)
    promotion_id = (await cart.contents(reader, [contents.cart]))[0].promotion_ids[0]
    await shop.run(lambda tx: cart.promotions.remove(tx, ref, promotion_id), guest)
    await shop.database.run_statement(lambda tx: cart.apply_promotion(tx, ref, "TEN"), guest)
    await cart.emails.request_code(shop.database, guest, HOME, ref, "ada@example.com")
    await cart.emails.confirm(shop.database, guest, HOME, ref, mailbox.last("ada@example.com").code)
    await shop.run(lambda tx: cart.clear_cart(tx, ref), guest)
    lines = [NewLine(second.id, None, 1), NewLine(first.id, None, 1)]
    await shop.run(lambda tx: cart.sync_from_local_storage(tx, ref, lines), guest)
    ada = await shop.customer()
    await shop.run(lambda tx: cart.items.merge(tx, CartRef.of(ada, None), guest_token=token), ada)
    await shop.place(ada)


async def test_every_change_of_a_cart_has_an_event_and_nothing_else_has(
    shop: Storefront, changed: ChangedRows, mailbox: Mailbox
) -> None:
    await every_change_of_a_cart(shop, mailbox)
    found = await changed.of("cart")
    assert len(found) == 15
    assert await changed.told(CARTS) == found


async def test_the_deleted_carts_of_a_merged_and_erased_person_have_events(
    shop: Storefront, changed: ChangedRows
) -> None:
    await shop.stock("A", 9)
    kept, duplicate = await shop.customers(2)
    for each in (kept, duplicate):
        await shop.fill(each, ("A", 1))
    emails = {row["id"]: row["email"] for row in await shop.owner.fetch("select id, email from users")}
    before = len(await changed.of("cart"))
    await personal_data(shop).merge(emails[duplicate.user_id], emails[kept.user_id])
    await personal_data(shop).erase(emails[kept.user_id])
    found = await changed.of("cart")
    assert (before, len(found)) == (2, 5)
    assert await changed.told(CARTS) == found
