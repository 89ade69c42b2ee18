"""Webhooks of payment providers that were just received, processed at once by this process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway.messaging.background import Work
from gateway.messaging.processes import Process

ProcessWebhook: TypeAlias = Callable[[UUID, UUID], Awaitable[object]]
log = structlog.get_logger("gateway.webhooks")
WORKERS: Final = 4
MAX_WAITING: Final = 1_000


class WebhookQueue:
    """Processes webhooks a few at a time, by the ids of their companies and their own.

    The rows are the queue: what this one does not take, or loses with its process, the job `process payment webhooks`
    finds within half a minute.
    """

    def __init__(self, process: ProcessWebhook) -> None:
        self._process = process
        self._waiting: asyncio.Queue[tuple[UUID, UUID]] = asyncio.Queue(MAX_WAITING)

    def put(self, company_id: UUID, webhook_id: UUID) -> None:
        """Have a stored webhook processed; it is left to the job when too many wait."""
        if not self._waiting.full():
            self._waiting.put_nowait((company_id, webhook_id))

    def work(self, process: Process) -> dict[str, Work]:
        """The background work of a server; other processes receive no webhooks."""
        return {"webhooks": self.run} if process is Process.SERVER else {}

    async def run(self) -> None:
        """Process webhooks until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def drain(self) -> None:
        """Process the webhooks that wait."""
        while not self._waiting.empty():
            await self._next()

    async def _work(self) -> None:
        while True:
            await self._next()

    async def _next(self) -> None:
        company_id, webhook_id = await self._waiting.get()
        try:
            await self._process(company_id, webhook_id)
        except Exception:
            raise_if_cancelled()
            log.exception("webhook left to the job", webhook=str(webhook_id))
