"""Samples of mail: keys, a transport that records, and a queued mail."""

import asyncio
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from gateway.infra.mail import Mail
from gateway.messaging.mail_queue import MailQueue

KEYS, LOST = [b"1" * 32, b"2" * 32], b"3" * 32


class RecordingTransport:
    """Records mails, and raises the errors that it is given for the next ones."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.errors: list[BaseException] = []
        self.running = 0
        self.delivered = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()

    async def deliver(self, mail: Mail) -> None:
        self.running += 1
        await self.answering.wait()
        self.running -= 1
        if self.errors:
            raise self.errors.pop(0)
        self.mails.append(mail)
        self.delivered.set()


async def send(database: Database, queue: MailQueue, company: UUID, to: str = "ann@example.com") -> None:
    async with database.transaction(Actor.system(company)) as tx:
        await queue.send(tx, to=to, subject="Your code", text="It is 123456.")


async def count(owner: Any) -> int:
    waiting: int = await owner.fetchval("select count(*) from queued_mails")
    return waiting
