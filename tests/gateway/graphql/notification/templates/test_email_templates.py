"""Email templates through GraphQL: who may see and change them, versions, previews and samples."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest

from domains.notification.templates.library import LANGUAGES
from domains.notification.templates.samples import SAMPLES
from domains.role.models import SystemRole
from tests.gateway.site import Site

ALL: Final = """query ($filter: EmailTemplateFilterInput) { emailTemplates(filter: $filter) {
  kind language version isActive subject bodyMjml bodyHtml variables createdAt } }"""
ONE: Final = """query ($version: Int) { emailTemplate(kind: WELCOME, language: "en", version: $version) {
  version isActive subject } }"""
VERSIONS: Final = '{ emailTemplateVersions(kind: WELCOME, language: "en") { version isActive } }'
TEMPLATE: Final = "template { version isActive subject } errors { code message path }"
UPDATE: Final = (
    f"mutation ($input: EmailTemplateUpdateInput!) {{ emailTemplateUpdate(input: $input) {{ {TEMPLATE} }} }}"
)
ACTIVATE: Final = f"""mutation ($input: EmailTemplateVersionActivateInput!) {{
  emailTemplateVersionActivate(input: $input) {{ {TEMPLATE} }} }}"""
RESET: Final = f"mutation ($input: EmailTemplateResetInput!) {{ emailTemplateReset(input: $input) {{ {TEMPLATE} }} }}"
PREVIEW: Final = """mutation ($input: EmailTemplatePreviewInput!) { emailTemplatePreview(input: $input) {
  preview { subject html text title short } errors { code message path } } }"""
SEND: Final = """mutation ($input: EmailTemplateTestSendInput!) { emailTemplateTestSend(input: $input) {
  recipient errors { code message path } } }"""
WELCOME: Final = {"kind": "WELCOME", "language": "en"}
MJML: Final = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
SOURCE: Final = {
    "subject": "Hi {{ first_name }}",
    "title": "Hi",
    "short": "Welcome",
    "bodyMjml": MJML,
    "bodyText": "Hello {{ first_name }}",
}
QUERIES: Final[list[tuple[str, dict[str, Any]]]] = [(ALL, {}), (ONE, {}), (VERSIONS, {})]
MUTATIONS: Final[list[tuple[str, dict[str, Any]]]] = [
    (UPDATE, {**WELCOME, "source": SOURCE}),
    (ACTIVATE, {**WELCOME, "version": 1}),
    (RESET, WELCOME),
    (PREVIEW, WELCOME),
    (SEND, WELCOME),
]


@pytest.mark.parametrize(
    ("text", "variables"),
    [*QUERIES, *((text, {"input": each}) for text, each in MUTATIONS)],
    ids=lambda each: str(each)[:40],
)
async def test_only_staff_with_the_settings_may(site: Site, owner: Any, text: str, variables: dict[str, Any]) -> None:
    assert await site.denied(text, None, **variables) == "UNAUTHENTICATED"
    for role in (SystemRole.CUSTOMER, SystemRole.SUPPORT):
        assert await site.denied(text, await site.token(role), **variables) == "FORBIDDEN"
    assert not await owner.fetchval("select count(*) from email_templates where company_id = $1", site.company_id)


async def test_all_templates_are_listed_by_one_statement(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    found = await site.value(ALL, admin)
    assert len(found) == len(SAMPLES) * len(LANGUAGES)
    assert {each["version"] for each in found} == {None}
    chosen = await site.value(ALL, admin, filter={"kind": "ORDER_PLACED", "language": "de"})
    assert [(each["kind"], each["language"]) for each in chosen] == [("ORDER_PLACED", "de")]
    assert "order.items[].name" in chosen[0]["variables"]


async def test_a_template_is_saved_activated_and_reset(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    for version in (1, 2):
        saved = await site.do(UPDATE, admin, **WELCOME, source=SOURCE)
        assert saved["template"] == {"version": version, "isActive": True, "subject": SOURCE["subject"]}
    assert (await site.do(ACTIVATE, admin, **WELCOME, version=1))["template"]["version"] == 1
    assert (await site.value(ONE, admin))["version"] == 1
    assert (await site.value(ONE, admin, version=2))["isActive"] is False
    assert await site.value(ONE, admin, version=3) is None
    (error,) = (await site.value(ACTIVATE, admin, input={**WELCOME, "version": 3}))["errors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "version"])
    assert (await site.do(RESET, admin, **WELCOME))["template"]["version"] is None
    assert await site.value(VERSIONS, admin) == [
        {"version": 2, "isActive": False},
        {"version": 1, "isActive": False},
        {"version": None, "isActive": True},
    ]


async def test_another_company_has_templates_of_its_own(
    make_site: Callable[..., Site], company: UUID, other_company: UUID
) -> None:
    site, other = make_site(company), make_site(other_company)
    await site.do(UPDATE, await site.token(SystemRole.ADMIN), **WELCOME, source=SOURCE)
    intruder = await other.token(SystemRole.ADMIN)
    assert await other.value(VERSIONS, intruder) == [{"version": None, "isActive": True}]
    (error,) = (await other.value(ACTIVATE, intruder, input={**WELCOME, "version": 1}))["errors"]
    assert error["code"] == "NOT_FOUND"
    await other.do(RESET, intruder, **WELCOME)
    assert (await site.value(ONE, await site.token(SystemRole.ADMIN)))["version"] == 1


async def test_what_is_wrong_is_told_with_its_path_and_line(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    wrong = {**SOURCE, "subject": "{{ 'a' * 10**9 }}", "bodyMjml": "<mjml>\n<script/></mjml>", "short": "{{ code }}"}
    payload = await site.value(UPDATE, admin, input={**WELCOME, "source": wrong})
    assert payload["template"] is None
    assert [(each["code"], each["path"]) for each in payload["errors"]] == [
        ("TEMPLATE_INVALID", ["input", "source", "subject"]),
        ("TEMPLATE_INVALID", ["input", "source", "short"]),
        ("TEMPLATE_INVALID", ["input", "source", "bodyMjml"]),
    ]
    assert payload["errors"][2]["message"].startswith("Line 2: The element `script`")
    previewed = await site.value(PREVIEW, admin, input={**WELCOME, "source": wrong})
    assert (previewed["preview"], len(previewed["errors"])) == (None, 3)


async def test_a_draft_is_previewed_and_sent_to_the_own_address_only(site: Site, owner: Any) -> None:
    user = await site.account(SystemRole.ADMIN)
    token = (await site.login(user.email))["accessToken"]
    preview = (await site.do(PREVIEW, token, **WELCOME, source=SOURCE))["preview"]
    assert (preview["subject"], preview["text"], preview["short"]) == ("Hi Ann", "Hello Ann\n", "Welcome")
    assert (await site.do(SEND, token, **WELCOME, source=SOURCE))["recipient"] == user.email
    rows = await owner.fetch(
        "select recipient from notifications where company_id = $1 and kind = 'STORED_MAIL'", site.company_id
    )
    assert [row["recipient"] for row in rows] == [user.email]
