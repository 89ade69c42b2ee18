"""One click ends e-mails (RFC 8058): by POST, without cookies; a GET only asks."""

import re
from typing import Any
from uuid import UUID

import orjson
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.notification.kinds import ONE_CLICK
from domains.notification.models import NewNotification, NotificationCategory, NotificationKind, NotificationType
from domains.notification.suppressions.unsubscribe_links import UnsubscribeLinks
from domains.notification.templates.library import LANGUAGES
from gateway.http.notifications.unsubscribe_page import TEXTS
from gateway.infra.encryption import Cipher
from tests.gateway.site import Site

ANN = "ann+tea@example.com"
CART = {"cart": {"items": [], "total": "1.00", "currency": "EUR", "url": None}, "step": 1}
FORM: Any = {
    "content": b"List-Unsubscribe=One-Click",
    "headers": {"content-type": "application/x-www-form-urlencoded"},
}
SUPPRESSED = "select address, category::text, reason::text from notification_suppressions where company_id = $1"


@pytest.fixture
async def site(database: Database, company: UUID, clock: FixedClock) -> Site:
    return Site(database, company, clock)


async def sent_link(site: Site, language: str | None = None) -> str:
    """The path of the link of an abandoned cart's e-mail that was sent to ANN."""
    notification, actor = site.services.notification, Actor.system(site.company_id)
    new = NewNotification(
        kind=NotificationKind.ABANDONED_CART,
        dedupe_key=str(new_id()),
        recipient=ANN,
        language=language,
        variables=CART,
    )
    (id_,) = await site.database.run(lambda tx: notification.notifications.create(tx, [new]), actor)
    await notification.delivery.send(site.database, site.company_id, id_, 1)
    mail = site.mailbox.emails[-1]
    link = mail.headers["List-Unsubscribe"]
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link[1:-1] in mail.text
    assert link[1:-1] in (mail.html or "")
    found = re.fullmatch(r"<http://localhost:8000(/unsubscribe/[\w=-]+)>", link)
    assert found
    return found[1]


async def test_a_post_unsubscribes_at_once_and_twice_is_the_same(site: Site, owner: Any) -> None:
    path = await sent_link(site)
    for _ in range(2):
        answer = await site.send("POST", path=path, **FORM)
        assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
        assert "set-cookie" not in answer.headers
        rows = await owner.fetch(SUPPRESSED, site.company_id)
        assert [tuple(row) for row in rows] == [("ann@example.com", "CARTS", "UNSUBSCRIBED")]


async def test_a_get_shows_a_button_and_changes_nothing(site: Site, owner: Any) -> None:
    path = await sent_link(site)
    answer = await site.send("GET", path=path)
    assert (answer.status_code, '<form method="post"><button>' in answer.text) == (200, True)
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert ANN not in answer.text
    assert await owner.fetch(SUPPRESSED, site.company_id) == []


async def test_the_page_is_the_shops_and_in_the_language_of_the_email(site: Site, owner: Any) -> None:
    await owner.execute("update companies set name = 'Ada''s <Tea>' where id = $1", site.company_id)
    settings, actor = site.services.notification.settings, Actor.system(site.company_id)
    shop = {"storefront_url": "https://tea.example/?a=1&b=2", "default_language": "fr"}
    await site.database.run(lambda tx: settings.update(tx, shop, "EUR"), actor)
    assert "Vous ne recevrez plus" in (await site.send("GET", path=await sent_link(site))).text
    path = await sent_link(site, "de-AT")
    asked, done = [
        (await site.send(method, path=path, **given)).text for method, given in (("GET", {}), ("POST", FORM))
    ]
    for page in (asked, done):
        assert '<html lang="de">' in page
        assert "Ada&#x27;s &lt;Tea&gt;" in page
        assert "<li>Erinnerungen an Ihren Warenkorb</li>" in page
        assert "<!--" not in page
    assert 'href="https://tea.example/?a=1&amp;b=2">Zum Shop<' in done


def test_each_category_with_a_link_has_a_name_in_each_language() -> None:
    assert TEXTS.keys() == set(LANGUAGES)
    assert all(texts.categories.keys() == ONE_CLICK for texts in TEXTS.values())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("opaque", ["x", "%00", "A" * 2_000, "é", "W10=", "eyJhIjoxfQ=="])
async def test_a_link_that_was_not_made_here_is_not_found(site: Site, owner: Any, method: str, opaque: str) -> None:
    answer = await site.send(method, path=f"/unsubscribe/{opaque}")
    assert (answer.status_code, "does not exist" in answer.text) == (404, True)
    assert await owner.fetch(SUPPRESSED, site.company_id) == []


async def test_a_large_body_is_refused(site: Site, owner: Any) -> None:
    path = await sent_link(site)
    assert (await site.send("POST", path=path, content=b"x" * 10_000)).status_code == 413
    assert await owner.fetch(SUPPRESSED, site.company_id) == []


class Of:
    """A notification as far as its link depends on it."""

    company_id, recipient, user_id, type, language = new_id(), ANN, new_id(), NotificationType.EMAIL, "de"


def test_a_link_is_readable_for_its_keys_only_and_reveals_nothing() -> None:
    of: Any = Of()
    links = UnsubscribeLinks(Cipher([b"a" * 32, b"b" * 32], b"content"), "https://shop.example.com")
    categories = [NotificationCategory.CARTS, NotificationCategory.ORDERS, NotificationCategory.NEWS]
    link = links.link(of, categories)
    assert link
    opaque = link.removeprefix("https://shop.example.com/unsubscribe/")
    read = links.read(opaque)
    assert read
    assert (read.company_id, read.address, read.user_id, read.language) == (of.company_id, ANN, of.user_id, "de")
    assert read.categories == [NotificationCategory.CARTS, NotificationCategory.NEWS]
    assert len(link) < 600
    assert links.link(of, [NotificationCategory.ORDERS]) is None
    for changed in (opaque[:-6] + "AAAAA=", opaque[1:], opaque[::-1]):
        assert links.read(changed) is None
    others = (Cipher([b"c" * 32], b"content"), Cipher([b"a" * 32], b"another purpose"))
    assert [UnsubscribeLinks(each, "https://shop.example.com").read(opaque) for each in others] == [None, None]
    content = Cipher([b"a" * 32], b"content").encrypt(orjson.dumps({"code": "123456"})).decode()
    assert links.read(content) is None
