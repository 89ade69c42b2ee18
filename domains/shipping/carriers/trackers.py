"""Where parcels are: webhooks of carriers, what they say when they are asked, and the status of labels."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.shipping import data
from domains.shipping.carriers import sql
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.errors import CarrierNotFound, CarrierNotReachable
from domains.shipping.carriers.label_events import ParcelTracked
from domains.shipping.carriers.models import ShippingLabel
from domains.shipping.carriers.opened import OpenedCarrier, bounded
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate

VERIFY_TIME: Final = timedelta(seconds=8)
CHECK_EVERY: Final = timedelta(hours=1)
FOLLOWED_FOR: Final = timedelta(days=60)
BATCH: Final = 100
MAX_UPDATES: Final = 100  # of one webhook
# The clock of a carrier may be ahead of ours; an event further in the future would hide all that follow.
MAX_AHEAD: Final = timedelta(hours=1)


class Tracking:
    """Follows the parcels of labels. Events move a label on in the order of the carrier's time, each once."""

    def __init__(self, carriers: Carriers, clock: Clock) -> None:
        self._carriers = carriers
        self._clock = clock

    async def receive(self, db: Database, actor: Actor, code: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Verify a webhook of the carrier with this code, and move its labels on; how many moved.

        Nothing is written for a webhook that is not verified, and for events that are known, older than what is
        known, or of parcels without a label here. Raises CarrierNotFound, WebhookSignatureInvalid, WebhookMalformed,
        and OSError when the signature cannot be verified now. Emits ParcelTracked. One statement for each
        event, one for what is emitted, and one for carriers that are not cached.
        """
        opened = await self._carriers.opened_by_code(db.reader(actor.company_id), code)
        if opened is None or opened.carrier is None:
            raise CarrierNotFound(field=("code",))
        async with asyncio.timeout(VERIFY_TIME.total_seconds()):
            updates = await opened.carrier.parse_webhook(body, headers)
        carrier = opened
        latest = sorted(updates, key=lambda each: each.event.occurred_at)[-MAX_UPDATES:]
        moved = await db.run(lambda tx: self._track_all(tx, carrier, latest), actor) if latest else []
        return len(moved)

    async def events(self, db: Reader, label: ShippingLabel) -> Sequence[TrackingEvent]:
        """What the carrier knows of a label's parcel, oldest first; empty for a label that was not bought.

        The carrier is asked outside any transaction. Raises CarrierNotReachable.
        """
        if label.tracking_number is None:
            return ()
        carrier = (await self._carriers.opened(db)).get(label.carrier_id)
        events = await _asked(carrier, label.tracking_number)
        if events is None:
            raise CarrierNotReachable
        return events

    async def follow_due(self, db: Database, actor: Actor) -> int:
        """Ask carriers for parcels that have not arrived, each once an hour for sixty days; how many were asked for.

        A failure does not stop the others; all are raised together at the end as an ExceptionGroup. Emits
        ParcelTracked.
        """
        reader, now = db.reader(actor.company_id), self._clock.now()
        due = await sql.on_their_way(
            reader, checked_before=now - CHECK_EVERY, purchased_after=now - FOLLOWED_FOR, limit=BATCH
        )
        carriers = await self._carriers.opened(reader) if due else {}
        failures: list[Exception] = []
        for label in due:
            try:
                await self._follow(db, actor, label, carriers.get(label.carrier_id))
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                raise_if_cancelled()
                error.add_note(f"shipping label {label.id}")
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some parcels could not be followed.", failures)
        return len(due)

    async def _follow(self, db: Database, actor: Actor, label: ShippingLabel, carrier: OpenedCarrier | None) -> None:
        await db.run(lambda tx: self._set_checked(tx, label), actor)
        events = await _asked(carrier, label.tracking_number or "")
        if events and carrier is not None:
            update = TrackingUpdate(label.tracking_number or "", max(events, key=lambda each: each.occurred_at))
            await db.run(lambda tx: self._track_all(tx, carrier, [update]), actor)

    async def _set_checked(self, tx: Tx, label: ShippingLabel) -> None:
        """Make the label the last of those that are due, before its carrier is asked."""
        changes: data.ShippingLabelUpdate = {"tracking_checked_at": self._clock.now()}
        await data.shipping_label.update_many(tx, where={"id": label.id}, data=changes)

    async def _track_all(
        self, tx: Tx, carrier: OpenedCarrier, updates: Sequence[TrackingUpdate]
    ) -> list[ShippingLabel]:
        """Move labels on by events, oldest first; those that moved."""
        moved = []
        for update in updates:
            event = update.event
            if event.occurred_at > self._clock.now() + MAX_AHEAD:
                continue
            values = (update.tracking_number, event.status, event.occurred_at)
            label = await sql.track(tx, carrier.row.id, *values)
            if label is not None:
                moved.append(label)
                tx.emit(
                    ParcelTracked(
                        label_id=label.id,
                        order_id=label.order_id,
                        carrier_id=label.carrier_id,
                        tracking_number=update.tracking_number,
                        status=event.status.value,
                        tracked_at=event.occurred_at,
                    )
                )
        return moved


async def _asked(carrier: OpenedCarrier | None, tracking_number: str) -> Sequence[TrackingEvent] | None:
    """What a carrier knows of a parcel; None when it does not answer, or cannot be asked."""
    unanswered: Sequence[TrackingEvent] | None = None
    if carrier is None or carrier.carrier is None:
        return unanswered
    return await bounded(carrier.carrier.track(tracking_number), unanswered)
