"""Reports about notifications: bounces, complaints and deliveries of e-mails, and what Twilio tells of SMS."""

import asyncio
import hmac
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import httpx
import orjson
import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from gateway.providers.notifications.report_formats import twilio_signature
from gateway.providers.webhook_signature import sign
from tests.gateway.site import TWILIO_SID, Site

SECRET: Final = Secret("the secret of e-mail reports")
TOKEN: Final = Secret("the token")
SENT: Final = """
insert into notifications (id, company_id, type, kind, category, priority, status, recipient, dedupe_key,
                           scheduled_at, sent_at, updated_at)
values ($1, $2, $3, 'ORDER_PAID', 'ORDERS', 'IMPORTANT', 'SENT', $4, $1::uuid::text, $5, $5, $5)
"""


class Reporter:
    """A provider, with messages that a site has sent."""

    def __init__(self, site: Site, owner: Any) -> None:
        self.site = site
        self.owner = owner

    async def sent(self, kind: str = "EMAIL", recipient: str = "ann+tea@example.com") -> tuple[UUID, str]:
        """A message that was sent, and the provider's id of it."""
        notification_id, now = new_id(), self.site.database.clock.now()
        provider, message_id = (
            ("SMTP", f"<{notification_id}@e.a>") if kind == "EMAIL" else ("TWILIO", f"SM{new_id().hex}")
        )
        await self.owner.execute(
            SENT,
            notification_id,
            self.site.company_id,
            kind,
            recipient,
            now,
        )
        await self.owner.execute(
            "insert into notification_logs (id, company_id, notification_id, status, provider, provider_message_id)"
            " values ($1, $2, $3, 'SENT', $4, $5)",
            new_id(),
            self.site.company_id,
            notification_id,
            provider,
            message_id,
        )
        return notification_id, message_id

    async def report(self, *events: Any, company: UUID | None = None, **given: Any) -> int:
        """Post signed events; the status of the answer."""
        body = given.get("body", orjson.dumps({"events": events}))
        at = given.get("at", self.site.database.clock.now())
        signature = given.get("signature", sign(body, given.get("secret", SECRET), at))
        return await self._post(
            company or self.site.company_id, "email-reports", body, {"commerce-signature": signature}
        )

    async def tell(self, sid: str, status: str, *, company: UUID | None = None, **given: str) -> int:
        """Post a form as Twilio does; `signature` and `url` are those of a forger."""
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": TWILIO_SID}
        signature, url = given.pop("signature", None), given.pop("url", None)
        body = urlencode(form | given).encode()
        slug = await self.slug(self.site.company_id)
        signed = twilio_signature(
            url or f"https://api.shop.example/notifications/{slug}/twilio", parse_qsl(body.decode()), TOKEN
        )
        headers = {"x-twilio-signature": signature or signed, "content-type": "application/x-www-form-urlencoded"}
        return await self._post(company or self.site.company_id, "twilio", body, headers)

    async def slug(self, company: UUID) -> str:
        return str(await self.owner.fetchval("select slug from companies where id = $1", company))

    async def _post(self, company: UUID, path: str, body: bytes, headers: dict[str, str]) -> int:
        transport = httpx.ASGITransport(self.site.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            url = f"/notifications/{await self.slug(company)}/{path}"
            return (await client.post(url, content=body, headers=headers)).status_code

    async def state(self, notification_id: UUID) -> tuple[str, str | None]:
        row = await self.owner.fetchrow(
            "select status, failure_reason from notifications where id = $1", notification_id
        )
        return row["status"], row["failure_reason"]

    async def logged(self, notification_id: UUID) -> list[tuple[str, str | None]]:
        """What was logged after it was sent."""
        rows = await self.owner.fetch(
            "select status, error from notification_logs where notification_id = $1 order by id", notification_id
        )
        return [(row["status"], row["error"]) for row in rows[1:]]

    async def suppressed(self) -> list[tuple[str, str, str]]:
        rows = await self.owner.fetch(
            "select channel, address, reason from notification_suppressions where company_id = $1",
            self.site.company_id,
        )
        return [(row["channel"], row["address"], row["reason"]) for row in rows]


@pytest.fixture
def reporter(site: Site, owner: Any) -> Reporter:
    return Reporter(site, owner)


def event(message_id: str, kind: str = "hard_bounce", **given: Any) -> dict[str, Any]:
    return {"id": f"event of {message_id} {kind}", "type": kind, "messageId": message_id} | given


@pytest.mark.parametrize(
    ("kind", "state", "logged", "reason"),
    [
        ("delivered", ("DELIVERED", None), ("DELIVERED", None), None),
        ("soft_bounce", ("SENT", None), ("SENT", "452 4.2.2"), None),
        ("hard_bounce", ("BOUNCED", "452 4.2.2"), ("BOUNCED", "452 4.2.2"), "HARD_BOUNCE"),
        ("complaint", ("SENT", None), ("SENT", "452 4.2.2"), "COMPLAINT"),
    ],
)
async def test_a_report_changes_the_status_and_suppresses_the_address(
    reporter: Reporter, kind: str, state: Any, logged: Any, reason: str | None
) -> None:
    notification_id, message_id = await reporter.sent()
    assert await reporter.report(event(message_id.strip("<>"), kind, detail="452 4.2.2")) == 200
    assert await reporter.state(notification_id) == state
    assert await reporter.logged(notification_id) == [logged]
    assert await reporter.suppressed() == ([("EMAIL", "ann@example.com", reason)] if reason else [])


async def test_a_known_event_changes_nothing_however_often_and_at_once(reporter: Reporter) -> None:
    notification_id, message_id = await reporter.sent()
    reported = event(message_id)
    statuses = await asyncio.gather(*(reporter.report(reported, reported) for _ in range(4)))
    assert set(statuses) == {200}
    assert await reporter.logged(notification_id) == [("BOUNCED", "HARD_BOUNCE")]
    assert len(await reporter.suppressed()) == 1


async def test_reports_come_in_any_order(reporter: Reporter) -> None:
    notification_id, message_id = await reporter.sent()
    for kind in ("hard_bounce", "delivered", "complaint"):
        assert await reporter.report(event(message_id, kind)) == 200
    assert await reporter.state(notification_id) == ("BOUNCED", "HARD_BOUNCE")
    assert sorted(await reporter.suppressed()) == [
        ("EMAIL", "ann@example.com", "COMPLAINT"),
        ("EMAIL", "ann@example.com", "HARD_BOUNCE"),
    ]


async def test_a_detail_with_an_address_is_not_kept(reporter: Reporter) -> None:
    notification_id, message_id = await reporter.sent()
    await reporter.report(event(message_id, detail="550 <ann@example.com> is unknown"))
    assert await reporter.state(notification_id) == ("BOUNCED", "HARD_BOUNCE")


async def test_a_report_without_a_valid_signature_stores_nothing(reporter: Reporter) -> None:
    notification_id, message_id = await reporter.sent()
    old = reporter.site.database.clock.now() - timedelta(minutes=6)
    reported = event(message_id)
    assert await reporter.report(reported, secret=Secret("another secret of reports")) == 400
    assert await reporter.report(reported, at=old) == 400
    assert await reporter.report(reported, signature="") == 400
    other = sign(orjson.dumps({"events": []}), SECRET, reporter.site.database.clock.now())
    assert await reporter.report(reported, signature=other) == 400
    assert (await reporter.state(notification_id), await reporter.suppressed()) == (("SENT", None), [])


async def test_a_signature_of_a_time_far_in_the_future_is_refused(reporter: Reporter) -> None:
    body = orjson.dumps({"events": []})
    digest = hmac.digest(SECRET.reveal().encode(), b"999999999999." + body, "sha256").hex()
    assert await reporter.report(body=body, signature=f"t=999999999999,v1={digest}") == 400


async def test_an_id_that_cannot_be_stored_is_refused(reporter: Reporter) -> None:
    assert await reporter.tell("SM\0", "delivered") == 400


async def test_a_report_about_a_message_of_another_company_finds_nothing(
    reporter: Reporter, other_company: UUID
) -> None:
    notification_id, message_id = await reporter.sent()
    assert await reporter.report(event(message_id), company=other_company) == 200
    assert await reporter.report(event("<unknown@e.a>")) == 200
    assert (await reporter.state(notification_id), await reporter.suppressed()) == (("SENT", None), [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"events": {}}',
        b'{"events": [5]}',
        b'{"events": [{"id": "a", "type": "hard_bounce"}]}',
        b'{"events": [{"id": "a", "type": "exploded", "messageId": "b"}]}',
        b'{"events": [{"id": 5, "type": "hard_bounce", "messageId": "b"}]}',
        b'{"events": [{"id": "a\\u0000", "type": "hard_bounce", "messageId": "b"}]}',
        orjson.dumps({"events": [event("x" * 600)]}),
        orjson.dumps({"events": [event("x")] * 101}),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(reporter: Reporter, body: bytes) -> None:
    assert await reporter.report(body=body) == 400


async def test_a_body_that_is_too_large_is_refused(reporter: Reporter) -> None:
    assert await reporter.report(body=b"x" * 300_000) == 413


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        ("sent", "", ("SENT", None)),
        ("delivered", "", ("DELIVERED", None)),
        ("failed", "30008", ("FAILED", "30008")),
        ("undelivered", "30005", ("BOUNCED", "30005")),
    ],
)
async def test_twilio_tells_what_became_of_an_sms(reporter: Reporter, status: str, code: str, state: Any) -> None:
    notification_id, sid = await reporter.sent("SMS", "+4915112345678")
    for _ in range(2):
        assert await reporter.tell(sid, status, ErrorCode=code or "0") == 200
    assert await reporter.state(notification_id) == state
    assert len(await reporter.logged(notification_id)) == (status != "sent")
    assert await reporter.suppressed() == []


async def test_a_form_that_twilio_did_not_sign_stores_nothing(reporter: Reporter, other_company: UUID) -> None:
    notification_id, sid = await reporter.sent("SMS", "+4915112345678")
    assert await reporter.tell(sid, "delivered", signature="AAAA") == 400
    assert await reporter.tell(sid, "delivered", url="https://api.shop.example/notifications/x/twilio") == 400
    assert await reporter.tell(sid, "delivered", company=other_company) == 400
    assert await reporter.tell(sid, "delivered", AccountSid="AC" + "9" * 32) == 200
    assert await reporter.state(notification_id) == ("SENT", None)


def test_the_signature_is_that_of_twilios_documentation() -> None:
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+12349013030"),
        ("Digits", "1234"),
        ("From", "+12349013030"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio_signature(url, form[::-1], Secret("12345")) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="
