"""Inputs of push devices."""

from uuid import UUID

import strawberry

from domains.notification.push_devices.models import PushProvider
from gateway.graphql.notification.push_devices import types as _types  # noqa: F401 - describes PushProvider first


@strawberry.input(description="A browser or an app that is to get push notifications.")
class PushDeviceRegisterInput:
    """See NewPushDevice."""

    provider: PushProvider = strawberry.field(description="Who delivers notifications to it.")
    address: str = strawberry.field(
        description=(
            "The `endpoint` of the `PushSubscription` of a browser, or the registration token of an app; at most "
            "2,000 characters."
        )
    )
    p256dh: str | None = strawberry.field(
        default=None, description="`keys.p256dh` of the subscription, in base64url; of browsers only, and required."
    )
    auth: str | None = strawberry.field(
        default=None, description="`keys.auth` of the subscription, in base64url; of browsers only, and required."
    )
    name: str | None = strawberry.field(
        default=None, description="A name by which the user knows the device, at most 100 characters."
    )


@strawberry.input(description="The push device to remove.")
class PushDeviceRemoveInput:
    """A device."""

    id: UUID = strawberry.field(description="The id of a device of the caller.")
