"""Who of the staff has an order open now."""

from typing import Annotated, Final, TypeAlias
from uuid import UUID

import strawberry

from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import IsViewing, query, subscription
from gateway.graphql.order.queries import MAY_READ
from gateway.graphql.order.subscriptions import visible_order
from gateway.live.presence_store import PresenceChannel, Present

MAX_STAFF: Final = 50
OrderId: TypeAlias = Annotated[UUID, strawberry.argument(description="The order that staff have open.")]
STAFF: Final = PresenceChannel("order_staff", max_listed=MAX_STAFF)


@strawberry.type(description="A member of the staff who has an order open.")
class PresentStaff:
    """What colleagues see of a user without USERS:READ."""

    user_id: UUID = strawberry.field(description="The id of the user, who may be you.")
    first_name: str = strawberry.field(description="The first name; empty when the user has not entered one.")
    last_name: str = strawberry.field(description="The last name; empty when the user has not entered one.")


@strawberry.type(description="Who of the staff has an order open now.")
class OrderPresence:
    """The staff at an order, over all servers."""

    staff: list[PresentStaff] = strawberry.field(
        description=f"Those who are subscribed, you included, by their last names; at most {MAX_STAFF}."
    )


async def _shown(info: Info, present: Present) -> OrderPresence:
    context = info.context
    users = await load_users(context, [UUID(member) for member in present.members])
    staff = [
        PresentStaff(user_id=user.id, first_name=user.first_name, last_name=user.last_name) for user in users if user
    ]
    return OrderPresence(staff=sorted(staff, key=lambda each: (each.last_name, each.first_name, each.user_id)))


@strawberry.type
class OrderPresenceQuery:
    """The field of Query."""

    @query(MAY_READ)
    async def order_presence(
        self,
        info: Info,
        order_id: OrderId,
    ) -> OrderPresence | None:
        """Who of the staff has an order open now, by subscriptions to `orderPresence`; null for an unknown order."""
        context = info.context
        room = STAFF.room(context.actor.company_id, await visible_order(info, order_id))
        return await _shown(info, await context.presence.state(room))


@strawberry.type
class OrderPresenceSubscription:
    """The field of Subscription."""

    @subscription(MAY_READ, channel=STAFF, room=visible_order)
    async def order_presence(
        self,
        info: Info,
        event: Present,
        order_id: OrderId,
        is_viewing: IsViewing = True,
    ) -> OrderPresence:
        """Who of the staff has an order open: now, and each time that it changes, at most about once a second.

        Members whose connection is lost without an end are present for up to a minute.
        """
        return await _shown(info, event)
