"""Companies' own templates: versions, of which one at most is active, also when two save at once."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput, NotFound, TooMany
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.validation import ValidationErrors, errors_of
from domains.notification.models import NotificationKind
from domains.notification.templates import email_templates
from domains.notification.templates.email_templates import EmailTemplate, EmailTemplates
from domains.notification.templates.errors import TemplateInvalid
from domains.notification.templates.library import LANGUAGES, TemplateSource, built_in
from domains.notification.templates.samples import SAMPLES
from tests.domains.notification.mailbox import Mailbox
from tests.domains.notification.test_notifications import Parts
from tests.gateway.site import services_of

KIND = NotificationKind.WELCOME
SOURCE = TemplateSource(
    subject="Hi {{ first_name }}",
    title="Hi",
    short="Welcome to {{ company.name }}",
    body_mjml=(
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ first_name }}</mj-text></mj-column></mj-section>"
        "</mj-body></mjml>"
    ),
    body_text="Hello {{ first_name }}",
)


class Templates:
    """The templates of a company, each call in a transaction of its own."""

    def __init__(self, database: Database, clock: FixedClock, company: UUID) -> None:
        self.service: EmailTemplates = services_of(clock, database, Mailbox()).notification.templates
        self.database, self.actor = database, Actor.system(company)

    async def save(self, source: TemplateSource = SOURCE, language: str = "en") -> EmailTemplate:
        return await self.database.run(
            lambda tx: self.service.save(tx, self.actor, KIND, language, source), self.actor
        )

    async def activate(self, version: int) -> EmailTemplate:
        return await self.database.run(lambda tx: self.service.activate(tx, KIND, "en", version), self.actor)

    async def reset(self) -> EmailTemplate:
        return await self.database.run(lambda tx: self.service.reset(tx, KIND, "en"), self.actor)

    async def active(self) -> EmailTemplate:
        reader = self.database.reader(self.actor.company_id)
        (found,) = await self.service.active(reader, kind=KIND, language="en")
        return found

    async def versions(self) -> list[tuple[int | None, bool]]:
        reader = self.database.reader(self.actor.company_id)
        return [(each.version, each.is_active) for each in await self.service.versions(reader, KIND, "en")]


@pytest.fixture
def templates(database: Database, clock: FixedClock, company: UUID) -> Templates:
    return Templates(database, clock, company)


async def test_each_kind_and_language_has_a_template(templates: Templates) -> None:
    with counting() as counted:
        found = await templates.service.active(templates.database.reader(templates.actor.company_id))
    assert len(found) == len(SAMPLES) * len(LANGUAGES)
    assert {each.version for each in found} == {None}
    assert counted.data == 1


async def test_a_save_is_a_new_version_and_earlier_ones_can_be_used_again(templates: Templates) -> None:
    assert (await templates.save()).version == 1
    second = await templates.save(replace(SOURCE, subject="Second"))
    assert (second.version, second.is_active) == (2, True)
    assert await templates.versions() == [(2, True), (1, False), (None, False)]
    assert (await templates.active()).source.subject == "Second"
    assert (await templates.activate(1)).is_active
    assert (await templates.activate(1)).is_active
    assert await templates.versions() == [(2, False), (1, True), (None, False)]
    assert (await templates.active()).source == SOURCE
    assert (await templates.reset()).version is None
    assert await templates.versions() == [(2, False), (1, False), (None, True)]
    assert (await templates.active()).source == built_in(KIND, "en").source
    assert (await templates.save(language="de")).version == 1
    assert await templates.versions() == [(2, False), (1, False), (None, True)]


async def test_saves_at_once_are_all_kept_and_one_is_active(templates: Templates) -> None:
    saved = await asyncio.gather(*(templates.save() for _ in range(5)), templates.reset())
    assert sorted(each.version for each in saved if each.version) == [1, 2, 3, 4, 5]
    assert sum(is_active for _, is_active in await templates.versions()) == 1
    await asyncio.gather(*(templates.activate(version) for version in (1, 2, 3, 4, 5)))
    assert sum(is_active for _, is_active in await templates.versions()) == 1


async def test_versions_of_another_company_do_not_exist(
    templates: Templates, database: Database, clock: FixedClock, other_company: UUID
) -> None:
    await templates.save()
    others = Templates(database, clock, other_company)
    assert await others.versions() == [(None, True)]
    with pytest.raises(NotFound):
        await others.activate(1)
    await others.reset()
    assert (await templates.active()).version == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"subject": "{{ code }}"}, [("source", "subject")]),
        ({"body_text": "{{ '' }}"}, [("source", "body_text")]),
        ({"body_mjml": "<mjml><script/></mjml>"}, [("source", "body_mjml")]),
        ({"title": "{{ 1 < 'a' }}"}, [("source",)]),
        ({"subject": "{{ x }}", "short": "{{ y }}"}, [("source", "subject"), ("source", "short")]),
    ],
)
async def test_a_template_that_cannot_be_used_is_refused(
    templates: Templates, changes: dict[str, str], fields: list[Any]
) -> None:
    with pytest.raises((TemplateInvalid, ValidationErrors)) as refused:
        await templates.save(replace(SOURCE, **changes))
    assert [each.field for each in errors_of(refused.value)] == fields
    assert await templates.versions() == [(None, True)]


async def test_a_template_that_an_order_of_many_lines_would_end_is_refused(templates: Templates) -> None:
    work = "{% if item.total|money('EUR') == 'x' %}{% endif %}" * 50
    text = "{% for item in order.items %}" + work + "{% endfor %}Thanks"
    source = built_in(NotificationKind.ORDER_PLACED, "en").source
    with pytest.raises(TemplateInvalid, match="use fewer filters") as refused:
        templates.service.check(NotificationKind.ORDER_PLACED, "en", replace(source, body_text=text))
    assert refused.value.field == ("source",)


async def test_only_known_kinds_and_languages_have_templates(templates: Templates) -> None:
    with pytest.raises(InvalidInput):
        await templates.save(language="it")
    reader = templates.database.reader(templates.actor.company_id)
    with pytest.raises(InvalidInput):
        await templates.service.versions(reader, NotificationKind.STORED_MAIL, "en")


async def test_versions_are_bounded(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_templates, "MAX_VERSIONS", 2)
    await templates.save()
    await templates.save()
    with pytest.raises(TooMany):
        await templates.save()


async def test_a_preview_has_the_sample_in_the_companys_look(templates: Templates) -> None:
    reader = templates.database.reader(templates.actor.company_id)
    preview = await templates.service.preview(reader, KIND, "en", SOURCE)
    assert (preview.subject, preview.short, preview.text) == ("Hi Ann", "Welcome to A shop", "Hello Ann\n")
    assert "Hello Ann" in preview.html
    assert "Willkommen" in (await templates.service.preview(reader, KIND, "de", None)).subject
    assert await templates.versions() == [(None, True)]


async def test_the_version_that_is_active_when_it_is_sent_is_used(
    templates: Templates, database: Database, clock: FixedClock, company: UUID, owner: Any
) -> None:
    parts = Parts(database, clock, company, owner)
    variables = {"first_name": "Eve <b>"}
    before, after, at_last = [
        (await parts.create(KIND, f"key {number}", variables=variables))[0] for number in range(3)
    ]
    await parts.send(before)
    await templates.save()
    await parts.send(after)
    await templates.reset()
    await parts.send(at_last)
    subjects = [mail.subject for mail in parts.mailbox.mails]
    assert subjects == ["A shop: Welcome", "A shop: Hi Eve <b>", "A shop: Welcome"]
    stored = await owner.fetchval("select id from email_templates where company_id = $1", company)
    rows = [await parts.row(each) for each in (before, after, at_last)]
    assert [row["template_id"] for row in rows] == [None, stored, None]


async def test_a_version_that_fails_when_it_is_sent_does_not_keep_the_notification(
    templates: Templates, database: Database, clock: FixedClock, company: UUID, owner: Any
) -> None:
    parts = Parts(database, clock, company, owner)
    await templates.save()
    await owner.execute("update email_templates set subject = '{{ first_name < 1 }}' where company_id = $1", company)
    (created,) = await parts.create(KIND, variables={"first_name": "Ann"})
    await parts.send(created)
    assert [mail.subject for mail in parts.mailbox.mails] == ["A shop: Welcome"]
    assert (await parts.row(created))["template_id"] is None


async def test_the_database_has_one_active_version_at_most(templates: Templates, company: UUID, owner: Any) -> None:
    await templates.save()
    await templates.save()
    with pytest.raises(Exception, match="email_templates_active_key"):
        await owner.execute("update email_templates set is_active = true where company_id = $1", company)
