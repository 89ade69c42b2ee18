"""Payloads of the mutations of shipping zones and methods."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.shipping.zones.types import ShippingMethod, ShippingZone

REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `shippingZoneCreate`.")
class ShippingZoneCreatePayload:
    """The shipping zone, or why not."""

    shipping_zone: ShippingZone | None = strawberry.field(
        default=None, description="The new shipping zone; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingZoneUpdate`.")
class ShippingZoneUpdatePayload:
    """The shipping zone, or why not."""

    shipping_zone: ShippingZone | None = strawberry.field(
        default=None, description="The changed shipping zone; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingZoneDelete`.")
class ShippingZoneDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted shipping zone; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingMethodCreate`.")
class ShippingMethodCreatePayload:
    """The shipping method, or why not."""

    shipping_method: ShippingMethod | None = strawberry.field(
        default=None, description="The new shipping method; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingMethodUpdate`.")
class ShippingMethodUpdatePayload:
    """The shipping method, or why not."""

    shipping_method: ShippingMethod | None = strawberry.field(
        default=None, description="The changed shipping method; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingMethodDelete`.")
class ShippingMethodDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted shipping method; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
