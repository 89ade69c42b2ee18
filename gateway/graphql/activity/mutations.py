"""Mutations of the activity log."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from gateway.graphql.activity.inputs import ActivityTrackInput
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import PUBLIC, workflow


@strawberry.type(description="The result of `activityTrack`.")
class ActivityTrackPayload:
    """The number or the errors."""

    tracked: int = strawberry.field(default=0, description="The number of logged activities: all or none.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was logged; empty on success."
    )


@strawberry.type
class ActivityMutation:
    """The activity domain's fields of Mutation."""

    @workflow(PUBLIC)
    async def activity_track(
        self,
        info: Info,
        input: Annotated[ActivityTrackInput, strawberry.argument(description="The batch of at most 50 activities.")],
    ) -> ActivityTrackPayload:
        """Log a batch of at most 50 activities of the caller, who may be a guest.

        One IP address may send 120 batches a minute and 5 MB a day. Repeated views of a product by one visitor count
        once in 30 minutes.
        """
        context = info.context
        activity, catalog, actor = context.services.activity, context.services.catalog, context.actor
        reported, address = [entry.as_reported() for entry in input.activities], context.request.ip
        counted: list[dict[UUID, int]] = []

        async def track(tx: Tx) -> None:
            viewed = await activity.track(
                tx, actor, reported, ip_address=address, user_agent=context.request.user_agent
            )
            if not counted:  # a transaction that runs again has counted them already
                counted.append(dict.fromkeys(await activity.first_views(actor, address, viewed), 1))
            await catalog.views.record(tx, counted[0])

        await activity.admit(actor.company_id, address, reported)
        await context.db.run(track, actor)
        return ActivityTrackPayload(tracked=len(reported))
