"""Queries of customer segments, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.promotion.segments.loaders import load_segments
from gateway.graphql.promotion.segments.types import CustomerSegment, CustomerSegmentMember

MAY_READ = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)


@strawberry.type
class CustomerSegmentQuery:
    """The customer segments' fields of Query."""

    @query(MAY_READ)
    async def customer_segment(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a customer segment of this company.")],
    ) -> CustomerSegment | None:
        """A customer segment by its id; null when there is none."""
        (segment,) = await load_segments(info.context, [id])
        return None if segment is None else present(CustomerSegment, segment)

    @query(MAY_READ)
    async def customer_segments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[CustomerSegment]:
        """The customer segments of the company, by name."""
        segments, args = info.context.services.promotion.segments, PageArgs(first, after, last, before)
        return Connection[CustomerSegment].of(await segments.find(info.context.reader, args))

    @query(MAY_READ)
    async def customer_segment_members(
        self,
        info: Info,
        segment_id: Annotated[UUID, strawberry.argument(description="The id of the segment whose list is read.")],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CustomerSegmentMember]:
        """The customers on the list of a segment, newest first; empty for an unknown segment."""
        segments, args = info.context.services.promotion.segments, PageArgs(first, after, last, before)
        page = await segments.find_members(info.context.reader, segment_id, args)
        return Connection[CustomerSegmentMember].of(page)
