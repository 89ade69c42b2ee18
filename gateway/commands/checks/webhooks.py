"""The checks of webhooks to endpoints of integrators."""

from datetime import datetime, timedelta
from typing import Any, Final

from domains.webhook import queue
from domains.webhook.queue import Waiting
from gateway.commands.checks.results import CheckResult

LONGEST_WAIT: Final = timedelta(hours=1)


async def check_webhooks(connection: Any, now: datetime) -> list[CheckResult]:
    """Whether webhooks are sent to endpoints that answer, and the keys decrypt what signs them."""
    waiting = await queue.waiting(connection, now)
    return [_delivery(waiting, now), _keys(await queue.unreadable_endpoints(connection))]


def _delivery(waiting: Waiting, now: datetime) -> CheckResult:
    """Whether the oldest waits for less than an hour. Disabled endpoints are for their companies to mend."""
    notes = [f"Webhooks that wait: {waiting.due}."] if waiting.due else []
    if disabled := ", ".join(f"{number} ({reason})" for reason, number in waiting.disabled.items() if number):
        notes.append(f"Disabled webhook endpoints: {disabled}. Their companies can enable them again.")
    passed = waiting.oldest is None or now - waiting.oldest <= LONGEST_WAIT
    if not passed:
        notes.append(
            "One is due for more than an hour: does a worker run? Its log has `webhook failed` with the reason."
        )
    return CheckResult("Webhooks are sent", passed, "\n".join(notes))


def _keys(endpoints: int) -> CheckResult:
    """Whether something waits because the secret cannot be decrypted that signs it."""
    advice = (
        f"The secrets of {endpoints} webhook endpoints need a key that was removed. Add it again at the end of\n"
        "JWT_KEYS and restart the processes, or give the endpoints new secrets."
    )
    return CheckResult("JWT_KEYS decrypts the secrets of webhooks", not endpoints, advice if endpoints else "")
