"""Events that an earlier version stored in the outbox are still known and handled.

`STORED` holds a payload of every event as the outbox stores it. Payloads are only added: a new version of an event
gets an entry of its own, and the old one stays until no outbox can hold it any more.
"""

from dataclasses import fields
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.events import Envelope, Event
from domains.kernel.ids import new_id
from gateway.bootstrap import register_handlers
from gateway.messaging.event_emitter import EventEmitter
from gateway.services import domains_of
from tests.domains.notification.mailbox import Mailbox, watched
from tests.domains.order.storefront import Storefront
from tests.gateway.messaging.samples_of_events import stored_tenders as stored
from tests.gateway.messaging.samples_of_events.stored_shipments import INVOICES, RETURNS, SHIPMENTS
from tests.gateway.site import services_of

# The ids of what is there; any other id is of nothing that is there any more.
COMPANY, USER, PRODUCT, ORDER = "the company", "the user", "the product", "the order"
GONE: Final = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
NUMBER: Final = "2026-000042"
BUYERS: Final = ["notification.orders"]
STAFF: Final = ["notification.staff"]
PURCHASES: Final = [*BUYERS, "order.purchases"]
LINE: Final = {"sku": "A", "product_id": PRODUCT, "quantity": 2}
NEWSLETTER: Final = ["notification.newsletter"]
NOTICES: Final = ["notification.account_notices"]
SESSIONS: Final = [*NOTICES, "notification.push_devices"]
STOCK: Final = ["inventory.stock-projection"]
ALERTS: Final = ["notification.product_alerts"]

# topic, version, payload, the subscriptions that take it in
STORED: Final[list[tuple[str, int, dict[str, Any], list[str]]]] = [
    ("company.created", 1, {"company_id": COMPANY, "name": "A shop", "slug": "a-shop"}, []),
    ("company.updated", 1, {"company_id": COMPANY, "changed": ["name"]}, []),
    ("company.deactivated", 1, {"company_id": COMPANY}, []),
    ("company.activated", 1, {"company_id": COMPANY}, []),
    *stored.TAXES,
    *stored.SHIPPING,
    ("inventory.settings_updated", 1, {"company_id": COMPANY, "changed": ["allocation_strategy"]}, []),
    ("catalog.settings_updated", 1, {"company_id": COMPANY, "changed": ["unit_price_decimals"]}, []),
    ("cart.settings_updated", 1, {"company_id": COMPANY, "changed": ["max_line_units"]}, []),
    ("ledger.adjusted", 1, {"entry_id": GONE, "order_id": ORDER, "reversed_entry_id": None}, []),
    ("activity.recorded", 1, {"activity_ids": [GONE]}, []),
    *stored.CARTS,
    ("order.settings_updated", 1, {"company_id": COMPANY, "changed": ["guest_checkout"]}, []),
    ("payment.settings_updated", 1, {"company_id": COMPANY, "changed": ["card_payments"]}, []),
    ("payment.account_updated", 1, {"company_id": COMPANY, "provider": "STRIPE", "changed": ["secret_key"]}, []),
    *(
        (
            topic,
            1,
            {"user_id": USER, "payment_method_id": GONE, "provider": "STRIPE", "type": "CARD"},
            [],
        )
        for topic in ("payment.method_saved", "payment.method_removed")
    ),
    *stored.TENDERS,
    *stored.NOTIFICATIONS,
    *stored.DOCUMENTS,
    ("role.created", 1, {"role_id": GONE, "code": "PACKER", "name": "Packer"}, []),
    ("role.updated", 1, {"role_id": GONE, "role_version": 2, "changed": ["permissions"]}, []),
    ("role.deleted", 1, {"role_id": GONE, "code": "PACKER"}, []),
    (
        "user.registered",
        1,
        {"user_id": USER, "email": "welcome@example.com", "first_name": "Ada"},
        [*NOTICES, *NEWSLETTER],
    ),
    ("user.invited", 1, {"user_id": USER, "email": "ada@example.com", "role_id": GONE}, []),
    ("user.updated", 1, {"user_id": USER, "changed": ["first_name"]}, []),
    ("user.password_changed", 1, {"user_id": USER, "email": "password@example.com", "was_reset": False}, NOTICES),
    (
        "user.email_changed",
        1,
        {"user_id": USER, "old_email": "old@example.com", "new_email": "new@example.com"},
        NOTICES,
    ),
    ("user.session_family_ended", 1, {"user_id": USER, "session_id": GONE, "email": "session@example.com"}, SESSIONS),
    ("user.email_confirmed", 1, {"user_id": USER, "newsletter_subscribed": True}, NEWSLETTER),
    ("user.logged_in", 1, {"user_id": USER, "session_id": GONE}, []),
    ("user.session_ended", 1, {"user_id": USER, "session_id": None, "end_reason": "PASSWORD_RESET"}, SESSIONS[1:]),
    ("user.address_added", 1, {"user_id": USER, "address_id": GONE}, []),
    ("user.address_changed", 1, {"user_id": USER, "address_id": GONE}, []),
    ("user.address_deleted", 1, {"user_id": USER, "address_id": GONE}, []),
    ("user.role_assigned", 1, {"user_id": USER, "role_id": GONE, "platform": False}, NOTICES),
    ("user.address_changed_by_staff", 1, {"user_id": USER, "address_id": GONE, "was_deleted": True}, NOTICES),
    ("user.disabled", 1, {"user_id": USER, "platform": False}, SESSIONS),
    ("user.erased", 1, {"user_id": USER, "platform": True}, []),
    ("user.merged", 1, {"user_id": USER, "into_user_id": USER}, []),
    ("user.enabled", 1, {"user_id": USER, "platform": False}, NOTICES),
    ("product.created", 1, {"product_id": PRODUCT, "slug": "tea"}, STOCK),
    ("product.updated", 1, {"product_id": PRODUCT, "fields": ["sku"]}, STOCK),
    ("product.deleted", 1, {"product_id": PRODUCT}, []),
    (
        "price.changed",
        1,
        {
            "product_id": PRODUCT,
            "currency": "EUR",
            "prices": [{"variant_id": None, "sku": "A", "old_price": "10.00", "new_price": "9.50"}],
        },
        ALERTS,
    ),
    ("product.availability_changed", 1, {"in_stock": [PRODUCT], "out_of_stock": [GONE]}, []),
    ("category.changed", 1, {"category_id": GONE}, []),
    ("category.deleted", 1, {"category_id": GONE}, []),
    ("review.created", 1, {"review_id": GONE, "product_id": PRODUCT, "rating": 5}, []),
    (
        "review.updated",
        1,
        {"review_id": GONE, "product_id": PRODUCT, "rating": 4, "changed": ["rating", "title"]},
        [],
    ),
    ("review.moderated", 1, {"review_id": GONE, "product_id": PRODUCT, "status": "HIDDEN"}, []),
    ("review.deleted", 1, {"review_id": GONE, "product_id": PRODUCT}, []),
    (
        "inventory.stock_changed",
        1,
        {"first_item_id": GONE, "product_ids": [PRODUCT, GONE], "skus": ["A", "B"]},
        STOCK,
    ),
    (
        "inventory.back_in_stock",
        1,
        {"first_item_id": GONE, "items": [{"sku": "A", "product_id": PRODUCT, "variant_id": None}]},
        ALERTS,
    ),
    (
        "inventory.adjusted",
        1,
        {
            "first_item_id": GONE,
            "movement_type": "PURCHASE",
            "items": [{"sku": "A", "change": 5, "available": 7}],
        },
        [],
    ),
    (
        "inventory.adjusted",
        1,
        {
            "first_item_id": GONE,
            "movement_type": "PURCHASE",
            "items": [{"sku": "A", "product_id": PRODUCT, "change": 5, "available": 7}],
        },
        [],
    ),
    ("inventory.reserved", 1, {"order_id": ORDER, "lines": [{"sku": "A", "quantity": 2}]}, []),
    ("inventory.reserved", 1, {"order_id": ORDER, "lines": [LINE]}, []),
    ("inventory.released", 1, {"order_id": ORDER, "lines": [{"sku": "A", "quantity": 2}]}, []),
    ("inventory.released", 1, {"order_id": ORDER, "lines": [LINE]}, []),
    ("inventory.sold", 1, {"order_id": ORDER, "lines": [{"sku": "A", "quantity": 2}]}, []),
    ("inventory.sold", 1, {"order_id": ORDER, "lines": [LINE]}, []),
    ("inventory.low_stock", 1, {"first_item_id": GONE, "skus": ["A"]}, STAFF),
    *stored.BACKORDERS,
    *SHIPMENTS,
    *RETURNS,
    *INVOICES,
    *stored.DISCOUNTS,
    (
        "order.created",
        1,
        {
            "order_id": ORDER,
            "order_number": NUMBER,
            "user_id": None,
            "email": "g@example.com",
            "total": "10.00",
            "currency": "EUR",
        },
        [*BUYERS, *STAFF],
    ),
    ("order.confirmed", 1, {"order_id": ORDER, "order_number": NUMBER, "payment_method": None}, []),
    (
        "order.awaits_acceptance",
        1,
        {
            "order_id": ORDER,
            "order_number": NUMBER,
            "payment_method": "INVOICE",
            "accept_until": "2026-11-28T12:00:00+00:00",
        },
        [],
    ),
    (
        "order.paid",
        1,
        {
            "order_id": ORDER,
            "order_number": NUMBER,
            "payment_id": GONE,
            "user_id": USER,
            "product_ids": [PRODUCT],
            "total": "10.00",
            "currency": "EUR",
        },
        PURCHASES,
    ),
    ("order.payment_started", 1, {"order_id": ORDER, "order_number": NUMBER, "payment_id": GONE}, []),
    ("order.payment_declined", 1, {"order_id": ORDER, "order_number": NUMBER, "payment_id": GONE}, []),
    (
        "order.status_changed",
        1,
        {
            "order_id": ORDER,
            "order_number": NUMBER,
            "from_status": "PROCESSING",
            "to_status": "SHIPPED",
            "tracking_number": "RM 1 GB",
        },
        [],
    ),
    (
        "order.cancelled",
        1,
        {"order_id": GONE, "order_number": NUMBER, "reason": None, "was_paid": True},
        PURCHASES,
    ),
    ("order.failed", 1, {"order_id": ORDER, "order_number": NUMBER}, BUYERS),
    (
        "order.refunded",
        1,
        {
            "order_id": GONE,
            "order_number": NUMBER,
            "refund_id": GONE,
            "amount": "10.00",
            "currency": "EUR",
            "is_whole": True,
        },
        PURCHASES,
    ),
    (
        "order.completed",
        1,
        {"order_id": ORDER, "order_number": NUMBER, "user_id": USER, "total": "10.00", "currency": "EUR"},
        ["notification.review_requests"],
    ),
    *(
        (
            topic,
            1,
            {
                "payment_id": GONE,
                "order_id": ORDER,
                "amount": "10.0000",
                "currency": "EUR",
                "provider": "MOCK",
                "method": "CARD",
                "failure_reason": reason,
            },
            handlers,
        )
        for topic, reason, handlers in (
            ("payment.authorized", None, []),
            ("payment.captured", None, []),
            ("payment.failed", "INSUFFICIENT_FUNDS", BUYERS),
            ("payment.cancelled", None, []),
            ("payment.capture_failed", "PROVIDER_ERROR", BUYERS),
            ("payment.authorization_expired", None, BUYERS),
        )
    ),
    *(
        (
            topic,
            1,
            {"payment_id": GONE, "order_id": ORDER, "amount": "4.0000", "currency": "EUR", "refund_id": GONE},
            handlers,
        )
        for topic, handlers in (
            ("payment.refunded", ["returns.refunds"]),
            ("payment.refund_failed", ["order.gift-cards-of-failed-refunds", "returns.refunds"]),
        )
    ),
    *(
        (
            topic,
            1,
            {"payment_id": GONE, "order_id": ORDER, "amount": "4.0000", "currency": "EUR", "provider": "STRIPE"},
            [],
        )
        for topic in ("payment.charged_back", "payment.chargeback_reversed")
    ),
]
EVENTS: Final[dict[str, type[Event]]] = {
    event.topic: event for domain in domains_of().values() for event in domain.events
}


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def shop(database: Database, clock: FixedClock, company: UUID, owner: Any, mailbox: Mailbox) -> Storefront:
    return Storefront(services_of(clock, database, mailbox), watched(database, mailbox), clock, company, owner)


@pytest.fixture
def emitter(shop: Storefront) -> EventEmitter:
    made = EventEmitter(shop.database)
    register_handlers(made, shop.services)
    return made


@pytest.fixture
async def ids(shop: Storefront) -> dict[str, str]:
    """What the stored events are about: a customer, and their paid order of a product."""
    product, ada = await shop.stock("A", 5), await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    found = {COMPANY: shop.company_id, USER: ada.user_id, PRODUCT: product.id, ORDER: order.id}
    return {name: str(value) for name, value in found.items()}


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A payload with the ids of existing objects."""
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, ids) for name, each in value.items()}
    return ids.get(value, value) if isinstance(value, str) else value


def envelope(shop: Storefront, topic: str, version: int, payload: dict[str, Any]) -> Envelope:
    written = shop.database.clock.now() - timedelta(hours=1)
    return Envelope(new_id(), topic, version, shop.company_id, new_id(), 1, "SYSTEM", None, written, payload)


def test_every_event_version_has_a_stored_example() -> None:
    missing = {(topic, event.version) for topic, event in EVENTS.items()} - {
        (topic, version) for topic, version, _, _ in STORED
    }
    assert missing == set(), "add a payload of the new event, or of the new version, to STORED"


@pytest.mark.parametrize(
    ("topic", "version", "payload"), [each[:3] for each in STORED], ids=lambda part: str(part)[:30]
)
def test_a_stored_event_has_a_known_topic_and_fields(topic: str, version: int, payload: dict[str, Any]) -> None:
    event = EVENTS[topic]
    assert version <= event.version
    if version == event.version:
        assert payload.keys() <= {field.name for field in fields(event)}


@pytest.mark.parametrize(("topic", "version", "payload", "names"), STORED, ids=[each[0] for each in STORED])
async def test_a_stored_event_is_handled_once(
    shop: Storefront,
    emitter: EventEmitter,
    ids: dict[str, str],
    topic: str,
    version: int,
    payload: dict[str, Any],
    names: list[str],
) -> None:
    event = envelope(shop, topic, version, filled(payload, ids))
    for _ in range(2):
        await emitter.emit(event)
    taken_in = await shop.owner.fetch(
        "select handler from inbox_entries where event_id = $1 order by handler", event.id
    )
    assert [row["handler"] for row in taken_in] == names


async def test_stored_events_have_their_effects(
    shop: Storefront, emitter: EventEmitter, ids: dict[str, str], mailbox: Mailbox
) -> None:
    before = len(mailbox.mails)
    for topic, version, payload, _ in STORED:
        await emitter.emit(envelope(shop, topic, version, filled(payload, ids)))
    account = await shop.owner.fetchval("select email from users where id = $1", UUID(ids[USER]))
    waiting = "select id, kind, metadata from notifications where company_id = $1 and type = 'EMAIL' and status = $2"
    rows = await shop.owner.fetch(waiting + " order by id", shop.company_id, "PENDING")
    of_orders = [row["kind"] for row in rows if "order_id" in row["metadata"]]
    assert of_orders == ["ORDER_EDITED", "INVOICE_ISSUED", "ORDER_PLACED", "REVIEW_REQUEST"]  # it is paid
    for row in rows:
        if row["kind"] in of_orders:
            continue
        await shop.services.notification.delivery.send(shop.database, shop.company_id, row["id"], 1)
    recipients = [mail.to for mail in mailbox.mails[before:]]
    assert recipients == [
        *("cards@example.com", "code@example.com"),
        *("welcome@example.com", "password@example.com", "old@example.com", "session@example.com"),
        *[account] * 4,
    ]
    bought = await shop.owner.fetch(
        "select user_id::text, product_id::text from product_purchases where company_id = $1", shop.company_id
    )
    assert [tuple(row) for row in bought] == [(ids[USER], ids[PRODUCT])]
