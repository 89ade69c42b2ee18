"""What is stored about a person: exported, erased from every table, and merged into another account."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from domains.auth.errors import LastSuperAdministrator
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import Busy, NotFound, Unauthenticated
from domains.kernel.events import Envelope
from domains.order.errors import OrdersOpen
from domains.order.payments.refund_lines import NewRefund
from gateway.personal_data import NoPersonalData
from tests.conftest import make_company
from tests.domains.actors import CUSTOMER_ID, SUPER_ADMIN_ID, make_membership
from tests.domains.notification.mailbox import Mailbox
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import personal_data
from tests.gateway.site import services_of
from tests.race_runs import repeated

# Rows that keep the id of an erased user: ledgers, and what is anonymous without the user's row.
KEEP_THE_ID = {
    *("users", "orders", "order_status_history", "stock_movements", "refunds", "payment_audit_logs", "outbox_events"),
    "notifications",
    "payment_methods",  # until the provider has deleted them
    *("idempotency_keys", "reviews", "review_votes", "product_purchases", "promotion_uses", "buyer_orders"),
    "coupon_usages",
}
AUTHORS = (
    *("erase_order_authors", "erase_stock_authors", "erase_payment_audit_users", "erase_ledger_users"),
    *("erase_shipment_authors", "erase_return_authors"),
)
IDENTIFYING = {
    *("users", "memberships", "user_sessions", "verification_codes", "password_reset_tokens", "registrations"),
    *("activity_logs", "addresses", "buyer_orders", "reviews", "review_votes", "product_purchases"),
    *("coupon_usages", "customer_segment_members"),
    *("notifications", "notification_preferences", "notification_profiles", "notification_suppressions"),
    "push_devices",
    *("promotion_uses", "carts", "cart_email_codes", "orders", "order_search", "order_addresses"),
    *("order_status_history", "outbox_events", "idempotency_keys", "refunds", "payment_methods"),
}


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


async def company_of(shop: Storefront) -> Company:
    found: Company = await shop.services.company.current(shop.database.reader(shop.company_id))
    return found


async def figures(shop: Storefront) -> list[tuple[Any, ...]]:
    rows = await shop.owner.fetch(
        "select o.order_number, o.status, o.total, o.amount_captured, o.amount_refunded, o.created_at, a.country, "
        "(select count(*) from order_status_history h where h.order_id = o.id), "
        "(select sum(i.total_price) from order_items i where i.order_id = o.id), "
        "(select sum(p.amount) from payments p where p.order_id = o.id) "
        "from orders o join order_addresses a on a.id = o.shipping_address_id where o.company_id = $1 order by o.id",
        shop.company_id,
    )
    return [tuple(row) for row in rows]


async def test_no_row_of_any_table_identifies_an_erased_person(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    traces, user = subject.traces, [f"%{subject.user_id}%"]
    assert await people.tables_with(shop.owner, [*traces, *user]) >= IDENTIFYING
    before = await figures(shop)
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, traces) == set()
    assert await people.tables_with(shop.owner, user) <= KEEP_THE_ID
    assert await figures(shop) == before
    cards = "select count(*) from payments where company_id = $1 and num_nonnulls(card_last_4, card_fingerprint) > 0"
    assert await shop.owner.fetchval(cards, shop.company_id) == 0
    places = await shop.owner.fetch(
        "select distinct city, postal_code, country from order_addresses where company_id = $1", shop.company_id
    )
    assert [tuple(place) for place in places] == [("Erased", "", "GB")]


async def test_a_second_erasure_finds_nothing_and_changes_nothing(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    await personal_data(shop).erase(subject.email)
    state = "select md5(string_agg(t::text, '' order by t::text)) from {} t"
    names = await people.tables(shop.owner)
    before = [await shop.owner.fetchval(state.format(f'"{name}"')) for name in names]
    with pytest.raises(NoPersonalData):
        await personal_data(shop).erase(subject.email)
    assert [await shop.owner.fetchval(state.format(f'"{name}"')) for name in names] == before


async def test_an_erased_user_has_no_access_and_the_address_is_free(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    await personal_data(shop).erase(subject.email)
    row = await shop.owner.fetchrow("select * from users where id = $1", subject.user_id)
    assert (row["email"], row["first_name"], row["is_active"]) == (
        f"erased-{subject.user_id}@erased.invalid",
        "",
        False,
    )
    assert await shop.owner.fetchval("select count(*) from user_sessions where user_id = $1", subject.user_id) == 0
    await people.register(shop, subject.email)


async def test_an_erasure_is_an_event(shop: Storefront) -> None:
    subject = await people.register(shop)
    await personal_data(shop).erase(subject.email)
    row = await shop.owner.fetchrow(
        "select company_id, payload from outbox_events where topic = 'user.erased' and aggregate_id = $1",
        subject.user_id,
    )
    assert (row["company_id"], row["payload"]) == (None, {"user_id": str(subject.user_id), "platform": True})


async def test_a_guest_is_erased_by_the_address_of_the_orders(shop: Storefront) -> None:
    guest = people.guest(shop)
    await shop.stock("A", 5)
    await people.delivered_order(shop, guest, email=guest.email)
    await personal_data(shop).erase(guest.email)
    assert await people.tables_with(shop.owner, guest.traces) == set()
    row = await shop.owner.fetchrow("select * from orders where company_id = $1", shop.company_id)
    assert (row["user_id"], row["guest_token_hash"], row["notes"]) == (None, None, None)


@pytest.mark.parametrize("paid", [False, True])
async def test_a_person_with_an_open_order_is_not_erased(shop: Storefront, paid: bool) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    order = await shop.buy(subject.actor, ("A", 1))
    if paid:
        await shop.pay(subject.actor, order)
    with pytest.raises(OrdersOpen) as refused:
        await personal_data(shop).erase(subject.email)
    assert refused.value.numbers == [order.order_number]
    assert await people.tables_with(shop.owner, [f"%{subject.email}%"]) >= {"users", "orders"}


async def test_a_person_who_owes_a_delivered_order_is_not_erased(shop: Storefront) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    order = await shop.buy(subject.actor, ("A", 1))
    await shop.accept(subject.actor, order)
    await people.deliver(shop, order)
    with pytest.raises(OrdersOpen, match=order.order_number):
        await personal_data(shop).erase(subject.email)
    staff = await shop.staff()
    await shop.run(lambda tx: shop.services.order.manual_payments.mark_paid(tx, staff, order.id), staff)
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()


async def test_the_last_super_administrator_is_not_erased(shop: Storefront) -> None:
    subject = await people.register(shop)
    await shop.owner.execute("update users set is_active = false where role_id = $1", SUPER_ADMIN_ID)
    await shop.owner.execute("update users set role_id = $2 where id = $1", subject.user_id, SUPER_ADMIN_ID)
    with pytest.raises(LastSuperAdministrator):
        await personal_data(shop).erase(subject.email)
    other = await people.register(shop)
    await shop.owner.execute("update users set role_id = $2 where id = $1", other.user_id, SUPER_ADMIN_ID)
    await personal_data(shop).erase(subject.email)
    with pytest.raises(LastSuperAdministrator):
        await personal_data(shop).merge(other.email, (await people.register(shop)).email)
    await shop.owner.execute("update users set role_id = $2 where id = $1", other.user_id, CUSTOMER_ID)


async def test_a_company_erases_its_own_data_alone(shop: Storefront, owner: Any) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    other = Storefront(shop.services, shop.database, shop.clock, await make_company(owner), owner)
    elsewhere = replace(subject, actor=replace(subject.actor, company_id=other.company_id))
    await make_membership(owner, other.company_id, subject.user_id, CUSTOMER_ID)
    await other.stock("A", 5)
    await people.delivered_order(other, elsewhere)
    await people.add_address(owner, elsewhere)
    kept = await personal_data(shop).export(subject.email, await company_of(other))
    await personal_data(shop).erase(subject.email, await company_of(shop))
    found = await personal_data(shop).export(subject.email)
    assert list(found["companies"]) == [(await company_of(other)).slug]
    assert found["companies"] == kept["companies"]
    assert found["account"]["users"][0]["email"] == subject.email
    assert found["account"]["sessions"] != []
    for table in await people.tables(owner):
        columns = await owner.fetch("select attname from pg_attribute where attrelid = $1::regclass", f'"{table}"')
        if "company_id" in {column[0] for column in columns}:
            sql = f'select count(*) from "{table}" t where company_id = $1 and t::text ilike any($2)'  # noqa: S608
            traces = [*subject.traces, f"%{subject.user_id}%"]
            expected = 1 if table == "outbox_events" else 0  # the event that names the user
            assert await owner.fetchval(sql, shop.company_id, traces) == expected, table
    assert await other.broken() == []


async def test_an_export_has_all_that_is_stored_and_no_secret(shop: Storefront) -> None:
    subject = await people.register(shop)
    orders = await people.live(shop, subject)
    data = await personal_data(shop).export(subject.email)
    text = json.dumps(data)
    shown = data["companies"][(await company_of(shop)).slug]
    assert list(shown) == [
        "auth",
        "activity",
        "account",
        "review",
        "inventory",
        "payment",
        "promotion",
        "cart",
        "order",
        "notification",
    ]
    notifications = shown["notification"]["notifications"]
    assert [row["body"] for row in notifications] == [f"To {subject.email}", None, None]
    assert not any({"content", "dedupe_key"} & row.keys() for row in notifications)
    assert {row["recipient"] for row in notifications} == {subject.email}
    names = [f"notification_{each}" for each in ("preferences", "profiles", "suppressions")]
    assert [len(shown["notification"][each]) for each in names] == [1, 1, 1]
    (device,) = shown["notification"]["push_devices"]
    assert (device["name"], device["provider"]) == (f"Phone of {subject.word}", "FIREBASE")
    assert device.keys() == {"id", "provider", "name", "user_agent", "created_at", "last_used_at"}
    assert {row["order_number"] for row in shown["order"]["orders"]} == {order.order_number for order in orders}
    assert shown["order"]["order_addresses"][0]["full_name"] == subject.home.full_name
    assert data["account"]["sessions"][0]["ip_address"] == "198.51.100.77"
    secrets = await shop.owner.fetchrow(
        "select s.refresh_token, o.guest_token_hash, p.card_fingerprint from user_sessions s, orders o, payments p "
        "where s.user_id = $1 and o.guest_token_hash is not null and o.company_id = $2 and p.company_id = $2 limit 1",
        subject.user_id,
        shop.company_id,
    )
    assert [secret in text for secret in secrets] == [False, False, False]
    assert '"password_hash"' not in text
    (method,) = shown["payment"]["payment_methods"]
    assert (method["label"], method["alias"]) == (f"{subject.word}@...", f"Card of {subject.word}")
    assert {"encrypted_token", "token_digest"} & set(method) == set()
    assert f"pm_{subject.word}" not in text


async def test_an_export_of_a_company_has_nothing_of_the_account_or_of_others(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    stranger = await people.register(shop)
    await people.add_address(shop.owner, stranger)
    data = await personal_data(shop).export(subject.email, await company_of(shop))
    assert (data["account"], "198.51.100.77" in json.dumps(data["companies"])) == ({}, True)
    assert stranger.word not in json.dumps(data).lower()


async def test_nothing_is_stored_about_a_stranger(shop: Storefront) -> None:
    for work in (personal_data(shop).export, personal_data(shop).erase):
        with pytest.raises(NoPersonalData, match=r"Nothing is stored about nobody@example\.com"):
            await work("nobody@example.com")


@repeated
async def test_a_request_that_began_before_the_erasure_adds_nothing_after_it(shop: Storefront, run: int) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    await shop.fill(subject.actor, ("A", 1))
    done = await asyncio.gather(
        personal_data(shop).erase(subject.email),
        shop.place(subject.actor, shipping=subject.home),
        return_exceptions=True,
    )
    traces = await people.tables_with(shop.owner, subject.traces)
    if isinstance(done[0], OrdersOpen):
        assert not isinstance(done[1], BaseException)
    else:
        assert isinstance(done[0], int), done
        assert isinstance(done[1], BaseException), done
        assert traces == set()


async def test_an_erased_user_orders_reviews_and_changes_nothing(shop: Storefront) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    await personal_data(shop).erase(subject.email)
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="was erased"):
        await make_membership(shop.owner, shop.company_id, subject.user_id, CUSTOMER_ID)
    with pytest.raises(Unauthenticated, match="has been erased"):
        await shop.fill(subject.actor, ("A", 1))
    with pytest.raises(Unauthenticated):
        await shop.run(lambda tx: shop.services.auth.users.update(tx, subject.actor, {"first_name": "Zoe"}))
    with pytest.raises(asyncpg.CheckViolationError, match="users_erased_are_anonymous"):
        await shop.owner.execute("update users set first_name = 'Zoe' where id = $1", subject.user_id)
    with pytest.raises(NotFound):
        await shop.run(
            lambda tx: shop.services.auth.members.enable(tx, shop.system, subject.user_id, everywhere=True)
        )


async def test_what_an_order_causes_after_the_erasure_still_happens(shop: Storefront) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    order = await people.delivered_order(shop, subject)
    await personal_data(shop).erase(subject.email)
    refunded = await shop.services.order.refunds.refund(
        shop.database, shop.system, order.id, NewRefund(reason="Broken")
    )
    assert refunded is not None


async def test_the_gateway_erases_no_history_of_other_orders(shop: Storefront) -> None:
    subject = await people.register(shop)
    await shop.stock("A", 5)
    order = await people.cancelled_order(shop, subject)
    await shop.run(lambda tx: tx.fetch_value("select erase_order_comments($1)", [order.id]))
    assert ("CANCELLED", f"{subject.word} is ill") in await shop.history(order.id)


async def test_the_gateway_replaces_authors_in_ledgers_by_erased_users_alone(shop: Storefront) -> None:
    one, two = await people.register(shop), await people.register(shop)
    await shop.stock("A", 5)
    await people.cancelled_order(shop, one)
    for function in AUTHORS:
        sql = f"select {function}($1, $2)"
        assert await shop.run(lambda tx, sql=sql: tx.fetch_value(sql, one.user_id, two.user_id)) == 0
    await personal_data(shop).erase(two.email)
    other = Actor.system(await make_company(shop.owner))
    for function in AUTHORS:
        sql = f"select {function}($1, $2)"
        assert await shop.run(lambda tx, sql=sql: tx.fetch_value(sql, one.user_id, two.user_id), other) == 0


async def test_an_erasure_that_fails_in_its_last_step_changes_nothing(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    before = await personal_data(shop).export(subject.email)

    class Crash(Exception):
        pass

    async def erase(*_arguments: object) -> int:
        raise Crash

    data = personal_data(shop)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shop.services.auth.accounts, "erase", erase)
        with pytest.raises(Crash):
            await data.erase(subject.email)
    after = await data.export(subject.email)
    assert {**after, "exported_at": None} == {**before, "exported_at": None}
    await data.erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()


async def test_two_erasures_at_once_erase_once(shop: Storefront) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)

    async def erase() -> int:
        while True:
            with suppress(Busy):  # on a busy machine a lock may take longer than ten seconds
                return await personal_data(shop).erase(subject.email)

    results = await asyncio.gather(*(erase() for _ in range(3)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoPersonalData", "NoPersonalData", "int"]
    assert await people.tables_with(shop.owner, subject.traces) == set()


async def test_no_mail_is_sent_to_an_erased_person(shop: Storefront) -> None:
    subject = await people.register(shop)
    mailbox = Mailbox()
    services = services_of(shop.clock, shop.database, mailbox)
    await shop.run(lambda tx: services.auth.members.disable(tx, shop.system, subject.user_id))
    event = await shop.owner.fetchrow(
        "select * from outbox_events where topic = 'user.disabled' and aggregate_id = $1", subject.user_id
    )
    await personal_data(shop).erase(subject.email)
    envelope = Envelope(
        event["id"],
        event["topic"],
        1,
        shop.company_id,
        subject.user_id,
        1,
        "SYSTEM",
        None,
        shop.clock.now(),
        event["payload"],
    )
    await shop.run(lambda tx: services.notification.account_notices.notify(tx, envelope))
    assert await shop.owner.fetchval("select count(*) from notifications where company_id = $1", shop.company_id) == 0
