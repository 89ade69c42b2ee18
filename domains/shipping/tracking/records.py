"""The events of shipments: stored when a carrier or staff tell them, and applied under the lock of the order."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import structlog

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, UNSTORABLE, normalize_text, optional_text
from domains.kernel.validation import collect_errors
from domains.shipping import data
from domains.shipping.carriers.results import TrackingUpdate
from domains.shipping.parcel_events import MAX_EVENTS
from domains.shipping.shipments.models import Shipment, ShipmentFacts, ShipmentStatus, status_of
from domains.shipping.tracking.errors import (
    ShipmentNotTrackable,
    TrackingEventInFuture,
    TrackingEventKnown,
    TrackingEventTooOld,
)
from domains.shipping.tracking.events import ShipmentStatusChanged, ShipmentTracked
from domains.shipping.tracking.models import (
    MAX_AHEAD,
    MAX_BEFORE,
    NewTrackingEvent,
    ShipmentTracking,
    TrackingSource,
    TrackingStatus,
    is_plausible,
    latest,
    rank_of,
)

log = structlog.get_logger("domains.shipping")
# Events that are known, of unknown or cancelled parcels, or of an impossible time, are none. Of those that are too
# many for their shipment the newest are stored. It waits for an erasure alone: webhooks at once may each find room.
# Of parcels of erased buyers no texts are stored, so that their events are known by status and time.
STORE: Final = """
with parcels as (
  select id, order_id, position, tracking_number, created_at, anonymized_at is not null as is_anonymized
  from shipments
  where company_id = $1 and carrier_id = $2 and tracking_number = any($6::text[]) and cancelled_at is null
  order by id for key share
), given as (
  select e.id, e.tracking_number, e.status, e.timestamp, s.id as shipment_id, s.order_id, s.position,
    case when s.is_anonymized then '' else e.location end as location,
    case when s.is_anonymized then '' else e.description end as description,
    (select count(*) from shipment_tracking k where k.company_id = $1 and k.shipment_id = s.id)
      + row_number() over (partition by s.id order by e.timestamp desc, e.id) > $13 as is_dropped
  from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
    as e (id, tracking_number, status, location, description, timestamp)
  join parcels s on s.tracking_number = e.tracking_number
  where e.timestamp >= s.created_at - $11::interval and e.timestamp <= $4::timestamptz + $12::interval
    and not exists (
      select from shipment_tracking k where k.company_id = $1 and k.shipment_id = s.id
        and k.status = e.status::tracking_status and k.timestamp = e.timestamp
        and (s.is_anonymized or k.location = e.location))
), stored as (
  insert into shipment_tracking (id, company_id, shipment_id, status, location, description, timestamp, source,
    created_at)
  select id, $1, shipment_id, status::tracking_status, location, description, timestamp, $3::tracking_source,
    $4::timestamptz
  from given where not is_dropped order by shipment_id, timestamp, status
  on conflict (company_id, shipment_id, status, timestamp, location) do nothing
  returning *
)
select {columns}, g.order_id, g.position, g.tracking_number, g.is_dropped, g.shipment_id as parcel_id
from given g left join stored t on t.id = g.id where g.is_dropped or t.id is not null
"""


Stays: TypeAlias = Callable[[Shipment, ShipmentStatus], bool]
"""Whether a shipment stays as it is, although its events say that it has this status."""


def moves_always(_shipment: Shipment, _status: ShipmentStatus) -> bool:
    """No shipment stays where it is."""
    return False


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that was stored, with the order, the position and the tracking number of its shipment."""

    event: ShipmentTracking
    order_id: UUID
    position: int
    tracking_number: str


class TrackingRecords:
    """Stores the events of shipments, each once, and moves shipments on by them.

    Storing locks no order, so that carriers wait for none; what follows from the events is written by `apply` under
    the lock of the order. It reads all events of a shipment, so they may arrive late, twice and in any order.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def store(
        self, tx: Tx, carrier_id: UUID, updates: Sequence[TrackingUpdate], source: TrackingSource
    ) -> list[StoredEvent]:
        """Store the events of a carrier for shipments with these tracking numbers; those that are new.

        Beyond 250 of a shipment they are dropped, which is logged. One statement, none without events. Emits
        ShipmentTracked for each shipment with new ones.
        """
        rows = [(new_id(), *_columns(each)) for each in updates]
        if not rows:
            return []
        found = await tx.fetch(
            STORE.format(columns=data.shipment_tracking.columns("t")),
            *(tx.company_id, carrier_id, source.value, self._clock.now()),
            *([row[place] for row in rows] for place in range(len(rows[0]))),
            *(MAX_BEFORE, MAX_AHEAD, MAX_EVENTS),
        )
        if dropped := Counter(str(row["parcel_id"]) for row in found if row["is_dropped"]):
            log.warning("a carrier tells more events of parcels than are stored", events_of_shipments=dict(dropped))
        stored = [
            StoredEvent(
                data.shipment_tracking.from_record(row), row["order_id"], row["position"], row["tracking_number"]
            )
            for row in found
            if not row["is_dropped"]
        ]
        for newest in {each.event.shipment_id: each for each in sorted(stored, key=_rank)}.values():
            _emit(tx, newest.event, newest.order_id, newest.position)
        return stored

    async def add(self, tx: Tx, shipment: Shipment, new: NewTrackingEvent) -> ShipmentTracking:
        """Store an event that staff enter, for a shipment whose order is locked. Two statements.

        Raises, all at once, TrackingEventInFuture, TrackingEventTooOld, ShipmentNotTrackable and TooLong for texts;
        then TrackingEventKnown, and TooMany beyond 250 events. Emits ShipmentTracked.
        """
        now = self._clock.now()
        timestamp = new.timestamp or now
        with collect_errors() as each:
            with each:
                require_trackable(shipment, new.status)
            with each:
                require_plausible(shipment, timestamp, now)
            with each:
                location = optional_text(new.location, field=("location",), max_length=NAME_LENGTH)
            with each:
                description = optional_text(new.description, field=("description",), max_length=LINE_LENGTH)
        known = await self.of_shipments(tx, [shipment.id])
        if any(_key(event) == (new.status, timestamp, location or "") for event in known):
            raise TrackingEventKnown
        if len(known) >= MAX_EVENTS:
            raise TooMany(f"A shipment has at most {MAX_EVENTS} events.", field=("shipment_id",))
        event = ShipmentTracking(
            id=new_id(),
            company_id=shipment.company_id,
            shipment_id=shipment.id,
            status=new.status,
            location=location or "",
            description=description or "",
            timestamp=timestamp,
            source=TrackingSource.MANUAL,
            created_by=tx.actor.user_id,
            created_at=now,
        )
        row: Any = asdict(event)
        del row["company_id"]
        if not await data.shipment_tracking.create_many(tx, [row], skip_duplicates=True):
            raise TrackingEventKnown
        _emit(tx, event, shipment.order_id, shipment.position)
        return event

    async def apply(self, tx: Tx, shipments: Sequence[Shipment], *, stays: Stays = moves_always) -> list[Shipment]:
        """Move shipments of a locked order to where their events say they are; returns them as they are then.

        Cancelled shipments, those that were received back, and those of which `stays` says so stay as they are. One
        statement, and one for each shipment that moves. Emits ShipmentStatusChanged. Idempotent.
        """
        open_ids = [each.id for each in shipments if _follows_events(each)]
        events = await self.of_shipments(tx, open_ids) if open_ids else []
        moved = []
        for shipment in shipments:
            newest = latest(event for event in events if event.shipment_id == shipment.id)
            moved.append(shipment if newest is None else await self._move(tx, shipment, newest, stays))
        return moved

    async def of_shipments(self, db: Reader, shipment_ids: Collection[UUID]) -> list[ShipmentTracking]:
        """The events of shipments, oldest first at the carrier's time; for those who may see them. One statement."""
        where: data.ShipmentTrackingWhere = {"shipment_id": {"in": list(shipment_ids)}}
        return sorted(await data.shipment_tracking.find_many(db, where=where), key=rank_of)

    async def with_number(self, db: Reader, tracking_number: str) -> list[Shipment]:
        """The shipments with a tracking number of any carrier, cancelled ones left out. One statement."""
        where: data.ShipmentWhere = {"tracking_number": tracking_number}
        found = await data.shipment.find_many(db, where=where)
        return [each for each in found if each.cancelled_at is None]

    async def _move(self, tx: Tx, shipment: Shipment, newest: ShipmentTracking, stays: Stays) -> Shipment:
        facts = ShipmentFacts(shipment.cancelled_at, shipment.shipped_at, newest.status)
        status = status_of(facts)
        columns: data.ShipmentUpdate = {
            "tracking_status": newest.status,
            "tracked_at": newest.timestamp,
            "status": status,
            "delivered_at": newest.timestamp if status is ShipmentStatus.DELIVERED else None,
        }
        if all(getattr(shipment, name) == value for name, value in columns.items()) or stays(shipment, status):
            return shipment
        moved = await data.shipment.update(tx, id=shipment.id, data=columns)
        if status is not shipment.status:
            tx.emit(
                ShipmentStatusChanged(
                    shipment_id=shipment.id,
                    order_id=shipment.order_id,
                    position=shipment.position,
                    from_status=shipment.status.value,
                    to_status=status.value,
                )
            )
        return moved


def require_trackable(shipment: Shipment, status: TrackingStatus) -> None:
    """Raise ShipmentNotTrackable unless staff can enter an event of this status for the shipment."""
    is_early = shipment.status is ShipmentStatus.PENDING and status is not TrackingStatus.PRE_TRANSIT
    if is_early or not _follows_events(shipment):
        raise ShipmentNotTrackable(shipment.status)


def require_plausible(shipment: Shipment, timestamp: datetime, now: datetime) -> None:
    """Raise TrackingEventInFuture or TrackingEventTooOld for a time that no event of the shipment can have."""
    if not is_plausible(shipment.created_at, timestamp, now):
        raise TrackingEventInFuture if timestamp > now else TrackingEventTooOld


def _follows_events(shipment: Shipment) -> bool:
    return shipment.cancelled_at is None and shipment.received_back_at is None


def _key(event: ShipmentTracking) -> tuple[TrackingStatus, datetime, str]:
    """What no two events of a shipment have in common."""
    return event.status, event.timestamp, event.location


def _rank(stored: StoredEvent) -> tuple[datetime, int]:
    return rank_of(stored.event)


def _columns(update: TrackingUpdate) -> tuple[Any, ...]:
    event = update.event
    return (
        update.tracking_number,
        event.status.value,
        _words(event.location or "", NAME_LENGTH),
        _words(event.description, LINE_LENGTH),
        event.occurred_at,
    )


def _words(text: str, max_length: int) -> str:
    """What a carrier says, as it is stored: cut, in normal form, without what the database does not take."""
    return normalize_text(UNSTORABLE.sub("", text[:max_length]))[:max_length]


def _emit(tx: Tx, event: ShipmentTracking, order_id: UUID, position: int) -> None:
    tx.emit(
        ShipmentTracked(
            shipment_id=event.shipment_id,
            order_id=order_id,
            position=position,
            status=event.status.value,
            tracked_at=event.timestamp,
        )
    )


def tracking_numbers(stored: Iterable[StoredEvent]) -> set[str]:
    """The tracking numbers of parcels with new events."""
    return {each.tracking_number for each in stored}
