"""What each kind of process does in the background, with and without a broker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.events import Event, EventQueue
from gateway.messaging.background import Work
from gateway.messaging.broker import Broker
from gateway.messaging.consumers import Consumer
from gateway.messaging.delivery import BrokerDelivery, Delivery, InProcessDelivery, concurrent_events
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.jobs import AT_ONCE, Jobs, ScheduledJob
from gateway.messaging.notification_queue import NotificationDelivery
from gateway.messaging.relay import Relay
from gateway.messaging.wake import Listener, Notifier, Wake
from gateway.messaging.webhooks.sender import WebhookSender
from gateway.monitoring.backlog import Backlog
from gateway.monitoring.metrics import Metrics
from gateway.settings import Settings

# Beside the jobs: the relay, the readiness check, the backlog, the changes, the feed, the events of webhooks, and
# what the senders and consumers share.
RELAY_POOL_SIZE: Final = AT_ONCE + 9


class Process(Enum):
    """The kinds of processes."""

    SERVER = auto()
    """Serves the API; without a broker it also delivers events and runs jobs."""
    WORKER = auto()
    """Delivers events and runs jobs."""


@dataclass(frozen=True, slots=True)
class Messaging:
    """The parts of background work, and which of them a process runs.

    A commit sets the wake `events` or `queued`; `declared` are the events of the domains by topic. With a broker,
    events go through RabbitMQ. What waits is measured only when the metrics are served: measuring reads the database.
    """

    database_url: str
    settings: Settings
    emitter: EventEmitter
    pool: "asyncpg.Pool[asyncpg.Record]"
    relay_pool: "asyncpg.Pool[asyncpg.Record]"
    clock: Clock
    jobs: Sequence[ScheduledJob]
    metrics: Metrics
    notifications: NotificationDelivery
    webhooks: WebhookSender
    events: Wake
    queued: Wake
    declared: Mapping[str, type[Event]]

    def work(self, process: Process) -> dict[str, Work]:
        """The work of a process by name."""
        wakes = (self.events, self.queued)
        if self.settings.broker_url is not None and process is Process.SERVER:
            return {"notifier": Notifier(self.pool, wakes).run}
        jobs = Jobs(self.relay_pool, self.jobs, self.clock, self.metrics, slow=self.settings.slow_operation)
        if self.settings.broker_url is None:
            delivery = InProcessDelivery(self.emitter, concurrent_events(self.pool.get_max_size()))
            return {
                "notifications": self.notifications.run,
                "webhooks out": self.webhooks.run,
                "relay": self._relay(delivery).run,
                "jobs": jobs.run,
                **self._backlog(),
            }
        broker = Broker(
            self.settings.broker_url,
            self.emitter,
            self._consumers(),
            namespace=self.settings.rabbitmq_namespace,
            events=self.declared,
        )
        self.metrics.watch_broker(lambda: broker.is_connected)
        return {
            "notifications": self.notifications.run,
            "webhooks out": self.webhooks.run,
            "broker": broker.run,
            "relay": self._relay(BrokerDelivery(broker)).run,
            "listener": Listener(self.database_url, wakes).run,
            "jobs": jobs.run,
            **self._backlog(broker),
        }

    def _backlog(self, broker: Broker | None = None) -> Mapping[str, Work]:
        if self.settings.metrics_port is None:
            return {}
        keys = self.notifications.key_ids
        return {"backlog": Backlog(self.relay_pool, self.clock, self.metrics, broker, self.jobs, keys).run}

    def _relay(self, delivery: Delivery) -> Relay:
        return Relay(self.relay_pool, delivery, wake=self.events)

    def _consumers(self) -> Sequence[Consumer]:
        """A consumer of each queue to which a domain has subscribed."""
        queues = [queue for queue in EventQueue if self.emitter.topics_of(queue)]
        return [Consumer(queue, self.emitter, self.relay_pool, self.clock, self.metrics) for queue in queues]
