"""`/healthz` says that the process lives; `/readyz` asks every part it needs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from gateway.http.responses import Send, send_json

log = structlog.get_logger("gateway.http")
Check = Callable[[], Awaitable[object]]


class Health:
    """Answers as long as the event loop turns."""

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """Always 200."""
        await send_json(send, 200, {"status": "ok"})


class Readiness:
    """Asks each named check at once; 503 names those that failed. Why they failed stands in the log alone.

    Anybody may ask, and the database writes for an answer: requests that come together share one round of checks.
    """

    def __init__(self, checks: Mapping[str, Check], timeout: float) -> None:
        self._checks = dict(checks)
        self._timeout = timeout
        self._round: asyncio.Task[list[bool]] | None = None

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """200 when every check passes."""
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._checked())
        passed = await asyncio.shield(self._round)
        states = {name: "ok" if good else "failed" for name, good in zip(self._checks, passed, strict=True)}
        ready = all(passed)
        await send_json(
            send, 200 if ready else 503, {"status": "ready" if ready else "unavailable", "checks": states}
        )

    async def _checked(self) -> list[bool]:
        return await asyncio.gather(*(self._passes(name, check) for name, check in self._checks.items()))

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await check()
        except Exception:
            log.exception("check failed", check=name)
            return False
        return True
