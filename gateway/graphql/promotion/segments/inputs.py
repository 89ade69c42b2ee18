"""Inputs of customer segments."""

from typing import Any
from uuid import UUID

import strawberry

from domains.kernel.errors import TooMany
from domains.promotion.segments.conditions import MAX_DEPTH
from gateway.graphql.core.fields import input_values

NAME = "The name for staff, 1 to 255 characters, unique in the company."
DESCRIPTION = "A description for staff in plain text, at most 50,000 characters; null removes it."
CONDITIONS = "Who is in the segment: at most 50 conditions on 5 levels."
MEMBERS = "The ids of customers of this company, at most 100."


@strawberry.input(
    one_of=True,
    description="A condition on a buyer. Paid orders are those that were neither cancelled nor refunded in full, "
    "by account or confirmed e-mail address; a guest without one has none.",
)
class CustomerConditionInput:
    """Exactly one condition."""

    all: list["CustomerConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="All of these hold. What excludes each other is refused."
    )
    any: list["CustomerConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="At least one of these holds."
    )
    not_: "CustomerConditionInput | None" = strawberry.field(
        name="not", default=strawberry.UNSET, description="This does not hold."
    )
    paid_orders_at_least: int | None = strawberry.field(
        default=strawberry.UNSET, description="The lowest number of paid orders, at least 1."
    )
    paid_orders_at_most: int | None = strawberry.field(
        default=strawberry.UNSET, description="The highest number of paid orders; 0 for none."
    )
    last_order_within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="An order was paid in the last days, 1 to 36,500."
    )
    no_order_within_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="No order was paid in the last days, 1 to 36,500. It holds for buyers without any order, too.",
    )
    first_order_within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="The first order was paid in the last days, 1 to 36,500."
    )
    is_member: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: on this segment's own list, see `customerSegmentMembersAdd`."
    )
    is_guest: bool | None = strawberry.field(default=strawberry.UNSET, description="True: without an account.")
    is_customer: bool | None = strawberry.field(default=strawberry.UNSET, description="True: with an account.")
    has_confirmed_email: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: the e-mail address of the account or the guest is confirmed."
    )
    in_segment: UUID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The id of another segment that the buyer is in. No segment may lead back to itself, and at most "
        "5 follow each other.",
    )

    def as_conditions(self, depth: int = 1) -> dict[str, Any]:
        """The form that the domain reads. Raises TooMany for too many levels."""
        if depth > MAX_DEPTH:
            text = f"Conditions are nested at most {MAX_DEPTH} levels deep. Split the segment with `inSegment`."
            raise TooMany(text, field=("conditions",))
        values = input_values(self)
        return {name.rstrip("_"): _plain(value, depth) for name, value in values.items()}


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, CustomerConditionInput):
        return value.as_conditions(depth + 1)
    return [_plain(each, depth) for each in value] if isinstance(value, list) else value


@strawberry.input(description="A customer segment to create.")
class CustomerSegmentCreateInput:
    """See CustomerSegments.create."""

    name: str = strawberry.field(description=NAME)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    conditions: CustomerConditionInput = strawberry.field(description=CONDITIONS)


@strawberry.input(description="Changes to a customer segment. Omitted fields do not change.")
class CustomerSegmentUpdateInput:
    """See CustomerSegments.update."""

    id: UUID = strawberry.field(description="The id of the segment to change.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description=f"{NAME} Null is refused.")
    description: str | None = strawberry.field(default=strawberry.UNSET, description=DESCRIPTION)
    conditions: CustomerConditionInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"{CONDITIONS} They replace the present ones. Null is refused."
    )


@strawberry.input(description="The customer segment to delete.")
class CustomerSegmentDeleteInput:
    """See CustomerSegments.delete."""

    id: UUID = strawberry.field(description="The id of a segment that no promotion and no other segment names.")


@strawberry.input(description="Customers to put on the list of a segment.")
class CustomerSegmentMembersAddInput:
    """See CustomerSegments.add_members."""

    id: UUID = strawberry.field(description="The id of the segment, whose condition `isMember` reads the list.")
    user_ids: list[UUID] = strawberry.field(description=f"{MEMBERS} Those who are on the list stay.")


@strawberry.input(description="Customers to take off the list of a segment.")
class CustomerSegmentMembersRemoveInput:
    """See CustomerSegments.remove_members."""

    id: UUID = strawberry.field(description="The id of the segment whose list gets shorter.")
    user_ids: list[UUID] = strawberry.field(description=f"{MEMBERS} Those who are not on the list are ignored.")
