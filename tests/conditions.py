"""Waiting for a condition, never longer than it takes."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path

import orjson


async def wait_until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 15) -> None:
    """Wait for a condition. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while True:
            result = condition()
            if await result if isawaitable(result) else result:
                return
            await asyncio.sleep(0.02)


async def mailed_code(home: Path, to: str) -> str:
    """The code of six digits in the last mail to an address, once it has been written to COMMERCE_HOME."""
    file = home / "outbox" / "mail.jsonl"

    def codes() -> list[str]:
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
        return [code for mail in lines if mail["to"] == to for code in re.findall(r"\b\d{6}\b", mail["text"])]

    await wait_until(lambda: bool(codes()))
    return codes()[-1]
