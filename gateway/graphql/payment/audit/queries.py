"""The audit log of payments, for staff who may manage orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domains.payment.listing.filters import AuditFilter
from domains.payment.listing.lists import ALL_ENTRIES
from domains.payment.models import PaymentAuditEvent
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.payment.audit.types import MANAGES_ORDERS, PaymentAuditLog
from gateway.graphql.payment.listing.inputs import filter_values
from gateway.graphql.payment.listing.queries import ByTime


@strawberry.input(description="Conditions on entries, all of which must hold. Omitted fields set no condition.")
class PaymentAuditLogFilterInput:
    """See AuditFilter."""

    payment_id: UUID | None = strawberry.field(default=None, description="Only acts on this payment and its refunds.")
    order_id: UUID | None = strawberry.field(default=None, description="Only acts on the payments of this order.")
    user_id: UUID | None = strawberry.field(default=None, description="Only what this user did.")
    event_types: list[PaymentAuditEvent] | None = strawberry.field(
        default=None, description="Acts of one of these kinds; at most 20."
    )
    success: bool | None = strawberry.field(default=None, description="False: only failures; true: all other acts.")
    since: datetime | None = strawberry.field(default=None, description="Acts at this time or later.")
    until: datetime | None = strawberry.field(default=None, description="Acts before this time.")

    def as_filter(self) -> AuditFilter:
        """The domain's filter. Raises TooMany."""
        return AuditFilter(**filter_values(self))


@strawberry.type
class PaymentAuditQuery:
    """The audit log of payments in Query."""

    @query(MANAGES_ORDERS)
    async def payment_audit_logs(
        self,
        info: Info,
        filter: Annotated[
            PaymentAuditLogFilterInput | None,
            strawberry.argument(description="Conditions on the entries; the whole log by default."),
        ] = None,
        direction: ByTime = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentAuditLog]:
        """The audit log of this company's payments."""
        page = await info.context.services.payment.lists.entries(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL_ENTRIES,
            direction=direction.value,
        )
        return Connection[PaymentAuditLog].of(page)
