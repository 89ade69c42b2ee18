"""Announcements reach those who asked for them, once each, in batches that may be interrupted anywhere."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.notification.announcements.errors import AnnouncementEnded, AnnouncementNotFound
from domains.notification.announcements.models import AnnouncementText, NewAnnouncement, text_in
from domains.notification.delivery import Result
from domains.notification.models import NotificationKind
from tests.domains.actors import CUSTOMER_ID
from tests.domains.notification.marketing.conftest import Marketing
from tests.domains.returns.delivered_orders import deliver

TEXTS = (
    AnnouncementText("en", "Spring sale", "20 % off <b>everything</b>. {{ company.name }}"),
    AnnouncementText("de", "Frühlingsangebote", "20 % auf alles."),
)
URL = "https://shop.example.com/spring"
NEWS = NotificationKind.NEWS
OPT_IN = """
with people as (
    insert into users (id, email, role_id, updated_at)
    select gen_random_uuid(), 'reader' || number || '-' || $2::uuid || '@example.com', $4, now()
    from generate_series(1, $3::int) as number
    returning id
)
insert into notification_preferences (id, company_id, user_id, category, channel, enabled, updated_at)
select gen_random_uuid(), $1, id, 'NEWS', 'EMAIL', true, now() from people
"""


async def announce(marketing: Marketing, **given: Any) -> Any:
    new = NewAnnouncement(**{"kind": NEWS, "texts": TEXTS, "url": URL} | given)
    return await marketing.shop.run(lambda tx: marketing.parts.marketing.announcements.create(tx, new))


async def batch(marketing: Marketing) -> int:
    done: int = await marketing.shop.run(marketing.parts.marketing.dispatch.send)
    return done


async def send_all(marketing: Marketing) -> None:
    while await batch(marketing):
        pass


async def reader(marketing: Marketing, category: str = "NEWS") -> Actor:
    buyer: Actor = await marketing.shop.customer()
    await marketing.choose(buyer, category)
    return buyer


async def opt_in(marketing: Marketing, number: int) -> None:
    await marketing.shop.owner.execute(OPT_IN, marketing.shop.company_id, new_id(), number, CUSTOMER_ID)


async def progress(marketing: Marketing, announcement_id: UUID) -> tuple[str, int | None, int, int]:
    row = await marketing.shop.owner.fetchrow("select * from announcements where id = $1", announcement_id)
    return (row["status"], row["recipients"], row["checked"], row["created"])


@pytest.mark.parametrize(
    ("wanted", "found"), [("de", "de"), ("de-AT", "de"), ("en-GB", "en-GB"), ("fr", "en"), (None, "en")]
)
def test_the_text_is_that_of_the_language_or_else_the_default(wanted: str | None, found: str) -> None:
    texts = {each: {"title": each, "text": each} for each in ("en", "en-GB", "de")}
    assert text_in(texts, "en", wanted) == AnnouncementText(found, found, found)


async def test_only_those_who_asked_for_it_get_it_in_their_language(marketing: Marketing) -> None:
    ann, bob, _ = await reader(marketing), await reader(marketing), await marketing.shop.customer()
    await reader(marketing, "PROMOTIONS")
    await marketing.choose(await reader(marketing), "NEWS", enabled=False)
    await marketing.shop.owner.execute(
        "insert into notification_profiles (id, company_id, user_id, language, updated_at)"
        " values ($1, $2, $3, 'de-CH', now())",
        *(new_id(), marketing.shop.company_id, bob.user_id),
    )
    announcement = await announce(marketing)
    await send_all(marketing)
    assert await progress(marketing, announcement.id) == ("SENT", 2, 2, 2)
    assert await marketing.send() == [Result.SENT, Result.SENT]
    rows = {row["user_id"]: row["subject"].partition(": ")[2] for row in await marketing.rows("NEWS")}
    assert rows == {ann.user_id: "Spring sale", bob.user_id: "Frühlingsangebote"}
    html = next(each.html for each in marketing.mailbox.emails if "Spring" in each.subject)
    assert html is not None
    assert "&lt;b&gt;everything&lt;/b&gt;" in html
    assert "{{ company.name }}" in html
    assert URL in html


@pytest.mark.parametrize("category", ["PROMOTIONS", "RECOMMENDATIONS", "NEWS"])
async def test_each_kind_reaches_those_who_asked_for_its_category(marketing: Marketing, category: str) -> None:
    readers = {each: await reader(marketing, each) for each in ("PROMOTIONS", "RECOMMENDATIONS", "NEWS")}
    kind = NotificationKind(category.removesuffix("S") if category != "NEWS" else category)
    await announce(marketing, kind=kind)
    await send_all(marketing)
    assert await marketing.send() == [Result.SENT]
    assert [row["user_id"] for row in await marketing.rows(kind)] == [readers[category].user_id]


async def test_nothing_is_sent_before_its_time(marketing: Marketing) -> None:
    await reader(marketing)
    await announce(marketing, scheduled_at=marketing.shop.clock.now() + timedelta(hours=1))
    assert await batch(marketing) == 0
    marketing.shop.clock.advance(timedelta(hours=1))
    assert (await batch(marketing), await batch(marketing)) == (1, 0)


async def test_a_batch_that_dies_is_made_again_and_doubles_nothing(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domains.notification.announcements.dispatch.BATCH", 10)
    await opt_in(marketing, 25)
    announcement = await announce(marketing)
    assert await batch(marketing) == 10

    async def die(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("domains.notification.data.announcement.update", die)
        with pytest.raises(ZeroDivisionError):
            await batch(marketing)
    assert await progress(marketing, announcement.id) == ("SENDING", 25, 10, 10)
    await send_all(marketing)
    assert await progress(marketing, announcement.id) == ("SENT", 25, 25, 25)
    assert len({row["user_id"] for row in await marketing.rows("NEWS")}) == len(await marketing.rows("NEWS")) == 25


async def test_two_processes_send_it_once(marketing: Marketing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domains.notification.announcements.dispatch.BATCH", 7)
    await opt_in(marketing, 30)
    announcement = await announce(marketing)
    while sum(await asyncio.gather(*(batch(marketing) for _ in range(3)))):
        pass
    assert await progress(marketing, announcement.id) == ("SENT", 30, 30, 30)
    assert len(await marketing.rows("NEWS")) == 30


async def test_what_waits_of_a_cancelled_announcement_is_not_sent(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domains.notification.announcements.dispatch.BATCH", 2)
    await opt_in(marketing, 5)
    announcement = await announce(marketing)
    await batch(marketing)
    parts, run = marketing.parts.marketing.announcements, marketing.shop.run
    cancelled = await run(lambda tx: parts.cancel(tx, announcement.id))
    assert cancelled.status == "CANCELLED"
    assert (await batch(marketing), await marketing.send()) == (0, [])
    assert await marketing.states("NEWS") == [("FAILED", "STALE")] * 2
    with pytest.raises(AnnouncementEnded):
        await run(lambda tx: parts.cancel(tx, announcement.id))
    with pytest.raises(AnnouncementNotFound):
        await run(lambda tx: parts.cancel(tx, new_id()))


async def test_an_announcement_to_a_segment_reaches_its_members_only(marketing: Marketing) -> None:
    shop, buyer = marketing.shop, await marketing.customer()
    await marketing.choose(buyer, "NEWS")
    await reader(marketing)
    segments = shop.services.promotion.segments
    new: Any = {"name": "Customers", "conditions": {"paid_orders_at_least": 1}}
    segment = await shop.run(lambda tx: segments.create(tx, new))
    announcement = await announce(marketing, segment_id=segment.id)
    await send_all(marketing)
    assert await progress(marketing, announcement.id) == ("SENT", 2, 2, 1)
    assert [row["user_id"] for row in await marketing.rows("NEWS")] == [buyer.user_id]
    late = await announce(marketing, segment_id=segment.id)
    await shop.run(lambda tx: segments.delete(tx, segment.id))
    await send_all(marketing)
    assert await progress(marketing, late.id) == ("SENT", 2, 2, 0)


async def test_an_announcement_and_a_review_request_within_a_minute_are_one_mail(marketing: Marketing) -> None:
    of = await deliver(marketing.shop, ("A", 1))
    await marketing.handle("order.completed")
    await marketing.choose(of.buyer, "NEWS")
    marketing.shop.clock.advance(timedelta(days=7))
    await announce(marketing)
    await send_all(marketing)
    assert await marketing.send() == [Result.SENT]
    (mail,) = marketing.mailbox.mails
    assert "Spring sale" in mail.text
    assert "How do you like it?" in mail.text
    assert await marketing.states("NEWS") == await marketing.states("REVIEW_REQUEST") == [("SENT", None)]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"kind": NotificationKind.ORDER_PLACED}, ("kind",)),
        ({"url": "javascript:alert(1)"}, ("url",)),
        ({"url": "https://[shop"}, ("url",)),
        ({"texts": ()}, ("texts",)),
        ({"texts": (TEXTS[0], TEXTS[0])}, ("texts", "1", "language")),
        ({"texts": (AnnouncementText("en", " ", "x"),)}, ("texts", "0", "title")),
        ({"texts": (AnnouncementText("en", "x" * 201, "x"),)}, ("texts", "0", "title")),
        ({"texts": (AnnouncementText("en", "x", "x" * 5_001),)}, ("texts", "0", "text")),
        ({"texts": (AnnouncementText("!", "x", "x"),)}, ("texts", "0", "language")),
        ({"texts": TEXTS * 6}, ("texts",)),
        ({"segment_id": UUID(int=1)}, ("segment_id",)),
    ],
)
async def test_what_is_refused(marketing: Marketing, given: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(DomainError) as refused:
        await announce(marketing, **given)
    assert tuple(refused.value.field) == path


async def test_a_batch_takes_as_many_statements_for_many_as_for_one(marketing: Marketing) -> None:
    counts = []
    for number in (1, 200):
        await opt_in(marketing, number)
        await announce(marketing)
        with counting() as counted:
            await batch(marketing)
        counts.append(counted.data)
    assert counts == [8, 7]  # the first reads the settings, too
