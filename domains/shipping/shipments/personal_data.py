"""Personal data of the shipping domain: parcels of buyers, and the staff who made shipments and wrote their events.

The recipient of a parcel is in the frozen address of its order. The order domain knows whose the orders are: it
exports and erases their parcels.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.shipping import data
from domains.shipping.service import ShippingService

MAX_EVENTS: Final = 10_000
# What the company pays, and the staff.
OF_COMPANY: Final = ("created_by", "cost", "currency", "origin")
ERASE_LABELS: Final = """
update shipping_labels set anonymized_at = $3, failure_reason = null
where company_id = $1 and order_id = any($2) and (anonymized_at is null or failure_reason is not null)
"""
# This lock is one that the storing of an event waits for, and that waits for it.
LOCK_SHIPMENTS: Final = """
select id from shipments where company_id = $1 and order_id = any($2) order by id for update
"""
ERASE_SHIPMENTS: Final = """
update shipments set anonymized_at = $3 where company_id = $1 and order_id = any($2) and anonymized_at is null
"""


async def export_parcels(db: Reader, order_ids: Collection[UUID]) -> Mapping[str, Any]:
    """The shipments of orders with their lines, the latest 10,000 events, and labels; oldest first. Four statements.

    Not what the company pays for them.
    """
    of_orders: Any = {"order_id": {"in": list(order_ids)}}
    oldest: Any = [{"id": "asc"}]
    shipments = await data.shipment.find_many(db, where=of_orders, order_by=oldest)
    of_shipments: data.ShipmentTrackingWhere = {"shipment_id": {"in": [shipment.id for shipment in shipments]}}
    events = await data.shipment_tracking.find_many(
        db, where=of_shipments, order_by=[{"id": "desc"}], take=MAX_EVENTS
    )
    lines = await data.shipment_line.find_many(db, where=of_orders, order_by=oldest)
    labels = await data.shipping_label.find_many(db, where=of_orders, order_by=oldest)
    return {
        "shipments": exported(shipments, without=OF_COMPANY),
        "shipment_lines": exported(lines),
        "shipment_tracking": exported(reversed(events), without=OF_COMPANY),
        "shipping_labels": exported(labels, without=OF_COMPANY),
    }


async def erase_parcels(tx: Tx, order_ids: Collection[UUID]) -> None:
    """Remove texts of carriers and staff from the parcels of locked orders, for good. Four statements.

    Statuses, times and tracking numbers stay as the proof of delivery. Events that carriers tell later are stored
    without texts, and labels are not shown any more.
    """
    ids, now = list(order_ids), tx.clock.now()
    await tx.execute(ERASE_LABELS, tx.company_id, ids, now)
    await tx.fetch(LOCK_SHIPMENTS, tx.company_id, ids)
    await tx.execute(ERASE_SHIPMENTS, tx.company_id, ids, now)
    await tx.fetch_value("select erase_shipment_events($1)", ids)


async def export_person(_shipping: ShippingService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The shipments that the user made, and the events of shipments that the user wrote, oldest first."""
    made: Any = {"created_by": {"in": person.user_ids}}
    shipments = await data.shipment.find_many(db, where=made, order_by=[{"id": "asc"}])
    events = await data.shipment_tracking.find_many(db, where=made, order_by=[{"id": "asc"}])
    return {"shipments": exported(shipments), "shipment_tracking": exported(events)}


async def erase_person(_shipping: ShippingService, tx: Tx, erasure: Erasure) -> int:
    """Replace the user as the author of shipments and of their events; all else stays."""
    erased = 0
    for user_id in erasure.replaced_ids:
        erased += await data.shipment.update_many(
            tx, where={"created_by": user_id}, data={"created_by": erasure.erased_id}
        )
        erased += await tx.fetch_value("select erase_shipment_authors($1, $2)", user_id, erasure.erased_id)
    return erased
