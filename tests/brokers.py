"""Removal of the queues and exchanges of tests from a RabbitMQ server."""

from collections.abc import Sequence

import aio_pika

from gateway.infra.rabbitmq import DEAD_LETTERS_SUFFIX


async def delete_queues(url: str, queues: Sequence[str], exchanges: Sequence[str]) -> None:
    """Delete queues with their dead-letter queues, and exchanges."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        for queue in queues:
            for name in (queue, queue + DEAD_LETTERS_SUFFIX):
                await channel.queue_delete(name)
        for exchange in exchanges:
            await channel.exchange_delete(exchange)
