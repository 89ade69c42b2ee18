"""Messages are rendered in each language, escaped in HTML, in the look of the company."""

import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest

from domains.company.service import CompanyService
from domains.kernel.clock import FixedClock
from domains.kernel.database import Reader
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.notification.channels import Email, TextMessage
from domains.notification.kinds import KINDS
from domains.notification.models import Notification, NotificationKind, NotificationStatus, NotificationType
from domains.notification.renderer import Renderer
from domains.notification.settings import settings_table
from domains.notification.templates.library import LANGUAGES, built_in, language_of
from domains.notification.templates.samples import SAMPLES

UNFINISHED: Final = re.compile(r"None|\{\{|\{%|\}\}|%\}|@@|\[\[|JINJA")


@pytest.fixture
def renderer(clock: FixedClock) -> Renderer:
    cache = SettingsCache(clock)
    return Renderer(CompanyService(clock, cache), settings_table(cache))


def sample(clock: FixedClock, company: UUID, kind: NotificationKind, language: str | None) -> Notification:
    rules = KINDS[kind]
    return Notification(
        id=new_id(),
        company_id=company,
        user_id=None,
        type=NotificationType.EMAIL,
        kind=kind,
        category=rules.category,
        priority=rules.priority,
        status=NotificationStatus.PENDING,
        recipient="ann@example.com",
        language=language,
        subject=None,
        body=None,
        url=None,
        content="",
        metadata={},
        order_id=None,
        dedupe_key="a key",
        digest_id=None,
        digest_at=None,
        scheduled_at=clock.now(),
        attempts=0,
        failure_reason=None,
        sent_at=None,
        delivered_at=None,
        read_at=None,
        template_id=None,
        created_at=clock.now(),
        updated_at=clock.now(),
    )


async def rendered(renderer: Renderer, reader: Reader, notification: Notification, **given: Any) -> Email:
    made = await renderer.render(reader, notification, {**SAMPLES[notification.kind], **given})
    assert isinstance(made.message, Email)
    return made.message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAMPLES)
async def test_each_kind_is_rendered_in_each_language(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, kind: NotificationKind, language: str
) -> None:
    message = await rendered(renderer, reader, sample(clock, company, kind, language))
    assert message.html is not None
    assert f'<html lang="{language}"' in message.html
    for part in (message.subject, message.text, message.html):
        assert not UNFINISHED.search(part)
    assert message.text.endswith("\n\nA shop\n")
    assert message.subject.startswith("A shop: ")


async def test_a_text_has_its_variables_and_only_the_html_is_escaped(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID
) -> None:
    notification = sample(clock, company, NotificationKind.EMAIL_CHANGED, None)
    hostile = "<script>&{{ 7 * 7 }}"
    message = await rendered(renderer, reader, notification, new_email=hostile)
    assert hostile in message.text
    assert message.html is not None
    assert "<script>" not in message.html
    assert "&lt;script&gt;&amp;{{ 7 * 7 }}" in message.html


async def test_a_company_has_its_look(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, owner: Any
) -> None:
    await owner.execute(
        "insert into notification_settings (company_id, default_language, sender_name, reply_to, brand_color, footer)"
        " values ($1, 'fr', 'Ada', 'help@example.com', '#123456', 'Street 1 <b>')",
        company,
    )
    message = await rendered(renderer, reader, sample(clock, company, NotificationKind.PASSWORD_CHANGED, None))
    assert (message.sender_name, message.reply_to) == ("Ada", "help@example.com")
    assert built_in(NotificationKind.PASSWORD_CHANGED, "fr").source.subject in message.subject
    assert message.html is not None
    assert "#123456" in message.html
    assert "Street 1 &lt;b&gt;" in message.html
    german = await rendered(renderer, reader, sample(clock, company, NotificationKind.PASSWORD_CHANGED, "de-CH"))
    assert built_in(NotificationKind.PASSWORD_CHANGED, "de").source.subject in german.subject


async def test_a_name_of_several_lines_is_one_line_in_the_subject(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, owner: Any
) -> None:
    await owner.execute("update companies set name = E'A\r\nshop' where id = $1", company)
    message = await rendered(renderer, reader, sample(clock, company, NotificationKind.NO_ACCOUNT, None))
    assert message.subject.startswith("A shop: ")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [((None, "fr"), "fr"), (("de-AT", "fr"), "de"), (("it", "DE"), "de"), (("it", None), "en"), ((), "en")],
)
def test_the_first_language_with_texts_is_used(wanted: tuple[str | None, ...], found: str) -> None:
    assert language_of(*wanted) == found


async def test_a_text_message_is_the_short_text_of_the_shop(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, owner: Any
) -> None:
    slug = await owner.fetchval("select slug from companies where id = $1", company)
    for kind in (NotificationKind.ORDER_SHIPPED, NotificationKind.CART_CODE):
        notification = replace(sample(clock, company, kind, "en"), type=NotificationType.SMS, recipient="+4930123456")
        made = await renderer.render(reader, notification, SAMPLES[kind])
        assert isinstance(made.message, TextMessage)
        assert (made.message.to, made.message.company) == ("+4930123456", slug)
        assert made.message.text.startswith("A shop: ")
        assert len(made.message.text) <= len("A shop: ") + 160
        stored = None if KINDS[kind].has_secret else made.message.text.removeprefix("A shop: ")
        assert made.body == stored


async def test_a_subject_is_one_line_without_encoded_words(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID
) -> None:
    title = "Sale\r\nBcc: eve@example.com =?utf-8?q?=46ree?= \u202eesrever" + "x" * 1_000
    notification = sample(clock, company, NotificationKind.PROMOTION, "en")
    message = await rendered(renderer, reader, notification, title=title)
    assert "=?" not in message.subject
    assert message.subject.isprintable()
    assert len(message.subject) < 300
    assert message.html is not None
    assert "\u202e" not in message.html


async def test_an_address_that_is_no_web_address_is_no_link(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID
) -> None:
    notification = sample(clock, company, NotificationKind.NEWS, "en")
    message = await rendered(renderer, reader, notification, url="javascript:alert(1)")
    assert message.html is not None
    assert "javascript" not in message.html
    assert "javascript" not in message.text
    quoted = await rendered(renderer, reader, notification, url='https://example.com/"onclick="alert(1)')
    assert quoted.html is not None
    assert 'onclick="' not in quoted.html


@pytest.mark.parametrize(
    "url", ["https://[x", "https://a\uff0fb.example/", "https://a\x01.example/", "ftp://a.example/"]
)
async def test_an_address_that_cannot_be_read_is_left_out_and_the_message_is_sent(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, url: str
) -> None:
    message = await rendered(renderer, reader, sample(clock, company, NotificationKind.NEWS, "en"), url=url)
    assert url not in message.text
    assert message.html is not None
    assert url not in message.html


async def test_a_long_list_is_cut(renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID) -> None:
    item = {"sku": "A-SKU", "name": "Tea", "available": 1, "threshold": 2}
    notification = sample(clock, company, NotificationKind.STAFF_LOW_STOCK, "en")
    message = await rendered(renderer, reader, notification, items=[item] * 5_000)
    assert message.text.count("A-SKU") == 1_000


@pytest.mark.parametrize(("brand", "text"), [("#1f2937", "#ffffff"), ("#facc15", "#000000"), ("#ffffff", "#000000")])
async def test_the_text_on_the_companys_colour_can_be_read(
    renderer: Renderer, reader: Reader, clock: FixedClock, company: UUID, owner: Any, brand: str, text: str
) -> None:
    await owner.execute("insert into notification_settings (company_id, brand_color) values ($1, $2)", company, brand)
    message = await rendered(renderer, reader, sample(clock, company, NotificationKind.WELCOME, "en"))
    assert message.html is not None
    assert re.search(rf"color:{text};[^>]*>A shop<", message.html)
