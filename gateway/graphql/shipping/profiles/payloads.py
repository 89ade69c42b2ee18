"""Payloads of the mutations of shipping profiles."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.shipping.profiles.types import ShippingProfile

REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `shippingProfileCreate`.")
class ShippingProfileCreatePayload:
    """The shipping profile, or why not."""

    shipping_profile: ShippingProfile | None = strawberry.field(
        default=None, description="The new shipping profile; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingProfileUpdate`.")
class ShippingProfileUpdatePayload:
    """The shipping profile, or why not."""

    shipping_profile: ShippingProfile | None = strawberry.field(
        default=None, description="The changed shipping profile; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `shippingProfileDelete`.")
class ShippingProfileDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted shipping profile; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
