"""The checks of notifications that wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from domains.notification import queue
from domains.notification.queue import Waiting
from gateway.commands.checks.results import CheckResult

LONGEST_WAIT: Final = timedelta(hours=1)


async def check_notifications(connection: Any, key_ids: Sequence[str], now: datetime) -> list[CheckResult]:
    """Whether notifications are sent, and whether the keys decrypt them."""
    waiting = await queue.waiting(connection, key_ids, now)
    return [_delivery(waiting, now), _keys(waiting)]


def _delivery(waiting: Waiting, now: datetime) -> CheckResult:
    """How many notifications wait in each lane, and whether the oldest waits for less than an hour."""
    notes, waited = [], [now - lane.oldest for lane in waiting.lanes.values() if lane.oldest is not None]
    for priority, lane in waiting.lanes.items():
        if lane.oldest is not None:
            minutes = int((now - lane.oldest).total_seconds() // 60)
            notes.append(f"{priority} notifications that wait: {lane.number}, the oldest for {minutes} minutes.")
    passed = max(waited, default=timedelta(0)) <= LONGEST_WAIT
    if not passed:
        notes.append("The log of the worker has the answers of the providers.")
    return CheckResult("Notifications are sent", passed, "\n".join(notes))


def _keys(waiting: Waiting) -> CheckResult:
    """Whether each one can be decrypted, and whether older keys are still needed."""
    notes = []
    if waiting.unreadable:
        notes += [
            f"{waiting.unreadable} notifications wait for a key that was removed. Add it again at the end of",
            "JWT_KEYS and restart the processes: they are then sent. If the key is lost or has leaked, delete the",
            f"rows of queued_notifications whose key_id is {' or '.join(waiting.missing_keys)}.",
        ]
    if waiting.under_older_keys:
        notes.append(
            f"{waiting.under_older_keys} notifications wait under older keys of JWT_KEYS: keep these for now."
        )
    return CheckResult("JWT_KEYS decrypts every notification that waits", not waiting.unreadable, "\n".join(notes))
