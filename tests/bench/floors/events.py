"""The floor of the path of an event: one row in the inbox for each, by a task, or through a quorum queue of RabbitMQ.

No relay that reads the outbox, no subscriptions, nothing to handle: what no path of events can be faster than.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from uuid import UUID, uuid4

import aio_pika
import asyncpg
from aio_pika.abc import AbstractIncomingMessage

HANDLER: Final = "bench.floor"
BATCH: Final = 50
PREFETCH: Final = 20
CONNECTIONS: Final = 4
HANDLE: Final = "insert into inbox_entries (event_id, handler, processed_at) values ($1, $2, clock_timestamp())"


@asynccontextmanager
async def handling(url: str, broker_url: str | None) -> AsyncIterator[Callable[[UUID], None]]:
    """A function that hands the id of an event on, to be handled soon after."""
    waiting: asyncio.Queue[UUID] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS))

        async def handle(event_id: UUID) -> None:
            await pool.execute(HANDLE, event_id, HANDLER)

        send = (
            handle if broker_url is None else await stack.enter_async_context(_through_rabbitmq(broker_url, handle))
        )
        delivering = asyncio.create_task(_deliver(waiting, send))
        try:
            yield waiting.put_nowait
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)


async def _deliver(waiting: asyncio.Queue[UUID], send: Callable[[UUID], Awaitable[Any]]) -> None:
    """Send what waits, in batches, until cancelled."""
    while True:
        batch = [await waiting.get()]
        while len(batch) < BATCH and not waiting.empty():
            batch.append(waiting.get_nowait())
        await asyncio.gather(*(send(event_id) for event_id in batch))


@asynccontextmanager
async def _through_rabbitmq(
    broker_url: str, handle: Callable[[UUID], Awaitable[None]]
) -> AsyncIterator[Callable[[UUID], Awaitable[Any]]]:
    """A function that publishes an id and waits for the confirm; a consumer handles it and acknowledges."""

    async def consume(message: AbstractIncomingMessage) -> None:
        await handle(UUID(bytes=message.body))
        await message.ack()

    async with await aio_pika.connect(broker_url) as connection:
        publishing, consuming = await connection.channel(), await connection.channel()
        await consuming.set_qos(PREFETCH)
        queue = await consuming.declare_queue(
            f"bench-{uuid4().hex}", durable=True, arguments={"x-queue-type": "quorum"}
        )
        try:
            tag = await queue.consume(consume)

            async def publish(event_id: UUID) -> Any:
                message = aio_pika.Message(event_id.bytes, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                return await publishing.default_exchange.publish(message, queue.name)

            yield publish
            await queue.cancel(tag)
        finally:
            await publishing.queue_delete(queue.name)
