"""Push devices as the API shows them."""

from datetime import datetime

import strawberry

from domains.notification.push_devices import models
from domains.notification.push_devices.models import PushProvider
from gateway.graphql.core.enums import describe
from gateway.graphql.core.node import Node

describe(
    PushProvider,
    "Who delivers push notifications to a device.",
    {
        PushProvider.WEB_PUSH: "The push service of a browser.",
        PushProvider.FIREBASE: "Firebase Cloud Messaging, for apps.",
    },
)


@strawberry.type(description="A browser or an app in which the caller asked for push notifications.")
class PushDevice(Node, model=models.PushDevice):
    """A device. Its address and keys are never shown."""

    provider: PushProvider = strawberry.field(description="Who delivers notifications to it.")
    name: str | None = strawberry.field(description="The name that it was given; null without one.")
    user_agent: str | None = strawberry.field(
        description="The `User-Agent` of the request that registered it last; null without one."
    )
    created_at: datetime = strawberry.field(description="When the caller registered it first.")
    last_used_at: datetime = strawberry.field(
        description="When it was registered last. Of more than 20 devices, the longest unused are deleted."
    )
