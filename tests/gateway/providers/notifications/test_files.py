"""Without providers, messages are lines of private files."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.notification.channels import Attachment, Email, Message, PushMessage, Retry, Sent, TextMessage
from domains.notification.models import NotificationType
from gateway.providers.notifications.files import FileChannel
from gateway.providers.notifications.installation import outbound_of
from gateway.settings import Settings

CLOCK: Final = FixedClock(datetime(2026, 11, 30, tzinfo=UTC))
ID, NOW = UUID("018f0000-0000-7000-8000-000000000001"), datetime(2026, 11, 28, 12, tzinfo=UTC)


def mail(to: str = "ann@example.com") -> Email:
    return Email(
        id=ID,
        to=to,
        subject="Your code",
        text="It is 123456.",
        created_at=NOW,
        attachments=[Attachment("tea.pdf", "application/pdf", b"%PDF\xff")],
    )


async def test_without_a_mail_server_mail_is_written_to_a_private_file(tmp_path: Path) -> None:
    channel = outbound_of(Settings(commerce_home=tmp_path), lambda: None, CLOCK).channels[NotificationType.EMAIL]
    for to in ("ann@example.com", "bob@example.com"):
        assert await channel.send(mail(to)) == Sent("FILE")
    file = tmp_path / "outbox" / "mail.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["id"], line["to"], line["subject"], line["text"], line["attachments"]) for line in lines] == [
        (str(ID), "ann@example.com", "Your code", "It is 123456.", ["tea.pdf"]),
        (str(ID), "bob@example.com", "Your code", "It is 123456.", ["tea.pdf"]),
    ]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_each_kind_of_message_has_its_file_without_the_keys_of_devices(tmp_path: Path) -> None:
    channels = outbound_of(Settings(commerce_home=tmp_path), lambda: None, CLOCK).channels
    text = TextMessage(id=ID, to="+4930123456", text="It is 123456.", created_at=NOW)
    push = PushMessage(
        id=ID, address="device", keys={"auth": "key-of-device"}, title="Tea", text="Hot", created_at=NOW
    )
    sent: list[tuple[NotificationType, Message, str]] = [
        (NotificationType.SMS, text, "sms.jsonl"),
        (NotificationType.PUSH, push, "push.jsonl"),
    ]
    for kind, message, name in sent:
        assert await channels[kind].send(message) == Sent("FILE")
        (line,) = (tmp_path / "outbox" / name).read_text().splitlines()
        assert json.loads(line)["text"] == message.text
        assert "key-of-device" not in line


async def test_a_file_that_cannot_be_written_defers_the_mail(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("")
    assert isinstance(await FileChannel(tmp_path / "outbox").send(mail()), Retry)
