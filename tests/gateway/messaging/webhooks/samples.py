"""What processes share that send webhooks: the database, endpoints, and the events of a company."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.events import Event
from domains.kernel.ids import new_id
from domains.order.events import OrderCreated
from domains.webhook.client import WebhookTransport
from domains.webhook.dispatch import Dispatch
from domains.webhook.endpoints import Endpoints
from domains.webhook.models import IssuedSecret
from domains.webhook.topics import ALL
from gateway.infra.encryption import Cipher
from gateway.infra.public_http import PublicHttp
from gateway.messaging.wake import Wake
from gateway.messaging.webhooks.sender import WebhookSender
from gateway.monitoring.metrics import Metrics
from gateway.providers.webhooks import HttpWebhookClient
from tests.gateway.messaging.webhooks.receiver import Receiver

PAUSE = timedelta(seconds=10)


@dataclass(slots=True)
class Webhooks:
    """A company with endpoints, and the processes of its installation."""

    database: Database
    company: UUID
    relay_pool: Any
    owner: Any
    metrics: Metrics = field(default_factory=Metrics)
    endpoints: Endpoints = field(init=False)
    dispatch: Dispatch = field(init=False)

    def __post_init__(self) -> None:
        client = HttpWebhookClient(PublicHttp(allows_private=True))
        transport = WebhookTransport(client, lambda failures: min(PAUSE * 2**failures, timedelta(hours=1)))
        self.endpoints = Endpoints(transport, Cipher([b"1" * 32], b"webhooks"))
        self.dispatch = Dispatch(self.endpoints, transport, self.database.clock)

    def process(self) -> WebhookSender:
        """A process that sends."""
        return WebhookSender(self.relay_pool, self.database, self.dispatch, Wake(), self.metrics)

    async def listen(self, receiver: Receiver, *topics: str, company: UUID | None = None) -> IssuedSecret:
        """Create an endpoint of a receiver, for all topics by default."""

        async def create(tx: Tx) -> IssuedSecret:
            return await self.endpoints.create(tx, {"url": receiver.url, "topics": list(topics) or [ALL]})

        return await self.database.run(create, Actor.system(company or self.company))

    async def emit(self, *events: Event, company: UUID | None = None) -> None:
        """Commit events of the company; without any, one that an order was created."""

        async def commit(tx: Tx) -> None:
            for event in events or [order_created()]:
                tx.emit(event)

        await self.database.run(commit, Actor.system(company or self.company))

    async def run(self, work: Any) -> Any:
        """Do something in a transaction of the company."""
        return await self.database.run(work, Actor.system(self.company))

    async def rows(self, table: str = "webhook_deliveries") -> list[Any]:
        """The rows of the company in a table, the oldest first."""
        statement = f"select * from {table} where company_id = $1 order by created_at, id"  # noqa: S608 - a table
        rows: list[Any] = await self.owner.fetch(statement, self.company)
        return rows

    def pass_time(self, span: timedelta) -> None:
        """Let time go by."""
        clock: Any = self.database.clock
        clock.advance(span)


def order_created() -> OrderCreated:
    """An event that is offered, with a personal field."""
    return OrderCreated(
        order_id=new_id(),
        order_number="1001",
        user_id=None,
        email="vera@example.com",
        total=Decimal("12.50"),
        currency="EUR",
    )
