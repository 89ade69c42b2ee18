"""Renderer: the message of a notification from its template, the company's look and the variables."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import TemplateError

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsTable
from domains.notification import data
from domains.notification.channels import Email, InAppMessage, Message, PushMessage, TextMessage
from domains.notification.kinds import KINDS
from domains.notification.models import (
    Notification,
    NotificationKind,
    NotificationPriority,
    NotificationSettings,
    NotificationType,
)
from domains.notification.templates.colors import text_on
from domains.notification.templates.language import MAX_ELEMENTS, OutputTooLong, render
from domains.notification.templates.library import CompiledTemplate, TemplateSource, built_in, language_of

LOG: Final = logging.getLogger(__name__)
SUBJECT_LENGTH: Final = 250
SHORT_LENGTH: Final = 160
KEPT_FOR: Final[Mapping[NotificationPriority, timedelta]] = {
    NotificationPriority.CRITICAL: timedelta(days=3),
    NotificationPriority.IMPORTANT: timedelta(days=1),
    NotificationPriority.NORMAL: timedelta(hours=12),
}
"""How long a push service keeps a message for a device that cannot be reached."""
_ENCODED_WORD: Final = re.compile(r"=(?=\?)")  # RFC 2047
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, and what of it is stored: nothing of a kind with a secret.

    `url` is the page in the shop of what it is about. `template_id` is the company's version that it was rendered
    with, or None for the built-in template.
    """

    message: Message | InAppMessage
    language: str
    subject: str | None
    body: str | None
    template_id: UUID | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of a notification: the e-mail's, and `title` and `short` (160 characters) for the other channels."""

    subject: str
    html: str
    text: str
    title: str
    short: str


class Renderer:
    """Renders notifications. Variables are escaped in HTML, and plain elsewhere."""

    def __init__(self, companies: CompanyService, settings: SettingsTable[NotificationSettings]) -> None:
        self._companies = companies
        self._settings = settings

    async def render(self, db: Reader, notification: Notification, variables: Mapping[str, Any]) -> Rendered:
        """The message of a notification. One statement, and two for what is not remembered of the company.

        The company's active version is used; the built-in template takes its place when that fails.
        """
        if notification.kind is NotificationKind.STORED_MAIL:
            return Rendered(_stored_mail(notification, variables), "en", None, None)
        company, look = await self._companies.current(db), await self._settings.current(db)
        language = language_of(notification.language, look.default_language)
        context = in_shop(variables, company, look, language)
        own = await self._own(db, [notification.kind], language)
        template_id, texts = _texts(own.get(notification.kind), notification.kind, language, context)
        url = _address(context)
        message = _message(notification, texts, company, look, url)
        if KINDS[notification.kind].has_secret:
            return Rendered(message, language, None, None, template_id)
        if isinstance(message, Email):
            return Rendered(message, language, message.subject, texts.text, template_id, url)
        return Rendered(message, language, texts.title, texts.short, template_id, url)

    async def summaries(
        self, db: Reader, of: Sequence[tuple[NotificationKind, Mapping[str, Any]]], language: str | None
    ) -> list[Mapping[str, str | None]]:
        """The title, the short text and the address of notifications, as a digest lists them. Three statements."""
        company, look = await self._companies.current(db), await self._settings.current(db)
        language = language_of(language, look.default_language)
        own = await self._own(db, list({kind for kind, _ in of}), language)
        found: list[Mapping[str, str | None]] = []
        for kind, variables in of:
            _, texts = _texts(own.get(kind), kind, language, in_shop(variables, company, look, language))
            found.append({"title": texts.title, "text": texts.short, "url": _address(variables)})
        return found

    async def _own(
        self, db: Reader, kinds: Sequence[NotificationKind], language: str
    ) -> Mapping[NotificationKind, data.EmailTemplateRow]:
        """The company's own templates of some kinds. One statement."""
        where: Any = {"kind": {"in": kinds}, "language": language, "is_active": True}
        return {each.kind: each for each in await data.email_template.find_many(db, where=where)}


def _texts(
    own: data.EmailTemplateRow | None, kind: NotificationKind, language: str, context: Mapping[str, Any]
) -> tuple[UUID | None, Texts]:
    """The texts by the company's own template, or by the built-in one where there is none or it fails."""
    if own is not None:
        try:
            return own.id, texts_of(CompiledTemplate(source=source_of(own), body_html=own.body_html), context)
        except (TemplateError, OutputTooLong, TypeError, ValueError, ArithmeticError) as error:
            LOG.error("Template %s failed (%s); the built-in one is sent.", own.id, type(error).__name__)  # noqa: TRY400
    return None, texts_of(built_in(kind, language), context)


def _address(variables: Mapping[str, Any]) -> str | None:
    """The address of what a notification is about, by the variables of its kind."""
    about = (variables, *(variables.get(name) or {} for name in ("cart", "product", "order")))
    return next((each["url"] for each in about if each.get("url")), None)


def _message(
    notification: Notification, texts: Texts, company: Company, look: NotificationSettings, url: str | None
) -> Message | InAppMessage:
    """The message for the channel: a text message has the shop's name before the short text.

    The delivery addresses one to a device.
    """
    if notification.type is NotificationType.PUSH:
        return PushMessage(
            id=notification.id,
            address="",
            title=texts.title,
            text=texts.short,
            url=url,
            is_urgent=notification.priority is NotificationPriority.CRITICAL,
            kept_for=KEPT_FOR[notification.priority],
            created_at=notification.created_at,
        )
    if notification.type is NotificationType.SMS:
        return TextMessage(
            id=notification.id,
            to=notification.recipient or "",
            text=f"{one_line(company.name)}: {texts.short}",
            created_at=notification.created_at,
            company=company.slug,
        )
    if notification.type is NotificationType.IN_APP:
        return InAppMessage(id=notification.id, title=texts.title, text=texts.short)
    return Email(
        id=notification.id,
        to=notification.recipient or "",
        subject=f"{one_line(company.name)}: {texts.subject}",
        text=texts.text,
        html=texts.html,
        created_at=notification.created_at,
        sender_name=look.sender_name,
        reply_to=look.reply_to,
    )


def in_shop(
    variables: Mapping[str, Any], company: Company, settings: NotificationSettings, language: str
) -> Mapping[str, Any]:
    """The variables of a kind with those that all templates have: the shop, its look and the language."""
    look = {
        "logo_url": settings.logo_url,
        "brand_color": settings.brand_color,
        "text_color": text_on(settings.brand_color),
        "footer": settings.footer,
        "storefront_url": settings.storefront_url,
    }
    shop = {"name": company.name, "time_zone": company.time_zone}
    own = {"unsubscribe_url": None, **variables, "company": shop, "look": look, "language": language}
    bounded: Mapping[str, Any] = _bounded(own, "")
    return bounded


def source_of(row: data.EmailTemplateRow) -> TemplateSource:
    """The parts of a stored version."""
    return TemplateSource(**{name: getattr(row, name) for name in TemplateSource.__slots__})


def texts_of(template: CompiledTemplate, variables: Mapping[str, Any]) -> Texts:
    """The texts of a template with variables as `in_shop` gives them. Raises OutputTooLong and TemplateError."""
    source = template.source
    return Texts(
        subject=one_line(render(source.subject, variables))[:SUBJECT_LENGTH],
        html=render(template.body_html, variables, is_html=True),
        text=re.sub(r"\n[ \t]*(\n[ \t]*)+", "\n\n", render(source.body_text, variables)).strip() + "\n",
        title=one_line(render(source.title, variables))[:SUBJECT_LENGTH],
        short=_cut(one_line(render(source.short, variables)), SHORT_LENGTH),
    )


def one_line(text: str) -> str:
    """A text for a header or a title: without line breaks, and without what mail programs decode (RFC 2047)."""
    return _ENCODED_WORD.sub("= ", re.sub(r"[ \n\t]+", " ", _CONTROL.sub(" ", text)).strip())


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _bounded(value: Any, name: str) -> Any:
    """The variables with lists of at most MAX_ELEMENTS, texts without control characters, and web addresses only."""
    match value:
        case Mapping():
            return {key: _bounded(each, key) for key, each in value.items()}
        case list():
            return [_bounded(each, name) for each in value[:MAX_ELEMENTS]]
        case str() if name == "url" or name.endswith("_url"):
            return value if _is_web_address(value) else None
        case str():
            return _CONTROL.sub(" ", value)
    return value


def _is_web_address(value: str) -> bool:
    try:
        return urlsplit(value).scheme in {"http", "https"} and not _CONTROL.search(value)
    except ValueError:
        return False


def _stored_mail(notification: Notification, content: Mapping[str, Any]) -> Email:
    """The message of a mail that an earlier version wrote."""
    return Email(
        id=notification.id,
        to=content["to"],
        subject=content["subject"],
        text=content["text"],
        html=content.get("html"),
        created_at=notification.created_at,
    )
