"""Customer segments as the API shows them to staff."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.promotion.segments import models
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.fields import computed, guarded, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON
from gateway.spelling import camel

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]


@strawberry.type(description="A group of customers: those who meet its conditions now. Promotions can be for it.")
class CustomerSegment(Node, model=models.CustomerSegment):
    """A segment."""

    name: str = strawberry.field(description="The name for staff, unique in the company; buyers do not see it.")
    description: str | None = strawberry.field(description="A description for staff; null when there is none.")
    created_at: datetime = strawberry.field(description="When staff created the segment.")
    updated_at: datetime = strawberry.field(description="When its name, description or conditions last changed.")

    @computed
    def conditions(self) -> JSON:
        """Who is in the segment, in the form of `CustomerConditionInput`."""
        given: Any = self.conditions  # the model's own attribute
        spelled: JSON = _spelled(given)
        return spelled


@strawberry.type(description="A customer on the list of a segment.")
class CustomerSegmentMember(Node, model=models.CustomerSegmentMember):
    """A member."""

    segment_id: UUID = strawberry.field(description="The id of the segment on whose list the customer is.")
    created_at: datetime = strawberry.field(description="When staff put the customer on the list.")
    user_id: UUID | None = guarded(SEES_USERS, "user_id", description="The id of the customer. Requires USERS:READ.")
    user: LazyUser | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The customer; null when they are no longer one of this company. Requires USERS:READ.",
    )


def _spelled(value: Any) -> Any:
    """A JSON value with the names of the API."""
    if isinstance(value, dict):
        return {camel(name): _spelled(each) for name, each in value.items()}
    return [_spelled(each) for each in value] if isinstance(value, list) else value
