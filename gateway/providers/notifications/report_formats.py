"""Reports of providers as they come in: verified, and read into what the domain understands."""

import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from domains.kernel.values.secret import Secret
from domains.notification.models import NotificationType
from domains.notification.suppressions.reports import EVENT_LENGTH, MESSAGE_LENGTH, Report, ReportKind
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from gateway.providers import webhook_signature
from gateway.providers.notifications import smtp, twilio
from gateway.providers.notifications.twilio import TwilioAccount

SIGNATURE: Final = "commerce-signature"
TWILIO_SIGNATURE: Final = "x-twilio-signature"
MOST_EVENTS: Final = 100
MOST_FIELDS: Final = 60
KINDS: Final[Mapping[str, ReportKind]] = {
    "delivered": ReportKind.DELIVERED,
    "soft_bounce": ReportKind.SOFT_BOUNCE,
    "hard_bounce": ReportKind.HARD_BOUNCE,
    "complaint": ReportKind.COMPLAINT,
}
TWILIO_KINDS: Final[Mapping[str, ReportKind]] = {
    "delivered": ReportKind.DELIVERED,
    "read": ReportKind.DELIVERED,
    "undelivered": ReportKind.FAILED,
    "failed": ReportKind.FAILED,
}
# Unknown or unreachable numbers, and landlines.
TWILIO_BOUNCES: Final = frozenset({"30003", "30005", "30006"})


@dataclass(frozen=True, slots=True)
class ReportSources:
    """Whose reports are taken: those signed with the secret, and those of the Twilio account. None takes none."""

    email_secret: Secret | None = None
    twilio: TwilioAccount | None = None


def email_reports(body: bytes, headers: Mapping[str, str], secret: Secret, now: datetime) -> Sequence[Report]:
    """The reports of a signed body `{"events": [{"id", "type", "messageId", "detail"}]}`.

    Raises WebhookSignatureInvalid, and WebhookMalformed when one of them cannot be read: then none is recorded.
    """
    webhook_signature.verify(webhook_signature.header_of(headers, SIGNATURE), body, secret, now)
    try:
        events = orjson.loads(body)["events"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise WebhookMalformed("The body has no events.") from None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise WebhookMalformed(f"The events are no list of at most {MOST_EVENTS}.")
    return [_email_report(each) for each in events]


def twilio_reports(body: bytes, headers: Mapping[str, str], account: TwilioAccount, company: str) -> Sequence[Report]:
    """The report of a form that Twilio signed for this company's URL; none for a message on its way.

    Raises WebhookSignatureInvalid and WebhookMalformed.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise WebhookMalformed("The form cannot be read.") from None
    url = twilio.callback_url(account.callback_url or "", company)
    given = webhook_signature.header_of(headers, TWILIO_SIGNATURE) or ""
    if not hmac.compare_digest(twilio_signature(url, pairs, account.auth_token).encode(), given.encode()):
        raise WebhookSignatureInvalid("The signature of Twilio does not match.")
    form = dict(pairs)
    kind, sid = TWILIO_KINDS.get(form.get("MessageStatus", "")), form.get("MessageSid", "")
    if kind is None or not 0 < len(sid) <= MESSAGE_LENGTH or form.get("AccountSid") != account.sid:
        return []
    code = form.get("ErrorCode") or None
    if "\0" in sid:
        raise WebhookMalformed("The id of the message has a control character.")
    return [
        Report(
            event=f"{sid} {kind}",
            type=NotificationType.SMS,
            provider=twilio.PROVIDER,
            message_id=sid,
            kind=ReportKind.HARD_BOUNCE if code in TWILIO_BOUNCES else kind,
            detail=code,
        )
    ]


def twilio_signature(url: str, pairs: Sequence[tuple[str, str]], auth_token: Secret) -> str:
    """The signature of a form: HMAC-SHA1 over the URL and the sorted names with their values."""
    signed = url + "".join(name + value for name, value in sorted(pairs))
    return b64encode(hmac.digest(auth_token.reveal().encode(), signed.encode(), "sha1")).decode()


def _email_report(event: Any) -> Report:
    if not isinstance(event, dict):
        raise WebhookMalformed("An event is no object.")
    texts = [event.get(name) for name in ("id", "type", "messageId")]
    if not all(isinstance(each, str) and each for each in texts):
        raise WebhookMalformed("An event needs an id, a type and a messageId.")
    identifier, kind, message_id = map(str, texts)
    if (
        kind not in KINDS
        or len(identifier) > EVENT_LENGTH
        or len(message_id) > MESSAGE_LENGTH
        or "\0" in identifier + message_id
    ):
        raise WebhookMalformed("An event has an unknown type, or an id that is too long.")
    detail = event.get("detail")
    return Report(
        event=identifier,
        type=NotificationType.EMAIL,
        provider=smtp.PROVIDER,
        message_id=message_id if message_id.startswith("<") else f"<{message_id}>",
        kind=KINDS[kind],
        detail=detail if isinstance(detail, str) else None,
    )
