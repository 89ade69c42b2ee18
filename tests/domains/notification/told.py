"""What buyers and staff are told of a storefront's events."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from domains.kernel.events import Envelope
from domains.notification.domain import subscriptions
from gateway.messaging.event_emitter import EventEmitter
from tests.domains.notification.mailbox import Mailbox
from tests.domains.order.storefront import Storefront

OUTBOX: Final = """
select id, topic, version, company_id, aggregate_id, sequence, actor_kind, actor_id, created_at, payload
from outbox_events where company_id = $1 and ($2::text[] is null or topic = any($2)) order by sequence
"""
CREATED: Final = "select * from notifications where company_id = $1 order by id"


@dataclass
class Told:
    """The notification domain of a shop."""

    shop: Storefront

    @property
    def emitter(self) -> EventEmitter:
        """The handlers of notifications."""
        emitter = EventEmitter(self.shop.database)
        for subscription in subscriptions(self.shop.services.notification):
            emitter.on(subscription, None)  # type: ignore[arg-type]
        return emitter

    async def events(self, *topics: str) -> list[Envelope]:
        """The events of the shop so far."""
        rows = await self.shop.owner.fetch(OUTBOX, self.shop.company_id, list(topics) or None)
        return [Envelope(*row) for row in rows]

    async def handle(self, *topics: str) -> None:
        """Deliver the events of the shop, or those of some topics."""
        emitter = self.emitter
        for event in await self.events(*topics):
            await emitter.emit(event)

    async def rows(self, kinds: Collection[str] = (), type_: str | None = "EMAIL") -> list[Mapping[str, Any]]:
        """The notifications by e-mail, another type or all, oldest first; those that wait with their variables."""
        rows = await self.shop.owner.fetch(CREATED, self.shop.company_id)
        return [
            {**row, "variables": row["content"] and orjson.loads(Mailbox().decrypt(row["content"].encode()))}
            for row in rows
            if row["type"] == (type_ or row["type"]) and (not kinds or row["kind"] in kinds)
        ]

    async def kinds(self) -> list[str]:
        """The kinds of the notifications by e-mail to buyers that are sent at once, oldest first."""
        rows = [row for row in await self.rows() if row["digest_at"] is None]
        return [row["kind"] for row in rows if not row["kind"].startswith("STAFF")]
