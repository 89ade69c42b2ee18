"""Payloads of the mutations of push devices."""

from typing import Any
from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.push_devices.types import PushDevice


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


@strawberry.type(description="The result of `pushDeviceRegister`.")
class PushDeviceRegisterPayload:
    """See PushDevices.register."""

    device: PushDevice | None = strawberry.field(default=None, description="The device. Null when there are errors.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `pushDeviceRemove`.")
class PushDeviceRemovePayload:
    """See PushDevices.remove."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the removed device. Null when there are errors."
    )
    errors: list[UserError] = _errors()
