"""Mutations of suppressions, for staff."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.notification.suppressions import inputs, payloads
from gateway.graphql.notification.suppressions.types import NotificationSuppression

UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)


@strawberry.type
class NotificationSuppressionMutation:
    """The fields of Mutation about suppressions."""

    @command(UPDATE_USERS)
    async def notification_suppression_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationSuppressionCreateInput,
            strawberry.argument(description="The address, and what it is not to get."),
        ],
    ) -> payloads.NotificationSuppressionCreatePayload:
        """Send an address no notifications of a category, or none at all but those that cannot be refused.

        One that staff created before stays as it is.
        """
        suppressions = info.context.services.notification.suppressions
        suppression = await suppressions.add(tx, input.channel, input.address, input.category)
        return payloads.NotificationSuppressionCreatePayload(
            suppression=present(NotificationSuppression, suppression)
        )

    @command(UPDATE_USERS)
    async def notification_suppression_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.NotificationSuppressionDeleteInput,
            strawberry.argument(description="The suppression, and for a bounce or a complaint why it is lifted."),
        ],
    ) -> payloads.NotificationSuppressionDeletePayload:
        """Lift a suppression, so that messages are sent to the address again unless another reason forbids it.

        Staff cannot lift one for UNSUBSCRIBED: the consent is the recipient's.
        """
        suppressions = info.context.services.notification.suppressions
        lifted = await suppressions.remove(tx, input.id, note=input.note)
        return payloads.NotificationSuppressionDeletePayload(deleted_id=lifted.id)
