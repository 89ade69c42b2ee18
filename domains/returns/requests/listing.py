"""Lists of return requests, and of what belongs to them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.values.ranges import require_range
from domains.returns import data
from domains.returns.errors import ReturnRequestNotFound
from domains.returns.models import (
    ReturnAuthorization,
    ReturnFilter,
    ReturnItem,
    ReturnRefund,
    ReturnRequest,
    ReturnStatusHistory,
    ReturnTracking,
)

ALL: Final = ReturnFilter()
OLDEST: Final[Any] = [{"id": "asc"}]


class ReturnListing:
    """Reads return requests, for those who may see them."""

    async def get(self, db: Reader, request_id: UUID) -> ReturnRequest:
        """A return request. Raises ReturnRequestNotFound. One statement."""
        request = await data.return_request.find_unique(db, id=request_id)
        if request is None:
            raise ReturnRequestNotFound
        return request

    async def by_number(self, db: Reader, rma_number: str) -> ReturnRequest:
        """The return request with a number. Raises ReturnRequestNotFound. One statement."""
        request = await data.return_request.find_unique(db, rma_number=rma_number.strip().upper())
        if request is None:
            raise ReturnRequestNotFound(field=("rma_number",))
        return request

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[ReturnRequest]:
        """The return requests of these ids, in no order. One statement."""
        return await data.return_request.find_many(db, where={"id": {"in": list(ids)}})

    async def of_orders(self, db: Reader, order_ids: Collection[UUID]) -> list[ReturnRequest]:
        """The return requests of orders, oldest first. One statement."""
        where: data.ReturnRequestWhere = {"order_id": {"in": list(order_ids)}}
        return await data.return_request.find_many(db, where=where, order_by=OLDEST)

    async def items_of(self, db: Reader, request_ids: Collection[UUID]) -> list[ReturnItem]:
        """The items of return requests, in the order in which they were requested. One statement."""
        where: data.ReturnItemWhere = {"return_request_id": {"in": list(request_ids)}}
        return await data.return_item.find_many(db, where=where, order_by=OLDEST)

    async def items_by_id(self, db: Reader, ids: Collection[UUID]) -> list[ReturnItem]:
        """The items of these ids, in no order. One statement."""
        return await data.return_item.find_many(db, where={"id": {"in": list(ids)}})

    async def authorizations_of(self, db: Reader, request_ids: Collection[UUID]) -> list[ReturnAuthorization]:
        """The authorizations of return requests, in no order. One statement."""
        where: data.ReturnAuthorizationWhere = {"return_request_id": {"in": list(request_ids)}}
        return await data.return_authorization.find_many(db, where=where)

    async def history_of(self, db: Reader, request_ids: Collection[UUID]) -> list[ReturnStatusHistory]:
        """The changes of the status of return requests, oldest first. One statement."""
        where: data.ReturnStatusHistoryWhere = {"return_request_id": {"in": list(request_ids)}}
        return await data.return_status_history.find_many(db, where=where, order_by=OLDEST)

    async def tracking_of(self, db: Reader, authorization_ids: Collection[UUID]) -> list[ReturnTracking]:
        """What carriers and staff said of the parcels of authorizations, by the carriers' time. One statement."""
        where: data.ReturnTrackingWhere = {"authorization_id": {"in": list(authorization_ids)}}
        by_time: Any = [{"timestamp": "asc"}, {"id": "asc"}]
        return await data.return_tracking.find_many(db, where=where, order_by=by_time)

    async def refunds_of(self, db: Reader, request_ids: Collection[UUID]) -> list[ReturnRefund]:
        """What was refunded for return requests, oldest first. One statement."""
        where: data.ReturnRefundWhere = {"return_request_id": {"in": list(request_ids)}}
        return await data.return_refund.find_many(db, where=where, order_by=OLDEST)

    async def find(
        self, db: Reader, args: PageArgs, filters: ReturnFilter = ALL, *, direction: Direction = "desc"
    ) -> Page[ReturnRequest]:
        """One page of the return requests by the time of the request. One statement.

        Raises RangeInverted, and as `fetch_page`.
        """
        require_range(filters.requested_from, filters.requested_before, field=("requested_before",))
        sort = Sort("requested_at", datetime, direction)
        return await fetch_page(data.return_request, db, args, sort=sort, where=_where(filters))


def _where(filters: ReturnFilter) -> dict[str, Any]:
    number = None if filters.rma_number is None else filters.rma_number.strip().upper()
    exact: dict[str, Any] = {
        "return_reason": filters.reason,
        "rma_number": number,
        "order_id": filters.order_id,
        "user_id": filters.user_id,
    }
    where = {column: value for column, value in exact.items() if value is not None}
    if filters.statuses is not None:
        where["status"] = {"in": list(filters.statuses)}
    period = {"gte": filters.requested_from, "lt": filters.requested_before}
    if bounds := {name: at for name, at in period.items() if at is not None}:
        where["requested_at"] = bounds
    return where
