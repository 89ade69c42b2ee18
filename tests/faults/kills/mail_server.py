"""A mail server on this machine, `aiosmtpd`: what it received, by Message-ID, which is the notification's."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port

TESTED = "ann-"
"""The beginning of the addresses of tests; the shop also writes to its customers."""


class MailServer:
    """Takes all mail in, and counts that of tests. A mailbox recognizes a second delivery by the Message-ID."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: Counter[str] = Counter()
        self.recipients: set[str] = set()
        self.texts: defaultdict[str, set[str]] = defaultdict(set)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of processes that send by it."""
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "SMTP_SECURITY": "none"}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - of aiosmtpd
        if not all(each.startswith(TESTED) for each in envelope.rcpt_tos):
            return "250 taken"
        message = message_from_bytes(envelope.content, policy=policy.default)
        identifier, text = str(message["Message-ID"]), message.get_body(("plain",))
        assert text is not None
        self.received[identifier] += 1
        self.recipients.update(envelope.rcpt_tos)
        self.texts[identifier].add(str(text.get_content()))
        return "250 taken"


@contextmanager
def receiving_mail() -> Iterator[MailServer]:
    """A mail server that listens."""
    server = MailServer(free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
