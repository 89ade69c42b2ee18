"""Mutations of push devices."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.notification.push_devices.models import NewPushDevice
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, command, from_input, present
from gateway.graphql.notification.push_devices import inputs, payloads
from gateway.graphql.notification.push_devices.types import PushDevice


@strawberry.type
class PushDeviceMutation:
    """The fields of Mutation about push devices."""

    @command(AUTHENTICATED)
    async def push_device_register(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PushDeviceRegisterInput, strawberry.argument(description="The address of the device.")
        ],
    ) -> payloads.PushDeviceRegisterPayload:
        """Register a browser or an app for push notifications, or renew it.

        Send it again whenever the app starts. The device of another user, who was logged in there before, moves to
        the caller. A logout ends the devices of its session.
        """
        context = info.context
        new: NewPushDevice = from_input(NewPushDevice, input)
        device = await context.services.notification.push_devices.register(
            tx, context.actor, context.request.origin(), new
        )
        return payloads.PushDeviceRegisterPayload(device=present(PushDevice, device))

    @command(OWNER)
    async def push_device_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PushDeviceRemoveInput, strawberry.argument(description="The id of a device of the caller.")
        ],
    ) -> payloads.PushDeviceRemovePayload:
        """Remove a device, which then gets no notifications, also none that wait for it."""
        devices = info.context.services.notification.push_devices
        await devices.remove(tx, info.context.actor, input.id)
        return payloads.PushDeviceRemovePayload(deleted_id=input.id)
