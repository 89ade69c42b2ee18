"""Whatever happens in a shop, the cache answers as the database does: at once where it happened, then everywhere."""

from typing import Any, Final

import pytest

from gateway.answers.changed_tags import CHANGES, SETTINGS
from gateway.services import domains_of
from tests.domains.order.storefront import Storefront
from tests.gateway.answers.questions import Questions, answers_of
from tests.gateway.answers.shops import Server
from tests.gateway.messaging.test_emitted_events import SCENARIOS

DONE: Final = ("created", "updated", "deleted")
# Events of which no public answer shows anything, with what they are about.
UNSHOWN: Final = {
    "price.changed": "product.updated comes with it",
    **dict.fromkeys(
        ("inventory.stock_changed", "inventory.back_in_stock", "inventory.low_stock"),
        "inventory.adjusted, reserved or released comes with it",
    ),
    "inventory.sold": "units that were reserved before",
    **dict.fromkeys(
        (
            "stock_transfer.created",
            "stock_transfer.updated",
            "stock_transfer.shipped",
            "stock_transfer.received",
            "stock_transfer.cancelled",
            "stock_take.started",
            "stock_take.completed",
            "stock_take.cancelled",
            "purchase_order.created",
            "purchase_order.placed",
            "purchase_order.received",
            "purchase_order.cancelled",
            "inventory.out_of_stock",
            "inventory.overstocked",
            "inventory.stale",
        ),
        "staff; inventory.adjusted comes with units that move",
    ),
    **dict.fromkeys(("role.created", "role.updated", "role.deleted"), "staff"),
    **dict.fromkeys(
        (
            "user.registered",
            "user.invited",
            "user.password_changed",
            "user.email_changed",
            "user.email_confirmed",
            "user.logged_in",
            "user.session_ended",
            "user.session_family_ended",
            "user.role_assigned",
            "user.disabled",
            "user.enabled",
            "user.address_added",
            "user.address_changed",
            "user.address_deleted",
            "user.address_changed_by_staff",
        ),
        "accounts",
    ),
    **dict.fromkeys(("cart.changed", "cart.item_added", "cart.abandoned"), "carts"),
    **dict.fromkeys(
        ("notification.sent", "notification.failed", "user.email_requested", "gift_card.email_requested"),
        "e-mails",
    ),
    **dict.fromkeys(
        (f"announcement.{done}" for done in ("created", "sent", "cancelled")), "e-mails, which staff see"
    ),
    **dict.fromkeys(
        ("notification.preferences_updated", "notification.suppression_created", "notification.suppression_lifted"),
        "choices, which their user and staff see",
    ),
    **dict.fromkeys(
        (f"webhook_endpoint.{done}" for done in (*DONE, "enabled", "disabled")),
        "webhooks, which staff see",
    ),
    "activity.recorded": "activities",
    "tax_rates.imported": "taxes, which staff see",
    **dict.fromkeys((f"tax_{each}.{done}" for each in ("class", "rate") for done in DONE), "taxes, which staff see"),
    **dict.fromkeys(
        (f"shipping_{each}.{done}" for each in ("zone", "method", "profile") for done in DONE),
        "shipping, which carts show",
    ),
    "inventory.backorder_allocated": "inventory.reserved comes with it",
    **dict.fromkeys((f"{each}.{done}" for each in ("warehouse", "carrier") for done in DONE), "staff"),
    **dict.fromkeys(
        (f"shipment.{done}" for done in ("created", "updated", "dispatched", "divided", "cancelled")),
        "staff, and the buyers of orders",
    ),
    **dict.fromkeys(
        ("shipment.tracked", "shipment.status_changed", "shipment.received_back"), "orders, which are private"
    ),
    **dict.fromkeys(("shipping_label.purchased", "shipping_label.voided", "parcel.tracked"), "staff"),
    **dict.fromkeys(("promotion.segment_created", "promotion.segment_updated", "promotion.segment_deleted"), "staff"),
    **dict.fromkeys(
        (
            "gift_card.issued",
            "gift_card.updated",
            "gift_card.disabled",
            "gift_card.enabled",
            "gift_card.balance_adjusted",
            "gift_card.expired",
            "store_credit.adjusted",
            "ledger.adjusted",
        ),
        "staff, and the owners of gift cards and store credit",
    ),
    **dict.fromkeys(
        ("coupon.created", "coupon.updated", "coupon.deleted", "coupon.codes_created", "coupon.exhausted"), "staff"
    ),
}
PRIVATE: Final = ("order.", "payment.", "return.")


def test_each_event_changes_answers_or_shows_in_none() -> None:
    topics = {event.topic for domain in domains_of().values() for event in domain.events}
    unknown = {
        topic
        for topic in topics - CHANGES.keys() - UNSHOWN.keys()
        if not topic.endswith(SETTINGS) and not topic.startswith(PRIVATE)
    }
    assert unknown == set()
    assert set(UNSHOWN) | set(CHANGES) <= topics


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_cache_answers_as_the_database_does(
    servers: list[Server],
    storefront: Storefront,
    asked: Questions,
    pool: Any,
    relay_pool: Any,
    name: str,
) -> None:
    here, there = servers
    for server in servers:
        await server.changes.read()
        await answers_of(server, asked)
        states = {each: (await server.ask(query, **variables))[0] for each, (query, variables) in asked.items()}
        assert set(states.values()) == {"hit"}, states
    await SCENARIOS[name](storefront)
    without = Server(pool, relay_pool, storefront.company_id, storefront.clock)
    expected = await answers_of(without, asked)
    assert await answers_of(here, asked) == expected
    await there.changes.read()
    assert await answers_of(there, asked) == expected


async def test_each_step_of_a_product_is_seen(
    servers: list[Server], storefront: Storefront, asked: Questions, owner: Any
) -> None:
    here, there = servers
    services, customer = storefront.services, await storefront.customer()
    product = storefront.products["SHOWN"]
    query, variables = asked["a product's stock"]

    async def stock_at(server: Server) -> bytes:
        return (await server.ask(query, **variables))[1]

    for server in servers:
        await stock_at(server)
    order = await storefront.buy(customer, ("SHOWN", 1))
    assert b'"stock":2' in await stock_at(here)
    assert b'"stock":3' in await stock_at(there)
    await there.changes.read()
    assert b'"stock":2' in await stock_at(there)
    await services.order.cancel_order(storefront.database, customer, order.id)
    assert b'"stock":3' in await stock_at(here)
    await storefront.run(lambda tx: services.catalog.delete_product(tx, product.id))
    assert b'"product":null' in await stock_at(here)
