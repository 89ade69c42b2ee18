"""Samples of notifications: keys, a channel that records, and what processes share that create and send them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsCache
from domains.notification.attachments import Attachments
from domains.notification.channels import Email, Outbound, Outcome, Sent
from domains.notification.checks import Checks
from domains.notification.delivery import Delivery
from domains.notification.digests.digests import Digests
from domains.notification.models import NewNotification, NotificationKind, NotificationPriority, NotificationType
from domains.notification.notifications import Notifications
from domains.notification.preferences.recipients import Recipients
from domains.notification.push_devices.push_devices import PushDevices
from domains.notification.renderer import Renderer
from domains.notification.settings import settings_table
from gateway.documents.invoices import InvoiceDocuments
from gateway.documents.typesetter import Typesetter
from gateway.infra.encryption import Cipher
from gateway.messaging.notification_queue import NotificationDelivery
from gateway.messaging.wake import Wake
from gateway.monitoring.metrics import Metrics

KEYS, LOST = [b"1" * 32, b"2" * 32], b"3" * 32
PURPOSE: Final = b"notifications"


class RecordingChannel:
    """Records messages, and answers with the outcomes or errors that it is given for the next ones."""

    def __init__(self) -> None:
        self.messages: list[Email] = []
        self.outcomes: list[Outcome | BaseException] = []
        self.running = 0
        self.sent = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()
        self.is_slow: Callable[[Email], bool] = lambda _: True

    async def send(self, message: Email) -> Outcome:
        """Take a message in; a slow one once `answering` is set."""
        self.running += 1
        if self.is_slow(message):
            await self.answering.wait()
        self.running -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else Sent("TEST", f"<{message.id}>")
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Sent):
            self.messages.append(message)
            self.sent.set()
        return outcome

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def recipients(self) -> list[str]:
        """To whom messages went, in order."""
        return sorted(each.to for each in self.messages)


@dataclass(slots=True, kw_only=True)
class Sending:
    """What the processes of an installation share: the database, the channel and the clock."""

    database: Database
    company: UUID
    relay_pool: Any
    owner: Any
    clock: FixedClock
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    wake: Wake = field(default_factory=Wake)
    metrics: Metrics = field(default_factory=Metrics)

    def outbound(self, *keys: bytes) -> Outbound:
        """The channel, and encryption under these keys."""
        return Outbound(
            {NotificationType.EMAIL: self.channel},
            Cipher(keys or KEYS, PURPOSE),
            InvoiceDocuments(Typesetter()),
            "http://localhost:8000",
            self.wake.set,
        )

    def process(self, *keys: bytes) -> NotificationDelivery:
        """A process with these keys that sends."""
        outbound, cache = self.outbound(*keys), SettingsCache(self.clock)
        companies, settings = CompanyService(self.clock, cache), settings_table(cache)
        without_accounts: Any = None
        devices = PushDevices(without_accounts, outbound.encryption, outbound.may_post)
        renderer, recipients = Renderer(companies, settings), Recipients(companies, settings, devices)
        checks = Checks({})
        digests = Digests(outbound, Notifications(outbound), recipients, renderer, checks)
        without_invoices: Any = None
        attachments = Attachments(without_invoices, outbound.documents)
        delivery = Delivery(outbound, renderer, recipients, digests, attachments, checks)
        return NotificationDelivery(self.relay_pool, self.database, delivery, self.wake, self.metrics)

    async def create(
        self,
        to: str = "ann@example.com",
        kind: NotificationKind = NotificationKind.CART_CODE,
        *keys: bytes,
        **given: Any,
    ) -> UUID:
        """Create a notification with a code in a process with these keys; return its id."""
        new = NewNotification(
            kind=kind, **{"dedupe_key": str(new_id()), "recipient": to, "variables": {"code": "123456"}} | given
        )
        async with self.database.transaction(Actor.system(self.company)) as tx:
            (notification_id,) = await Notifications(self.outbound(*keys)).create(tx, [new])
        return notification_id

    async def queued(self) -> int:
        """How many notifications are in the queue."""
        number: int = await self.owner.fetchval(
            "select count(*) from queued_notifications where company_id = $1", self.company
        )
        return number

    async def ends(self) -> list[tuple[str, str | None]]:
        """The statuses of the company's notifications with the reasons of failures, in their order."""
        rows = await self.owner.fetch(
            "select status, failure_reason from notifications where company_id = $1 order by id", self.company
        )
        return [(row["status"], row["failure_reason"]) for row in rows]

    async def logged(self) -> list[tuple[str, str, str | None]]:
        """The log: status, provider and error of each attempt, in their order."""
        rows = await self.owner.fetch(
            "select status, provider, error from notification_logs where company_id = $1 order by id", self.company
        )
        return [(row["status"], row["provider"], row["error"]) for row in rows]

    def counted(self, result: str, channel: str = "EMAIL", priority: str = "CRITICAL") -> float | None:
        """How many notifications ended so."""
        labels = {"result": result, "channel": channel, "priority": priority}
        return self.metrics.registry.get_sample_value("commerce_notifications_ended_total", labels)

    def deferred(self, channel: str = "EMAIL", priority: str = "CRITICAL") -> float | None:
        """How many attempts were followed by a wait."""
        labels = {"channel": channel, "priority": priority}
        return self.metrics.registry.get_sample_value("commerce_notifications_deferred_total", labels)

    def measured(self, name: str, priority: str = "CRITICAL") -> float | None:
        """A gauge of the notifications of a priority that wait."""
        return self.metrics.registry.get_sample_value(f"commerce_notifications_{name}", {"priority": priority})


async def send_due(process: NotificationDelivery) -> int:
    """Try to send what is due of each priority; return the number of attempts."""
    return sum([await process.send_due(priority) for priority in NotificationPriority])
