"""The check of mail that waits."""

from datetime import datetime, timedelta
from typing import Any, Final

from gateway.commands.checks.results import CheckResult

LONGEST_WAIT: Final = timedelta(hours=1)
WAITING: Final = "select count(*) as mails, min(created_at) as oldest from queued_mails"


async def check_mail(connection: Any, now: datetime) -> CheckResult:
    """How many mails wait, and whether the oldest waits for less than an hour."""
    row = await connection.fetchrow(WAITING)
    if not row["mails"]:
        return CheckResult("Mail is delivered", passed=True)
    waited = now - row["oldest"]
    shown = f"Mails that wait: {row['mails']}, the oldest for {int(waited.total_seconds() // 60)} minutes."
    passed = waited <= LONGEST_WAIT
    advice = shown if passed else f"{shown} The log of the worker has the replies of the mail server."
    return CheckResult("Mail is delivered", passed, advice)
