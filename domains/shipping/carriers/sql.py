"""SQL of carriers and labels that the generated verbs cannot express; the company is always its first parameter."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.shipping import data
from domains.shipping.carriers.models import ShippingLabel, TrackingStatus
from domains.shipping.parcel_events import RANKED
from domains.shipping.shipments.models import Shipment

LOCK_CARRIERS: Final = "select pg_advisory_xact_lock(hashtextextended('carriers of ' || $1::uuid::text, 0))"
UNFINISHED: Final = """
select {columns} from shipping_labels
where company_id = $1 and updated_at <= $2
  and (status = 'PENDING' or (status = 'PURCHASED' and void_requested_at is not null))
order by updated_at, id limit $3
"""
ON_THEIR_WAY: Final = """
select {columns} from shipping_labels
where company_id = $1 and status = 'PURCHASED' and (tracking_checked_at is null or tracking_checked_at <= $2)
  and (tracking_status is null or tracking_status not in ('DELIVERED', 'RETURN_TO_SENDER')) and purchased_at > $3
order by tracking_checked_at nulls first, id limit $4
"""
SHIPMENTS_ON_THEIR_WAY: Final = """
select {columns} from shipments
where company_id = $1 and (tracking_checked_at is null or tracking_checked_at <= $2) and shipped_at > $3
  and label_id is null and carrier_id is not null and tracking_number is not null and shipped_at is not null
  and status in ('IN_TRANSIT', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'EXCEPTION', 'LOST')
order by tracking_checked_at nulls first, id limit $4
"""
# An event moves a parcel on, never back: an earlier one is older than what is known, and so is one of the same time
# that counts less.
TRACK: Final = """
update shipping_labels set tracking_status = $4::tracking_status, tracked_at = $5, updated_at = $6
where company_id = $1 and carrier_id = $2 and tracking_number = $3 and purchased_at is not null
  and (tracked_at is null or (tracked_at, array_position($7::tracking_status[], tracking_status)) < ($5, $8))
returning {columns}
"""


async def lock_carriers(tx: Tx) -> None:
    """Let changes of the number of carriers of the company wait for each other, until the transaction ends."""
    await tx.execute(LOCK_CARRIERS, tx.company_id)


async def unfinished(db: Reader, *, before: datetime, limit: int) -> list[ShippingLabel]:
    """Labels without an answer of their carrier to a purchase or a void, longest waiting first."""
    statement = UNFINISHED.format(columns=data.shipping_label.columns())
    rows = await db.fetch(statement, db.company_id, before, limit)
    return [data.shipping_label.from_record(row) for row in rows]


async def on_their_way(
    db: Reader, *, checked_before: datetime, purchased_after: datetime, limit: int
) -> list[ShippingLabel]:
    """Labels whose parcels have not arrived, those first whose carrier was asked longest ago."""
    statement = ON_THEIR_WAY.format(columns=data.shipping_label.columns())
    rows = await db.fetch(statement, db.company_id, checked_before, purchased_after, limit)
    return [data.shipping_label.from_record(row) for row in rows]


async def shipments_on_their_way(
    db: Reader, *, checked_before: datetime, shipped_after: datetime, limit: int
) -> list[Shipment]:
    """Shipments without a label that have not arrived, those first whose carrier was asked longest ago."""
    statement = SHIPMENTS_ON_THEIR_WAY.format(columns=data.shipment.columns())
    rows = await db.fetch(statement, db.company_id, checked_before, shipped_after, limit)
    return [data.shipment.from_record(row) for row in rows]


async def track(
    tx: Tx, carrier_id: UUID, tracking_number: str, status: TrackingStatus, occurred_at: datetime
) -> ShippingLabel | None:
    """The label with a newer status; None when it is not ours, or its status is not older."""
    statement = TRACK.format(columns=data.shipping_label.columns())
    now = tx.clock.now()
    event = (status.value, occurred_at, now, RANKED, RANKED.index(status) + 1)
    row = await tx.fetch_row(statement, tx.company_id, carrier_id, tracking_number, *event)
    return data.shipping_label.from_record(row) if row else None
