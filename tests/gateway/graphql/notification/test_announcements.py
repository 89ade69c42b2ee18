"""Announcements through the API: who may, what is shown, and the operations of the guide."""

import re
from typing import Any, Final

import pytest

from domains.role.models import SystemRole
from tests.architecture.test_budgets import ROOT
from tests.gateway.site import Site

GUIDE: Final = re.findall(r"```graphql\n(.*?)```", (ROOT / "docs/marketing-notifications.md").read_text(), re.DOTALL)
SEND: Final = """mutation ($input: AnnouncementSendInput!) { announcementSend(input: $input) {
  announcement { id kind status segmentId url texts { language title text } } errors { code path } } }"""
CANCEL: Final = """mutation ($input: AnnouncementCancelInput!) { announcementCancel(input: $input) {
  announcement { id status endedAt } errors { code path } } }"""
PREVIEW: Final = """mutation ($input: AnnouncementPreviewInput!) { announcementPreview(input: $input) {
  preview { subject html text } errors { code path } } }"""
TEST: Final = """mutation ($input: AnnouncementTestSendInput!) { announcementTestSend(input: $input) {
  recipient errors { code path } } }"""
LIST: Final = """query ($filter: AnnouncementFilterInput) { announcements(first: 5, filter: $filter) {
  totalCount nodes { id status } } }"""
TEXTS: Final = [
    {"language": "en", "title": "Spring", "text": "It is here."},
    {"language": "de", "title": "Frühling", "text": "Er ist da."},
]
DRAFT: Final[dict[str, Any]] = {"kind": "NEWS", "texts": TEXTS}
NEW: Final[dict[str, Any]] = {**DRAFT, "idempotencyKey": "spring"}
MISSING: Final = {"id": "01890a5d-ac96-774b-bcce-b302099a8057"}


@pytest.mark.parametrize(
    ("text", "variables"),
    [(LIST, {}), (SEND, {"input": NEW}), (CANCEL, {"input": MISSING})]
    + [(text, {"input": DRAFT}) for text in (PREVIEW, TEST)],
    ids=["list", "send", "cancel", "preview", "test"],
)
async def test_only_staff_with_promotions_may(site: Site, owner: Any, text: str, variables: dict[str, Any]) -> None:
    assert await site.denied(text, None, **variables) == "UNAUTHENTICATED"
    for role in (SystemRole.CUSTOMER, SystemRole.SUPPORT)[: 1 if text is LIST else 2]:  # support staff may read
        assert await site.denied(text, await site.token(role), **variables) == "FORBIDDEN"
    assert not await owner.fetchval("select count(*) from announcements where company_id = $1", site.company_id)


async def test_an_announcement_is_created_once_for_a_key_listed_and_cancelled(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    made = (await site.do(SEND, admin, **NEW))["announcement"]
    assert made["status"] == "SCHEDULED"
    assert made["texts"] == sorted(TEXTS, key=lambda each: each["language"])
    assert (await site.do(SEND, admin, **NEW))["announcement"]["id"] == made["id"]
    listed = await site.value(LIST, admin, filter={"status": "SCHEDULED", "kind": "NEWS"})
    assert listed == {"totalCount": 1, "nodes": [{"id": made["id"], "status": "SCHEDULED"}]}
    assert site.count.data == 2
    cancelled = (await site.do(CANCEL, admin, id=made["id"]))["announcement"]
    assert (cancelled["status"], cancelled["endedAt"] is None) == ("CANCELLED", False)
    refused = await site.value(CANCEL, admin, input={"id": made["id"]})
    assert refused["errors"] == [{"code": "ANNOUNCEMENT_ENDED", "path": ["input", "id"]}]
    refused = await site.value(CANCEL, admin, input=MISSING)
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
    assert (await site.value(LIST, admin, filter={"kind": "PROMOTION"}))["totalCount"] == 0


async def test_a_preview_is_in_the_language_of_the_reader_and_a_test_goes_to_oneself(site: Site, owner: Any) -> None:
    admin = await site.token(SystemRole.ADMIN)
    shown = (await site.do(PREVIEW, admin, **DRAFT, language="de-AT"))["preview"]
    assert (shown["subject"], "Er ist da." in shown["text"]) == ("Frühling", True)
    assert (await site.do(PREVIEW, admin, **DRAFT))["preview"]["subject"] == "Spring"
    me = (await site.value("{ me { email } }", admin))["email"]
    assert (await site.do(TEST, admin, **DRAFT))["recipient"] == me
    rows = await owner.fetch("select kind, recipient from notifications where company_id = $1", site.company_id)
    assert [tuple(row) for row in rows] == [("STORED_MAIL", me)]


async def test_the_operations_of_the_guide_work(site: Site) -> None:
    admin = await site.token(SystemRole.ADMIN)
    assert len(GUIDE) == 4
    for text in GUIDE:
        answer = (await site.post(text, admin)).json()
        assert "errors" not in answer, answer
        (payload,) = answer["data"].values()
        assert payload.get("errors", []) == [], payload
    assert payload["company"]["cartReminderHours"] == [24, 72]
