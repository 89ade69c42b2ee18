"""Where parcels are: webhooks of carriers, and what they say when they are asked, for labels and for shipments."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

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
from domains.shipping.parcel_events import rank
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import MAX_AHEAD, TrackingSource
from domains.shipping.tracking.records import TrackingRecords, tracking_numbers

VERIFY_TIME: Final = timedelta(seconds=8)
CHECK_EVERY: Final = timedelta(hours=1)
FOLLOWED_FOR: Final = timedelta(days=60)
BATCH: Final = 100
Parcel: TypeAlias = ShippingLabel | Shipment
MAX_UPDATES: Final = 100  # of one webhook


class Tracking:
    """Follows the parcels of labels and of shipments.

    Events move a label on in the order of the carrier's time, each once. Those of shipments are stored as
    `TrackingRecords.store` says, and their orders follow.
    """

    def __init__(self, carriers: Carriers, records: TrackingRecords, clock: Clock) -> None:
        self._carriers = carriers
        self._records = records
        self._clock = clock

    async def receive(self, db: Database, actor: Actor, code: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Verify a webhook of the carrier with this code, and tell labels and shipments; how many parcels had news.

        Nothing is written for a webhook that is not verified, and for events that are known, of another time than
        now or the past, or of parcels that are unknown here; a label does not go back to older events. Raises
        CarrierNotFound, WebhookSignatureInvalid, WebhookMalformed, and OSError when the signature cannot be verified
        now. Emits ParcelTracked, ShipmentTracked. One statement for each event, one for those of shipments, one for
        what is emitted, and one for carriers that are not cached.
        """
        opened = await self._carriers.opened_by_code(db.reader(actor.company_id), code)
        if opened is None or opened.carrier is None:
            raise CarrierNotFound(field=("code",))
        async with asyncio.timeout(VERIFY_TIME.total_seconds()):
            updates = await opened.carrier.parse_webhook(body, headers)
        carrier = opened
        latest = sorted(updates, key=lambda each: rank(each.event.occurred_at, each.event.status))[-MAX_UPDATES:]
        if not latest:
            return 0
        return await db.run(lambda tx: self._tell(tx, carrier, latest, TrackingSource.WEBHOOK), actor)

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

        They are those of labels, and of dispatched shipments with a carrier and a tracking number and no label. A
        failure does not stop the others; all are raised together at the end as an ExceptionGroup. Emits
        ParcelTracked, ShipmentTracked.
        """
        reader, now = db.reader(actor.company_id), self._clock.now()
        checked_before, since = now - CHECK_EVERY, now - FOLLOWED_FOR
        due: list[Parcel] = [
            *await sql.on_their_way(reader, checked_before=checked_before, purchased_after=since, limit=BATCH),
            *await sql.shipments_on_their_way(
                reader, checked_before=checked_before, shipped_after=since, limit=BATCH
            ),
        ]
        carriers = await self._carriers.opened(reader) if due else {}
        failures: list[Exception] = []
        for parcel in due:
            try:
                await self._follow(db, actor, parcel, carriers.get(parcel.carrier_id or parcel.id))
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                raise_if_cancelled()
                error.add_note(f"{type(parcel).__name__} {parcel.id}")
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some parcels could not be followed.", failures)
        return len(due)

    async def _follow(self, db: Database, actor: Actor, parcel: Parcel, carrier: OpenedCarrier | None) -> None:
        await db.run(lambda tx: self._set_checked(tx, parcel), actor)
        number = parcel.tracking_number or ""
        events = await _asked(carrier, number)
        if events and carrier is not None:
            oldest_first = sorted(events, key=lambda each: rank(each.occurred_at, each.status))[-MAX_UPDATES:]
            updates = [TrackingUpdate(number, event) for event in oldest_first]
            await db.run(lambda tx: self._tell(tx, carrier, updates, TrackingSource.POLL), actor)

    async def _set_checked(self, tx: Tx, parcel: Parcel) -> None:
        """Make the parcel the last of those that are due, before its carrier is asked."""
        now = self._clock.now()
        if isinstance(parcel, Shipment):
            await data.shipment.update_many(tx, where={"id": parcel.id}, data={"tracking_checked_at": now})
        else:
            await data.shipping_label.update_many(tx, where={"id": parcel.id}, data={"tracking_checked_at": now})

    async def _tell(
        self, tx: Tx, carrier: OpenedCarrier, updates: Sequence[TrackingUpdate], source: TrackingSource
    ) -> int:
        """Tell labels and shipments of events, which are sorted; how many parcels had news.

        An answer to a question has all events of a parcel, of which its label needs the last alone.
        """
        of_labels = updates[-1:] if source is TrackingSource.POLL else updates
        moved = await self._track_all(tx, carrier, of_labels)
        stored = await self._records.store(tx, carrier.row.id, updates, source)
        return len({label.tracking_number for label in moved} | tracking_numbers(stored))

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
