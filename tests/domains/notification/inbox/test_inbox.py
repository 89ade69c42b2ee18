"""The inbox has what its user got in the shop, and nothing else; each is read once, whoever reads it at once."""

import asyncio
from datetime import timedelta

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.notification.inbox.errors import NotificationNotFound
from domains.notification.inbox.inbox import Inbox, InboxFilter
from domains.notification.models import (
    NewNotification,
    Notification,
    NotificationCategory,
    NotificationKind,
    NotificationStatus,
)
from domains.notification.templates.samples import SAMPLES
from tests.domains.notification.inbox.given import ORDER, give
from tests.domains.order.storefront import Storefront

ALL = PageArgs(first=100)


async def listed(shop: Storefront, actor: Actor, filters: InboxFilter | None = None) -> list[Notification]:
    reader = shop.database.reader(shop.company_id)
    page = await shop.services.notification.inbox.find(reader, actor, ALL, filters)
    return list(page.items)


async def unread(shop: Storefront, actor: Actor) -> int:
    count: int = await shop.services.notification.inbox.unread_count(shop.database.reader(shop.company_id), actor)
    return count


async def test_one_is_delivered_at_once_with_its_title_text_and_page(shop: Storefront) -> None:
    ada = await shop.customer()
    await give(shop, ada, language="de")
    (row,) = await listed(shop, ada)
    assert (row.status, row.sent_at, row.delivered_at, row.language) == (
        *(NotificationStatus.DELIVERED, shop.clock.now(), shop.clock.now(), "de"),
    )
    assert row.subject == "Ihre Bestellung wurde storniert"
    assert row.body is not None
    assert "1001" in row.body
    assert "\n" not in row.body
    assert (row.url, row.content, row.read_at) == ("https://shop.example.com/orders/1001", None, None)
    logged = await shop.owner.fetch(
        "select status, provider from notification_logs where notification_id = $1", row.id
    )
    assert [tuple(each) for each in logged] == [("DELIVERED", "IN_APP")]


async def test_a_page_that_is_no_web_address_is_not_kept(shop: Storefront) -> None:
    ada = await shop.customer()
    await give(shop, ada, variables={"order": {**ORDER, "url": "javascript:alert(1)"}, "reason": None})
    assert [row.url for row in await listed(shop, ada)] == [None]


async def test_nothing_is_stored_of_a_kind_with_a_secret(shop: Storefront) -> None:
    ada = await shop.customer()
    await give(
        shop,
        ada,
        NotificationKind.PASSWORD_RESET,
        variables={**SAMPLES[NotificationKind.PASSWORD_RESET], "url": "https://a.example"},
    )
    (row,) = await listed(shop, ada)
    assert (row.subject, row.body, row.url) == (None, None, None)


async def test_the_latest_to_arrive_comes_first(shop: Storefront) -> None:
    ada = await shop.customer()
    early = await give(shop, ada)
    shop.clock.advance(timedelta(minutes=1))
    late = await give(shop, ada)
    assert [row.id for row in await listed(shop, ada)] == [late, early]


async def test_filters_and_others_are_kept_apart(shop: Storefront) -> None:
    ada, bob = await shop.customers(2)
    order = await give(shop, ada)
    account = await give(shop, ada, NotificationKind.PASSWORD_CHANGED, variables={})
    mail = NewNotification(
        kind=NotificationKind.WELCOME, dedupe_key="mail", recipient="ada@example.com", user_id=ada.user_id
    )
    await shop.run(lambda tx: shop.services.notification.notifications.create(tx, [mail]))
    refused = await give(shop, ada, NotificationKind.NEWS, variables={})
    assert {row.id for row in await listed(shop, ada)} == {order, account}
    assert refused not in {order, account}
    assert await listed(shop, bob) == []
    by_kind = InboxFilter(kinds=[NotificationKind.PASSWORD_CHANGED])
    by_category = InboxFilter(categories=[NotificationCategory.ORDERS])
    assert [row.id for row in await listed(shop, ada, by_kind)] == [account]
    assert [row.id for row in await listed(shop, ada, by_category)] == [order]
    await shop.run(lambda tx: shop.services.notification.inbox.mark_read(tx, ada, order), ada)
    assert [row.id for row in await listed(shop, ada, InboxFilter(is_unread=True))] == [account]
    assert [row.id for row in await listed(shop, ada, InboxFilter(is_unread=False))] == [order]


async def test_only_its_user_reads_one_and_it_keeps_its_time(shop: Storefront) -> None:
    ada, bob = await shop.customers(2)
    given, inbox = await give(shop, ada), shop.services.notification.inbox
    for actor, wanted in ((bob, given), (ada, new_id())):
        with pytest.raises(NotificationNotFound):
            await shop.run(lambda tx, who=actor, each=wanted: inbox.mark_read(tx, who, each), actor)
    with pytest.raises(Unauthenticated):
        await shop.run(lambda tx: inbox.mark_read(tx, Actor.anonymous(shop.company_id), given))
    with counting() as count:
        read = await shop.run(lambda tx: inbox.mark_read(tx, ada, given), ada)
    assert (read.read_at, count.data) == (shop.clock.now(), 1)
    shop.clock.advance(timedelta(minutes=1))
    again = await shop.run(lambda tx: inbox.mark_read(tx, ada, given), ada)
    assert again.read_at == read.read_at
    assert await unread(shop, ada) == 0


async def test_all_that_was_seen_is_read_once_however_many_ask_at_once(shop: Storefront) -> None:
    ada, bob = await shop.customers(2)
    seen = [await give(shop, ada) for _ in range(3)]
    until = shop.clock.now()
    shop.clock.advance(timedelta(minutes=1))
    later = await give(shop, ada)
    await give(shop, bob)
    inbox = shop.services.notification.inbox
    counts = await asyncio.gather(*(shop.run(lambda tx: inbox.mark_all_read(tx, ada, until), ada) for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 3]
    rows = {row.id: row.read_at for row in await listed(shop, ada)}
    assert rows == {**dict.fromkeys(seen, shop.clock.now()), later: None}
    assert (await unread(shop, ada), await unread(shop, bob)) == (1, 1)
    assert await shop.run(lambda tx: inbox.mark_all_read(tx, ada), ada) == 1


async def test_one_command_reads_a_bounded_number(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await shop.customer()
    for _ in range(3):
        await give(shop, ada)
    monkeypatch.setattr("domains.notification.inbox.inbox.MOST_READ", 2)
    counts = [await shop.run(lambda tx: Inbox().mark_all_read(tx, ada), ada) for _ in range(3)]
    assert counts == [2, 1, 0]
