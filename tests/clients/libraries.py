"""A client library in a Node process that subscribes, and what it has printed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from tests.clients.toolchain import Workspace

SECONDS = 30


@dataclass
class Subscriber:
    """A subscriber."""

    process: asyncio.subprocess.Process

    async def next(self, seconds: float = SECONDS) -> dict[str, Any]:
        """What it prints next; reports of connections are left out. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                line = await self._line()
                if "connected" not in line:
                    return line

    async def connected(self) -> None:
        """Wait until it is connected, for libraries that say so."""
        async with asyncio.timeout(SECONDS):
            while "connected" not in await self._line():
                pass

    async def unsubscribe(self) -> None:
        """Let it unsubscribe and end."""
        self._input.write(b"\n")
        async with asyncio.timeout(SECONDS):
            while "unsubscribed" not in await self._line():
                pass
            assert await self.process.wait() == 0

    async def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            raise AssertionError((await self.process.stderr.read()).decode())
        return dict(orjson.loads(line))

    @property
    def _input(self) -> asyncio.StreamWriter:
        assert self.process.stdin is not None
        return self.process.stdin


@asynccontextmanager
async def subscriber(
    workspace: Workspace, library: str, urls: str, query: str, *, tokens: Sequence[str] = (), **variables: Any
) -> AsyncIterator[Subscriber]:
    """Start a subscriber; its process has ended after the block.

    Each of its connections is to the next of the URLs, which are separated by commas, with the next of the access
    tokens; the last token is used for all further ones.
    """
    process = await asyncio.create_subprocess_exec(
        workspace.node.node,
        "subscriber.mjs",
        library,
        urls,
        query,
        orjson.dumps(variables).decode(),
        orjson.dumps(list(tokens)).decode(),
        cwd=workspace.folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Subscriber(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
