"""The checks of mail that waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.commands.checks.results import CheckResult
from gateway.messaging.mail_queue import WaitingMails, waiting_mails

LONGEST_WAIT: Final = timedelta(hours=1)


async def check_mail(connection: Any, key_ids: Sequence[str], now: datetime) -> list[CheckResult]:
    """Whether mail is delivered, and whether the keys decrypt it."""
    waiting = await waiting_mails(connection, key_ids)
    return [_delivery(waiting, now), _keys(waiting)]


def _delivery(waiting: WaitingMails, now: datetime) -> CheckResult:
    """How many mails wait, and whether the oldest waits for less than an hour."""
    if waiting.oldest is None:
        return CheckResult("Mail is delivered", passed=True)
    waited = now - waiting.oldest
    shown = f"Mails that wait: {waiting.readable}, the oldest for {int(waited.total_seconds() // 60)} minutes."
    passed = waited <= LONGEST_WAIT
    advice = shown if passed else f"{shown} The log of the worker has the replies of the mail server."
    return CheckResult("Mail is delivered", passed, advice)


def _keys(waiting: WaitingMails) -> CheckResult:
    """Whether each mail can be decrypted, and whether older keys are still needed."""
    notes = []
    if waiting.unreadable:
        notes += [
            f"{waiting.unreadable} mails wait for a key that was removed. Add it again at the end of JWT_KEYS and",
            "restart the processes: the mails are then delivered. If the key is lost or has leaked, delete the",
            f"rows of queued_mails whose key_id is {' or '.join(waiting.missing_keys)}.",
        ]
    if waiting.under_older_keys:
        notes.append(f"{waiting.under_older_keys} mails wait under older keys of JWT_KEYS: keep these for now.")
    return CheckResult("JWT_KEYS decrypts every mail that waits", not waiting.unreadable, "\n".join(notes))
