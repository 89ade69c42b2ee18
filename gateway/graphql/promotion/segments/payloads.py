"""The results of the mutations of customer segments."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.promotion.segments.types import CustomerSegment

REFUSED = "Why the change was refused; empty on success."
CHANGED = "The changed segment; null when the change was refused."


@strawberry.type(description="The result of `customerSegmentCreate`.")
class CustomerSegmentCreatePayload:
    """The segment, or why not."""

    segment: CustomerSegment | None = strawberry.field(
        default=None, description="The new segment; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `customerSegmentUpdate`.")
class CustomerSegmentUpdatePayload:
    """The segment, or why not."""

    segment: CustomerSegment | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `customerSegmentDelete`.")
class CustomerSegmentDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted segment; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `customerSegmentMembersAdd`.")
class CustomerSegmentMembersAddPayload:
    """The segment, or why not."""

    segment: CustomerSegment | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `customerSegmentMembersRemove`.")
class CustomerSegmentMembersRemovePayload:
    """The segment, or why not."""

    segment: CustomerSegment | None = strawberry.field(default=None, description=CHANGED)
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
