"""Personal data of returns: requests stay with their figures, without the buyer and what the buyer wrote."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import ERASED, Erasure, Person, exported
from domains.order import personal_data as order_data
from domains.returns import data
from domains.returns.service import ReturnsService

STAFF: Final = ("created_by",)
MAX_EVENTS: Final = 10_000
ANONYMIZE: Final = """
update return_requests
set user_id = case when user_id is not null then $3::uuid end, return_notes = $4,
    rejection_reason = case when rejection_reason is not null then $4 end, metadata = '{}', updated_at = $5
where company_id = $1 and id = any($2)
"""
ANONYMIZE_REFUNDS: Final = """
update return_refunds
set user_id = case when user_id is not null then $3::uuid end, reason = case when reason is not null then $4 end,
    updated_at = $5
where company_id = $1 and return_request_id = any($2)
"""
# The carrier and the number of a parcel without a label are what the buyer wrote.
ANONYMIZE_AUTHORIZATIONS: Final = """
update return_authorizations
set return_instructions = case when return_instructions <> '' then $3 else '' end,
    carrier_name = case when carrier_id is not null then carrier_name end,
    tracking_number = case when carrier_id is not null then tracking_number end, updated_at = $4
where company_id = $1 and return_request_id = any($2)
"""
MOVE: Final = """
update return_requests set user_id = $3, updated_at = $4 where company_id = $1 and id = any($2)
"""
MOVE_REFUNDS: Final = """
update return_refunds set user_id = $3, updated_at = $4 where company_id = $1 and return_request_id = any($2)
"""


async def export_person(_returns: ReturnsService, db: Reader, person: Person) -> Mapping[str, Any]:
    """The return requests with items, authorizations, history, the latest 10,000 events and refunds, oldest first.

    Eight statements.
    """
    ids = await _requests_of(db, person)
    of_requests: Any = {"return_request_id": {"in": ids}}
    oldest: Any = [{"id": "asc"}]
    found = await data.return_request.find_many(db, where={"id": {"in": ids}}, order_by=oldest)
    places = await data.return_authorization.find_many(db, where=of_requests, order_by=oldest)
    events: Any = {"authorization_id": {"in": [place.id for place in places]}}
    tracking = await data.return_tracking.find_many(db, where=events, order_by=[{"id": "desc"}], take=MAX_EVENTS)
    return {
        "return_requests": exported(found, without=STAFF),
        "return_items": exported(await data.return_item.find_many(db, where=of_requests, order_by=oldest)),
        "return_authorizations": exported(places),
        "return_history": exported(
            await data.return_status_history.find_many(db, where=of_requests, order_by=oldest),
            without=("changed_by",),
        ),
        "return_tracking": exported(reversed(tracking), without=STAFF),
        "return_refunds": exported(
            await data.return_refund.find_many(db, where=of_requests, order_by=oldest), without=STAFF
        ),
    }


async def erase_person(_returns: ReturnsService, tx: Tx, erasure: Erasure) -> int:
    """Anonymize the return requests. Numbers, items, figures, times, and the parcels of labels stay.

    What buyer, staff and carriers wrote is removed. Nothing of a person is stored later: events of labels have no
    texts.
    """
    ids = await _requests_of(tx, erasure.person)
    for user_id in erasure.replaced_ids:
        await tx.fetch_value("select erase_return_authors($1, $2)", user_id, erasure.erased_id)
        entered: Any = {"created_by": user_id}
        author: Any = {"created_by": erasure.erased_id}
        await data.return_request.update_many(tx, where=entered, data=author)
        await data.return_refund.update_many(tx, where=entered, data=author)
    if not ids:
        return 0
    now = tx.clock.now()
    await tx.execute(ANONYMIZE, tx.company_id, ids, erasure.erased_id, ERASED, now)
    await tx.execute(ANONYMIZE_REFUNDS, tx.company_id, ids, erasure.erased_id, ERASED, now)
    await tx.execute(ANONYMIZE_AUTHORIZATIONS, tx.company_id, ids, ERASED, now)
    await tx.fetch_value("select erase_return_notes($1)", ids)
    await tx.fetch_value("select erase_return_events($1)", ids)
    return len(ids)


async def merge_person(_returns: ReturnsService, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the return requests with their orders."""
    ids = await _requests_of(tx, person)
    now = tx.clock.now()
    await tx.execute(MOVE_REFUNDS, tx.company_id, ids, user_id, now)
    return await tx.execute(MOVE, tx.company_id, ids, user_id, now)


async def _requests_of(db: Reader, person: Person) -> list[UUID]:
    """The ids of the requests for orders of the person, oldest first. In a transaction the orders are locked."""
    order_ids = await order_data.orders_of(db, person, lock=isinstance(db, Tx))
    where: data.ReturnRequestWhere = {"order_id": {"in": order_ids}}
    return [row.id for row in await data.return_request.find_many(db, where=where, order_by=[{"id": "asc"}])]
