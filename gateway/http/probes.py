"""Probes: `/healthz` for liveness, `/readyz` for the parts that the process needs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from gateway.http.responses import Send, send_json

log = structlog.get_logger("gateway.http")
Check = Callable[[], Awaitable[object]]


class Health:
    """Answers as long as the event loop runs."""

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """Always 200."""
        await send_json(send, 200, {"status": "ok"})


class Readiness:
    """Runs the named checks concurrently; 503 names those that failed. Only the log has the reasons.

    The probe is public and a check writes to the database: simultaneous requests share one run of the checks.
    """

    def __init__(self, checks: Mapping[str, Check], timeout: float) -> None:
        self._checks = dict(checks)
        self._timeout = timeout
        self._run: asyncio.Task[dict[str, str]] | None = None

    async def __call__(self, _scope: Any, _receive: Any, send: Send) -> None:
        """Answer 200 when every check passes, otherwise 503."""
        if self._run is None or self._run.done():
            self._run = asyncio.create_task(self._run_checks())
        states = await asyncio.shield(self._run)
        ready = "failed" not in states.values()
        await send_json(
            send, 200 if ready else 503, {"status": "ready" if ready else "unavailable", "checks": states}
        )

    async def _run_checks(self) -> dict[str, str]:
        passed = await asyncio.gather(*(self._passes(name, check) for name, check in self._checks.items()))
        return {name: "ok" if has_passed else "failed" for name, has_passed in zip(self._checks, passed, strict=True)}

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(self._timeout):
                await check()
        except Exception:
            log.exception("check failed", check=name)
            return False
        return True
