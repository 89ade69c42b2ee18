"""Email templates of companies: each save is a version, and one version at most is active for a kind and language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jinja2 import TemplateError

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput, NotFound, TooMany
from domains.kernel.settings import SettingsTable
from domains.notification import data
from domains.notification.data import EmailTemplateRow, NotificationKind
from domains.notification.models import NotificationSettings
from domains.notification.renderer import Texts, in_shop, source_of, texts_of
from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.language import OutputTooLong
from domains.notification.templates.library import (
    LANGUAGES,
    CompiledTemplate,
    TemplateSource,
    built_in,
    compile_source,
)
from domains.notification.templates.samples import SAMPLES, SHOP, paths, sample, with_long_lists, without_optional

MAX_VERSIONS: Final = 100
"""How many versions a company has of a kind and language."""
_LOCK: Final = "select pg_advisory_xact_lock(hashtextextended($1::uuid::text || $2 || $3, 20))"
_DEACTIVATE: Final = """
update email_templates set is_active = false, updated_at = $4
where company_id = $1 and kind = $2::text::notification_kind and language = $3 and is_active
"""
_ACTIVATE: Final = """
update email_templates set is_active = true, updated_at = $5
where company_id = $1 and kind = $2::text::notification_kind and language = $3 and version = $4
"""
_LAST_VERSION: Final = """
select coalesce(max(version), 0) from email_templates
where company_id = $1 and kind = $2::text::notification_kind and language = $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailTemplate:
    """A version of a template; `version` is None for the built-in one, which has no `created_at` either.

    `variables` are the paths of the kind's variables, such as `order.items[].name`.
    """

    kind: NotificationKind
    language: str
    version: int | None
    is_active: bool
    source: TemplateSource
    body_html: str
    created_at: datetime | None
    variables: Sequence[str]


class EmailTemplates:
    """The templates of a company, its own versions and the built-in ones."""

    def __init__(self, companies: CompanyService, settings: SettingsTable[NotificationSettings]) -> None:
        self._companies = companies
        self._settings = settings

    async def active(
        self, db: Reader, *, kind: NotificationKind | None = None, language: str | None = None
    ) -> list[EmailTemplate]:
        """The template in use for each kind and language: the company's active version or the built-in one."""
        where: Any = {"is_active": True, **_given(kind=kind, language=language)}
        rows = await data.email_template.find_many(db, where=where)
        own = {(row.kind, row.language): row for row in rows}
        return [
            _own(own[each, tag]) if (each, tag) in own else _built_in(each, tag, is_active=True)
            for each in SAMPLES
            for tag in LANGUAGES
            if kind in {None, each} and language in {None, tag}
        ]

    async def versions(self, db: Reader, kind: NotificationKind, language: str) -> list[EmailTemplate]:
        """The versions of a company, the newest first, and the built-in template. Raises InvalidInput."""
        _require_known(kind, language)
        where: Any = {"kind": kind, "language": language}
        rows = await data.email_template.find_many(db, where=where, order_by=[{"version": "desc"}])
        is_reset = not any(row.is_active for row in rows)
        return [*(_own(row) for row in rows), _built_in(kind, language, is_active=is_reset)]

    async def save(
        self, tx: Tx, actor: Actor, kind: NotificationKind, language: str, source: TemplateSource
    ) -> EmailTemplate:
        """Add a version and make it active. Raises InvalidInput, TemplateInvalid and TooMany."""
        compiled = self.check(kind, language, source)
        await self._lock(tx, kind, language)
        last = await tx.fetch_value(_LAST_VERSION, tx.company_id, kind, language)
        if last >= MAX_VERSIONS:
            raise TooMany(f"A template has at most {MAX_VERSIONS:,} versions.")
        await tx.execute(_DEACTIVATE, tx.company_id, kind, language, tx.clock.now())
        values: Any = {
            "kind": kind,
            "language": language,
            "version": last + 1,
            "is_active": True,
            "created_by_id": actor.user_id,
            "body_html": compiled.body_html,
            **{name: getattr(source, name) for name in TemplateSource.__slots__},
        }
        return _own(await data.email_template.create(tx, data=values))

    async def activate(self, tx: Tx, kind: NotificationKind, language: str, version: int) -> EmailTemplate:
        """Make a version the active one. Raises InvalidInput and NotFound."""
        _require_known(kind, language)
        await self._lock(tx, kind, language)
        where: Any = {"kind": kind, "language": language, "version": version}
        found = await data.email_template.find_first(tx, where=where)
        if found is None:
            raise NotFound("There is no such version.", field=("version",))
        if not found.is_active:
            await tx.execute(_DEACTIVATE, tx.company_id, kind, language, tx.clock.now())
            await tx.execute(_ACTIVATE, tx.company_id, kind, language, version, tx.clock.now())
        (row,) = await data.email_template.find_many(tx, where=where)
        return _own(row)

    async def reset(self, tx: Tx, kind: NotificationKind, language: str) -> EmailTemplate:
        """Use the built-in template again; the versions stay. Raises InvalidInput."""
        _require_known(kind, language)
        await self._lock(tx, kind, language)
        await tx.execute(_DEACTIVATE, tx.company_id, kind, language, tx.clock.now())
        return _built_in(kind, language, is_active=True)

    def check(self, kind: NotificationKind, language: str, source: TemplateSource) -> CompiledTemplate:
        """Compile a template and render it with the kind's samples, of which one has long lists.

        Raises InvalidInput and TemplateInvalid.
        """
        _require_known(kind, language)
        compiled = compile_source(kind, language, source)
        full = {**SHOP, **SAMPLES[kind], "language": language}
        for variables in (full, without_optional(full), with_long_lists(full)):
            _tried(compiled, variables)
        return compiled

    async def preview(
        self,
        db: Reader,
        kind: NotificationKind,
        language: str,
        source: TemplateSource | None,
        variables: Mapping[str, Any] | None = None,
    ) -> Texts:
        """The texts of a draft, or of the template in use, with the kind's sample in the company's look.

        `variables` take the place of those of the sample.

        Raises InvalidInput and TemplateInvalid.
        """
        _require_known(kind, language)
        if source is None:
            (used,) = await self.active(db, kind=kind, language=language)
            compiled = CompiledTemplate(source=used.source, body_html=used.body_html)
        else:
            compiled = self.check(kind, language, source)
        company, look = await self._companies.current(db), await self._settings.current(db)
        filled = {**sample(kind), **(variables or {})}
        return _tried(compiled, in_shop(filled, company, look, language))

    async def _lock(self, tx: Tx, kind: NotificationKind, language: str) -> None:
        await tx.execute(_LOCK, tx.company_id, kind, language)


def _tried(compiled: CompiledTemplate, variables: Mapping[str, Any]) -> Texts:
    try:
        texts = texts_of(compiled, variables)
    except OutputTooLong as error:
        raise TemplateInvalid(str(error), field=("source",)) from error
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        what = f"The template cannot be rendered with the sample: {error}"
        raise TemplateInvalid(what, field=("source",)) from error
    shown = {"subject": texts.subject, "title": texts.title, "short": texts.short, "body_text": texts.text}
    if empty := next((name for name, text in shown.items() if not text.strip()), None):
        raise TemplateInvalid("The text is empty with the sample.", field=("source", empty))
    return texts


def _require_known(kind: NotificationKind, language: str) -> None:
    if kind not in SAMPLES:
        raise InvalidInput("This kind has no template.", field=("kind",))
    if language not in LANGUAGES:
        raise InvalidInput(f"Give one of the languages {', '.join(LANGUAGES)}.", field=("language",))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _own(row: EmailTemplateRow) -> EmailTemplate:
    return EmailTemplate(
        kind=row.kind,
        language=row.language,
        version=row.version,
        is_active=row.is_active,
        source=source_of(row),
        body_html=row.body_html,
        created_at=row.created_at,
        variables=paths(row.kind),
    )


def _built_in(kind: NotificationKind, language: str, *, is_active: bool) -> EmailTemplate:
    compiled = built_in(kind, language)
    return EmailTemplate(
        kind=kind,
        language=language,
        version=None,
        is_active=is_active,
        source=compiled.source,
        body_html=compiled.body_html,
        created_at=None,
        variables=paths(kind),
    )
