"""A mail server on this machine: when it received each e-mail, by Message-ID, which is the notification's."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from aiosmtpd.controller import Controller

from tests.ports import free_port

MESSAGE_ID: Final = re.compile(rb"(?im)^message-id:\s*<([0-9a-f-]{36})@")


class Receipts:
    """The time of the first receipt of each notification, in seconds since 1970 by the clock of this machine."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - of aiosmtpd
        received, found = time.time(), MESSAGE_ID.search(envelope.content)
        if found is not None:
            self.times.setdefault(found[1].decode(), received)
        return "250 taken"


@contextmanager
def receiving() -> Iterator[tuple[Receipts, dict[str, str]]]:
    """What a mail server receives while the block runs, and the settings of processes that send by it."""
    receipts, port = Receipts(), free_port()
    controller = Controller(receipts, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield receipts, {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
    finally:
        controller.stop()
