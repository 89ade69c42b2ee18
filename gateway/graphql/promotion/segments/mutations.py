"""Mutations of customer segments, for staff."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from domains.auth.errors import UserNotFound
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.validation import collect_errors
from domains.promotion.segments.models import NewSegment, SegmentChanges
from domains.promotion.segments.segments import MAX_MEMBERS
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.promotion.segments import inputs, payloads
from gateway.graphql.promotion.segments.types import CustomerSegment

PROMOTIONS = PermissionResource.PROMOTIONS


@strawberry.type
class CustomerSegmentMutation:
    """The customer segments' fields of Mutation."""

    @command(requires(PROMOTIONS, PermissionAction.CREATE))
    async def customer_segment_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CustomerSegmentCreateInput, strawberry.argument(description="The name and the conditions.")
        ],
    ) -> payloads.CustomerSegmentCreatePayload:
        """Create a customer segment; a company has at most 100. Conditions that no buyer can meet are refused."""
        new = NewSegment(name=input.name, description=input.description, conditions=input.conditions.as_conditions())
        segment = await info.context.services.promotion.segments.create(tx, new)
        return payloads.CustomerSegmentCreatePayload(segment=present(CustomerSegment, segment))

    @command(requires(PROMOTIONS, PermissionAction.UPDATE))
    async def customer_segment_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CustomerSegmentUpdateInput,
            strawberry.argument(description="The id of the segment, and the fields to change."),
        ],
    ) -> payloads.CustomerSegmentUpdatePayload:
        """Change a customer segment. A segment that would depend on itself is refused."""
        changes = from_input(SegmentChanges, input, exclude=("id", "conditions"))
        if input.conditions is not strawberry.UNSET:
            changes["conditions"] = input.conditions.as_conditions() if input.conditions else None
        segment = await info.context.services.promotion.segments.update(tx, input.id, changes)
        return payloads.CustomerSegmentUpdatePayload(segment=present(CustomerSegment, segment))

    @command(requires(PROMOTIONS, PermissionAction.DELETE))
    async def customer_segment_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CustomerSegmentDeleteInput,
            strawberry.argument(description="The id of an unused segment."),
        ],
    ) -> payloads.CustomerSegmentDeletePayload:
        """Delete a customer segment with its list. One that promotions or other segments name is refused."""
        await info.context.services.promotion.segments.delete(tx, input.id)
        return payloads.CustomerSegmentDeletePayload(deleted_id=input.id)

    @command(requires(PROMOTIONS, PermissionAction.UPDATE))
    async def customer_segment_members_add(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CustomerSegmentMembersAddInput,
            strawberry.argument(description="The segment, and the customers to put on its list."),
        ],
    ) -> payloads.CustomerSegmentMembersAddPayload:
        """Put customers on the list of a segment, which its condition `isMember` reads."""
        await _require_customers(info, tx, input.user_ids)
        segment = await info.context.services.promotion.segments.add_members(tx, input.id, input.user_ids)
        return payloads.CustomerSegmentMembersAddPayload(segment=present(CustomerSegment, segment))

    @command(requires(PROMOTIONS, PermissionAction.UPDATE))
    async def customer_segment_members_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CustomerSegmentMembersRemoveInput,
            strawberry.argument(description="The segment, and the customers to take off its list."),
        ],
    ) -> payloads.CustomerSegmentMembersRemovePayload:
        """Take customers off the list of a segment."""
        segment = await info.context.services.promotion.segments.remove_members(tx, input.id, input.user_ids)
        return payloads.CustomerSegmentMembersRemovePayload(segment=present(CustomerSegment, segment))


async def _require_customers(info: Info, tx: Tx, user_ids: Sequence[UUID]) -> None:
    """Raise UserNotFound for each user who is not a customer or member of staff of this company."""
    if len(user_ids) > MAX_MEMBERS:
        return  # the domain refuses them
    known = {user.id for user in await info.context.services.auth.members.find_by_id(tx, user_ids)}
    with collect_errors() as each:
        for index, user_id in enumerate(user_ids):
            with each:
                if user_id not in known:
                    raise UserNotFound(user_id, field=("user_ids", str(index)))
