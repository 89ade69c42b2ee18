"""TransactionSlots for transactions: only so many of them run at a time."""

import asyncio

from domains.kernel.errors import Busy


class TransactionSlots(asyncio.Semaphore):
    """A number of slots, each of which is taken for a block. Raises Busy when none is free within some seconds."""

    def __init__(self, number: int, seconds: float) -> None:
        super().__init__(number)
        self._seconds = seconds

    async def __aenter__(self) -> None:
        if not self.locked():
            await self.acquire()
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self.acquire()
        except TimeoutError:
            raise Busy("The server is busy. Try again in a moment.") from None
