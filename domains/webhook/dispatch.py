"""Dispatch: one attempt of a delivery, and what follows from its answer."""

from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.fail_points import reach
from domains.kernel.ports import DecryptionFailed
from domains.kernel.text.validation import normalize_text
from domains.kernel.transactions.retries import recorded
from domains.webhook import data, sql
from domains.webhook.bodies import body_of
from domains.webhook.client import Answer, WebhookTransport
from domains.webhook.endpoints import TRYING, Endpoints
from domains.webhook.models import WebhookDelivery, WebhookDeliveryStatus, WebhookDisabledReason, WebhookEndpoint
from domains.webhook.queue import SECRET_UNREADABLE
from domains.webhook.signatures import signed_headers

GONE: Final = 410
EXCERPT: Final = 1_000
DISABLED: Final = "ENDPOINT_DISABLED"
REDIRECTED: Final = "REDIRECTED"
REFUSED: Final = "REFUSED"
MAX_PAUSE: Final = timedelta(hours=1)
USER_AGENT: Final = "Commerce-Webhooks/1"


class Result(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    DEFERRED = "deferred"
    FAILED = "failed"


class Dispatch:
    """Sends deliveries. One that is sent again, because a process died or no answer came, has the same id."""

    def __init__(self, endpoints: Endpoints, transport: WebhookTransport, clock: Clock) -> None:
        self._endpoints = endpoints
        self._transport = transport
        self._clock = clock

    async def send(self, db: Database, company_id: UUID, delivery_id: UUID, attempt: int) -> Result | None:
        """Try to send a delivery; `attempt` is the number of this attempt. None when it had ended, or is gone.

        Emits webhook_endpoint.disabled when the endpoint fails for three days, or answers 410.
        """
        actor, loaded = Actor.system(company_id), await sql.load(db.reader(company_id), delivery_id)
        if loaded is None or loaded[0].status is not WebhookDeliveryStatus.PENDING:
            return None
        delivery, endpoint = loaded
        if not endpoint.is_active:
            is_ended = await db.run(lambda tx: sql.end(tx, delivery, attempt, DISABLED), actor)
            return Result.FAILED if is_ended else None
        answer = await self._post(delivery, endpoint)
        reach("webhook.sent")
        return await recorded(lambda: db.run(lambda tx: self._record(tx, delivery, endpoint, answer, attempt), actor))

    async def _post(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> Answer:
        now, body = self._clock.now(), body_of(delivery, endpoint.api_version)
        try:
            secrets = self._endpoints.secrets_of(endpoint, now)
        except DecryptionFailed:
            return Answer(error=SECRET_UNREADABLE, duration=timedelta(0))
        headers = {"content-type": "application/json", "user-agent": USER_AGENT}
        headers |= signed_headers(delivery.id, body, secrets, now)
        return await self._transport.client.post(endpoint.url, headers, body)

    async def _record(
        self, tx: Tx, delivery: WebhookDelivery, endpoint: WebhookEndpoint, answer: Answer, number: int
    ) -> Result | None:
        error, now = _error_of(answer), tx.clock.now()
        await self._judge(tx, endpoint, answer, is_success=error is None)
        pause = max(self._transport.pause(number - 1), min(answer.retry_after or timedelta(0), MAX_PAUSE))
        if error is None:
            result, status = Result.SUCCEEDED, WebhookDeliveryStatus.SUCCEEDED
        elif answer.status == GONE or now + pause > delivery.expires_at:
            result, status = Result.FAILED, WebhookDeliveryStatus.FAILED
        else:
            result, status = Result.DEFERRED, WebhookDeliveryStatus.PENDING
        attempt = sql.Attempt(
            number=number,
            status=status,
            next_attempt_at=now + pause,
            response_status=answer.status,
            duration_ms=round(answer.duration.total_seconds() * 1_000),
            response=_excerpt(answer.body),
            error=error,
        )
        return result if await sql.record(tx, delivery, attempt) else None

    async def _judge(self, tx: Tx, endpoint: WebhookEndpoint, answer: Answer, *, is_success: bool) -> None:
        """Remember since when an endpoint fails, and disable it after three days, or at once when it is gone."""
        now = tx.clock.now()
        if answer.status == GONE:
            await self._disable(tx, endpoint, WebhookDisabledReason.GONE)
        elif is_success and endpoint.failing_since is not None:
            await data.webhook_endpoint.update_many(tx, where={"id": endpoint.id}, data={"failing_since": None})
        elif not is_success and endpoint.failing_since is None:
            await data.webhook_endpoint.update_many(
                tx, where={"id": endpoint.id, "failing_since": None}, data={"failing_since": now}
            )
        elif not is_success and endpoint.failing_since is not None and endpoint.failing_since <= now - TRYING:
            await self._disable(tx, endpoint, WebhookDisabledReason.FAILING)

    async def _disable(self, tx: Tx, endpoint: WebhookEndpoint, reason: WebhookDisabledReason) -> None:
        """Disable an endpoint, unless it was deleted, or given another address, since the request was sent."""
        current = await data.webhook_endpoint.find_unique(tx, id=endpoint.id, lock=True)
        if current is None or current.url != endpoint.url:
            return
        if reason is WebhookDisabledReason.FAILING and current.failing_since != endpoint.failing_since:
            return
        await self._endpoints.disable(tx, endpoint.id, reason)


def _error_of(answer: Answer) -> str | None:
    """Why an answer is a failure, or None. Redirects are not followed."""
    if answer.status is None:
        return answer.error
    if 200 <= answer.status < 300:
        return None
    return REDIRECTED if 300 <= answer.status < 400 else REFUSED


def _excerpt(body: str) -> str | None:
    """The beginning of an answer as a text that can be stored."""
    return normalize_text(body.replace("\x00", ""))[:EXCERPT] or None
