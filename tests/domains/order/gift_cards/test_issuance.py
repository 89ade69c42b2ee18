"""Gift cards are issued when the order that sold them is paid, once, and are then delivered."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.monitoring.statement_counts import counting
from domains.order.errors import OrderTooLarge
from domains.order.models import FulfilmentStatus, OrderStatus
from domains.order.summary import OrderFacts
from domains.payment.gift_cards.models import GiftCardOrigin
from domains.payment.models import CaptureMode, PaymentStatus
from tests.domains.notification.mailbox import Mailbox
from tests.domains.order.buyers import update_statuses
from tests.domains.order.gift_cards.cards import balances, cards_of, codes_in, item_of, sold_and_not_issued
from tests.domains.order.storefront import SILENT_CHARGED, Storefront
from tests.race_runs import repeated

FULL, NONE = Decimal("25.0000"), Decimal(0)
SENT = "Gift cards sent by e-mail"


async def test_an_order_of_gift_cards_alone_is_delivered_when_it_is_paid(
    shop: Storefront, ada: Actor, mailbox: Mailbox
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))

    assert (order.status, order.fulfilment_status) == (OrderStatus.DELIVERED, FulfilmentStatus.DELIVERED)
    assert (order.total, order.tax_amount, order.shipping_cost) == (Decimal(50), NONE, NONE)
    assert order.processing_at == order.shipped_at == order.delivered_at == order.paid_at
    assert (await shop.history(order.id))[-2:] == [("PAID", None), ("DELIVERED", SENT)]
    assert (await shop.topics())[-2:] == ["order.paid", "order.completed"]
    assert await balances(shop, order) == [(FULL, False)] * 2
    item = await item_of(shop, order)
    cards = await cards_of(shop, order)
    assert [(card.origin, card.order_item_id, card.recipient_email) for card in cards] == [
        (GiftCardOrigin.ORDER, item, order.email)
    ] * 2
    (mail,) = mailbox.mails
    codes = codes_in(mailbox)
    assert (mail.to, mail.subject, len(codes)) == (order.email, "A shop: Your gift cards", 2)
    assert all(f"{code}\n€25.00\n" in mail.text for code in codes)


async def test_the_codes_are_in_the_mail_to_the_buyer_and_nowhere_else(
    shop: Storefront, ada: Actor, mailbox: Mailbox
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 2)))

    codes, reader = codes_in(mailbox), shop.database.reader(shop.company_id)
    found = [await shop.services.payment.gift_cards.by_code(reader, code) for code in codes]
    assert {card and card.id for card in found} == {card.id for card in await cards_of(shop, order)}
    stored = await shop.owner.fetchval(
        "select string_agg(g::text, ' ') || (select string_agg(payload::text, ' ') from outbox_events "
        "where company_id = $1) || (select string_agg(l::text, ' ') from payment_audit_logs l "
        "where company_id = $1) from gift_cards g where company_id = $1",
        shop.company_id,
    )
    assert [code for code in codes if code in stored or code.replace("-", "") in stored] == []


async def test_a_mixed_order_ships_its_goods_as_usual(shop: Storefront, ada: Actor, clerk: Actor) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 1), ("A", 2)))

    assert (order.status, order.fulfilment_status) == (OrderStatus.PAID, FulfilmentStatus.PARTIALLY_FULFILLED)
    assert (order.units_shipped, order.units_delivered, order.shipped_at, order.delivered_at) == (1, 1, None, None)
    assert await shop.level("A") == (7, 2)
    await update_statuses(shop, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    shipped = await shop.order(order.id)
    assert (shipped.status, shipped.units_shipped, shipped.units_delivered) == (OrderStatus.SHIPPED, 3, 1)
    assert await shop.level("A") == (7, 0)
    await update_statuses(shop, order, OrderStatus.DELIVERED)
    ended = await shop.order(order.id)
    assert (ended.status, ended.units_delivered) == (OrderStatus.DELIVERED, 3)
    assert await balances(shop, order) == [(FULL, False)]


async def test_goods_are_shipped_before_the_payment_and_gift_cards_with_it(
    shop: Storefront, ada: Actor, clerk: Actor
) -> None:
    order = await shop.accept(ada, await shop.buy(ada, ("CARD", 1), ("A", 1)))
    await update_statuses(shop, order, OrderStatus.PROCESSING, OrderStatus.SHIPPED)
    shipped = await shop.order(order.id)
    assert (shipped.status, shipped.units_shipped) == (OrderStatus.PROCESSING, 1)
    with pytest.raises(DomainError):
        await update_statuses(shop, order, OrderStatus.SHIPPED)
    with pytest.raises(DomainError):
        await shop.services.order.cancel_order(shop.database, clerk, order.id)
    await update_statuses(shop, order, OrderStatus.DELIVERED)
    assert await cards_of(shop, order) == []

    paid = await shop.run(lambda tx: shop.services.order.manual_payments.mark_paid(tx, clerk, order.id), clerk)

    assert (paid.status, paid.units_delivered) == (OrderStatus.DELIVERED, 2)
    assert await balances(shop, order) == [(FULL, False)]


async def test_an_unpaid_order_of_gift_cards_has_nothing_to_ship(shop: Storefront, ada: Actor) -> None:
    order = await shop.accept(ada, await shop.buy(ada, ("CARD", 1)))
    await update_statuses(shop, order, OrderStatus.PROCESSING)
    with pytest.raises(DomainError):
        await update_statuses(shop, order, OrderStatus.SHIPPED)
    assert OrderFacts.of(await shop.order(order.id)).shippable == 0


async def test_an_authorization_of_gift_cards_alone_is_captured_without_a_shipment(
    shop: Storefront, ada: Actor
) -> None:
    await shop.set_mode(CaptureMode.ON_SHIPMENT)
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 1)))
    assert order.status is OrderStatus.CONFIRMED

    payment = await shop.payment_of(order)
    assert (payment.status, payment.capture_requested_at is None) == (PaymentStatus.AUTHORIZED, False)
    await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)

    assert (await shop.order(order.id)).status is OrderStatus.DELIVERED
    assert await balances(shop, order) == [(FULL, False)]


async def test_the_values_of_cards_add_up_to_what_was_paid(shop: Storefront, ada: Actor, owner: Any) -> None:
    await owner.execute(
        "insert into catalog_settings (company_id, unit_price_decimals) values ($1, 4)", shop.company_id
    )
    await shop.stock("ODD", None, "9.9950", is_gift_card=True)
    order = await shop.pay(ada, await shop.buy(ada, ("ODD", 3)))
    assert order.total == Decimal("29.99")
    assert [f"{balance:.2f}" for balance, _ in await balances(shop, order)] == ["10.00", "10.00", "9.99"]


async def test_a_unit_below_the_minor_unit_is_no_gift_card(shop: Storefront, ada: Actor) -> None:
    await shop.stock("NONE", None, "0.00", is_gift_card=True)
    order = await shop.buy(ada, ("NONE", 1))
    assert (order.status, order.units_digital) == (OrderStatus.CONFIRMED, 0)


async def test_an_order_has_at_most_a_hundred_gift_cards(shop: Storefront, ada: Actor) -> None:
    await shop.stock("OTHER", None, "5.00", is_gift_card=True)
    await shop.fill(ada, ("CARD", 60), ("OTHER", 41))
    with pytest.raises(OrderTooLarge) as refusal:
        await shop.place(ada)
    assert "100 gift cards" in refusal.value.message


async def test_a_hundred_gift_cards_are_issued_at_once(shop: Storefront, ada: Actor) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 100)))
    assert await balances(shop, order) == [(FULL, False)] * 100


@repeated
async def test_an_order_that_is_found_paid_several_times_at_once_issues_its_cards_once(
    shop: Storefront, ada: Actor, mailbox: Mailbox, run: int
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("CARD", 3)), SILENT_CHARGED)
    payment = await shop.payment_of(order)
    mailbox.mails.clear()

    look_up = shop.services.order.reconciliation.look_up
    await asyncio.gather(*(look_up(shop.database, shop.system, payment) for _ in range(5)))

    assert (await shop.order(order.id)).status is OrderStatus.DELIVERED
    assert await balances(shop, order) == [(FULL, False)] * 3
    assert len(set(codes_in(mailbox))) == len(codes_in(mailbox)) == 3
    assert await sold_and_not_issued(shop) == 0


async def test_a_purchase_without_gift_cards_needs_no_statement_for_them(shop: Storefront, ada: Actor) -> None:
    order = await shop.buy(ada, ("A", 1))
    with counting() as plain:
        await shop.pay(ada, order)
    order = await shop.buy(ada, ("CARD", 1))
    with counting() as counted:
        await shop.pay(ada, order)
    assert counted.data - plain.data == 4
