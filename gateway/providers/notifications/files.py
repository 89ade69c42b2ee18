"""Channels of an installation without providers: each message is a line of a local file."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import orjson

from domains.notification.channels import Email, Message, Outcome, PushMessage, Retry, Sent, TextMessage

PROVIDER: Final = "FILE"
FILES: Final[dict[type[Message], str]] = {
    Email: "mail.jsonl",
    TextMessage: "sms.jsonl",
    PushMessage: "push.jsonl",
}
HIDDEN: Final = frozenset({"created_at", "attachments", "keys", "kept_for"})


class FileChannel:
    """Appends each message as a JSON line to a file of its kind in a private folder.

    One that is sent again has the same id.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: Message) -> Outcome:
        """Append the message; Retry when the file cannot be written."""
        file = self._folder / FILES[type(message)]
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with file.open("ab") as opened:
                file.chmod(0o600)
                opened.write(_line(message))  # one write: lines of several processes do not interleave
        except OSError as error:
            return Retry(PROVIDER, str(error))
        return Sent(PROVIDER)

    async def close(self) -> None:
        """Nothing is kept open."""


def _line(message: Message) -> bytes:
    shown: dict[str, Any] = {"id": str(message.id), "at": message.created_at}
    shown |= {each.name: getattr(message, each.name) for each in fields(message) if each.name not in HIDDEN | {"id"}}
    if isinstance(message, Email):
        shown["attachments"] = [each.name for each in message.attachments]
    return orjson.dumps({name: value for name, value in shown.items() if value not in (None, {}, [])}) + b"\n"
