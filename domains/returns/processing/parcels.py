"""Parcels of returns: what buyers, staff and carriers say about goods on their way back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.errors import OutOfRange, TooMany
from domains.kernel.events import Envelope
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.returns import changes, data, statuses
from domains.returns.events import ReturnShipped
from domains.returns.models import (
    ParcelEvent,
    ReturnAuthorization,
    ReturnRequest,
    ReturnStatus,
    ReturnTracking,
    TrackingSource,
    TrackingStatus,
)
from domains.returns.processing import locked_returns
from domains.returns.processing.locked_returns import LockedReturn
from domains.shipping.carriers.label_events import ParcelTracked
from domains.shipping.parcel_events import MAX_EVENTS, rank

log = structlog.get_logger("domains.returns")
TRACKABLE: Final = statuses.UNDER_WAY | {ReturnStatus.RECEIVED, ReturnStatus.PROCESSED}
NOT_SENT: Final = {TrackingStatus.PRE_TRANSIT}


class Parcels:
    """Follows the parcels of approved returns."""

    topics = (ParcelTracked.topic,)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def mark_shipped(
        self,
        tx: Tx,
        actor: Actor,
        request_id: UUID,
        *,
        token: str | None = None,
        carrier_name: str | None = None,
        tracking_number: str | None = None,
    ) -> ReturnRequest:
        """Record that an approved return is on its way: by its buyer, a guest with the order's token, or staff.

        Again it changes the carrier and the tracking number that are given. Raises ReturnRequestNotFound,
        ReturnNotAllowed, and of both texts at once TooLong and InvalidInput. Seven statements. Emits ReturnShipped
        for the first time.
        """
        given: dict[str, Any] = {}
        with collect_errors() as each:
            with each:
                given["carrier_name"] = optional_text(carrier_name, field=("carrier_name",), max_length=NAME_LENGTH)
            with each:
                given["tracking_number"] = optional_text(
                    tracking_number, field=("tracking_number",), max_length=NAME_LENGTH
                )
        locked = await locked_returns.lock(tx, actor, request_id, token)
        locked.require(statuses.UNDER_WAY, "Only an approved return can be sent.")
        place = await locked_returns.authorization_of(tx, request_id)
        written: Any = {name: value for name, value in given.items() if value is not None}
        if written:
            await data.return_authorization.update(tx, id=place.id, data=written)
        return await self._on_its_way(tx, actor, locked)

    async def add_event(
        self, tx: Tx, actor: Actor, request_id: UUID, event: ParcelEvent, source: TrackingSource
    ) -> ReturnRequest:
        """Record an event of the parcel at the carrier's time; the same event again changes nothing.

        The latest event at the carrier's time is the status of the parcel. Raises ReturnRequestNotFound,
        ReturnNotAllowed, of all fields at once OutOfRange for a time in the future, TooLong and InvalidInput; and
        TooMany beyond 250 events by hand: those of carriers are dropped then, which is logged.
        Nine statements at most. Emits ReturnShipped for the first event of goods that are on their way.
        """
        texts = _texts(event, self._clock)
        locked = await locked_returns.lock(tx, actor, request_id)
        locked.require(TRACKABLE, "Only the parcel of an approved return can be followed.")
        place = await locked_returns.authorization_of(tx, request_id)
        return await self._store(
            tx, actor, locked, place, ParcelEvent(status=event.status, timestamp=event.timestamp, **texts), source
        )

    async def follow(self, tx: Tx, envelope: Envelope) -> None:
        """Record where the parcel of a label is, if it is that of a return. Idempotent.

        Nothing for a return that has ended. One statement for any other label, otherwise ten at most. Emits
        ReturnShipped for the first event of goods that are on their way.
        """
        payload = envelope.payload
        label_id = UUID(payload["label_id"])
        known = await data.return_authorization.find_unique(tx, label_id=label_id)
        if known is None:
            return
        actor = Actor.system(known.company_id)
        locked = await locked_returns.lock(tx, actor, known.return_request_id)
        place = await locked_returns.authorization_of(tx, known.return_request_id)
        if place.label_id == label_id and locked.request.status in TRACKABLE:
            event = ParcelEvent(
                status=TrackingStatus(payload["status"]), timestamp=datetime.fromisoformat(payload["tracked_at"])
            )
            await self._store(tx, actor, locked, place, event, TrackingSource.WEBHOOK)

    async def _store(
        self,
        tx: Tx,
        actor: Actor,
        locked: LockedReturn,
        place: ReturnAuthorization,
        event: ParcelEvent,
        source: TrackingSource,
    ) -> ReturnRequest:
        row: Any = {
            "authorization_id": place.id,
            "status": event.status,
            "timestamp": event.timestamp,
            "location": event.location or "",
            "description": event.description or "",
            "source": source,
            "created_by": actor.user_id,
        }
        if not await _has_room(tx, place, event, source):
            return locked.request
        await data.return_tracking.create_many(tx, [row])
        if _is_later(event, place):
            latest: data.ReturnAuthorizationUpdate = {"tracking_status": event.status, "tracked_at": event.timestamp}
            await data.return_authorization.update(tx, id=place.id, data=latest)
        if event.status in NOT_SENT:
            return locked.request
        return await self._on_its_way(tx, actor, locked)

    async def _on_its_way(self, tx: Tx, actor: Actor, locked: LockedReturn) -> ReturnRequest:
        request = locked.request
        if request.in_transit_at is not None:
            return request
        changed = await changes.record(tx, actor, request, {"in_transit_at": self._clock.now()})
        tx.emit(ReturnShipped(return_request_id=request.id, rma_number=request.rma_number, order_id=request.order_id))
        return changed


async def _has_room(tx: Tx, place: ReturnAuthorization, event: ParcelEvent, source: TrackingSource) -> bool:
    """Whether an event of a locked return is new, and there is room for it. Raises TooMany for one by hand."""
    known = await data.return_tracking.find_many(tx, where={"authorization_id": place.id})
    if any(_key(each) == _key(event) for each in known):
        return False
    if len(known) < MAX_EVENTS:
        return True
    if source is TrackingSource.MANUAL:
        raise TooMany(f"A return has at most {MAX_EVENTS} events.", field=("return_request_id",))
    log.warning(
        "a carrier tells more events of a return than are stored", return_request=str(place.return_request_id)
    )
    return False


def _key(event: ParcelEvent | ReturnTracking) -> tuple[TrackingStatus, datetime, str]:
    """What no two events of a return have in common."""
    return event.status, event.timestamp, event.location or ""


def _is_later(event: ParcelEvent, place: ReturnAuthorization) -> bool:
    """Whether an event counts more than what is known of a parcel."""
    if place.tracked_at is None or place.tracking_status is None:
        return True
    return rank(event.timestamp, event.status) > rank(place.tracked_at, place.tracking_status)


def _texts(event: ParcelEvent, clock: Clock) -> dict[str, str]:
    """The texts of an event as they are stored. Raises as `add_event`."""
    texts: dict[str, str] = {}
    with collect_errors() as each:
        with each:
            if event.timestamp > clock.now():
                raise OutOfRange("The time of the event is in the future.", field=("timestamp",))
        with each:
            texts["location"] = optional_text(event.location, field=("location",), max_length=NAME_LENGTH) or ""
        with each:
            texts["description"] = (
                optional_text(event.description, field=("description",), max_length=LINE_LENGTH) or ""
            )
    return texts
