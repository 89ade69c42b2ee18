"""Payloads of the mutations of carriers."""

from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.shipping.carriers.types import Carrier

REFUSED = "Why the change was refused; empty on success."


@strawberry.type(description="The result of `carrierCreate`.")
class CarrierCreatePayload:
    """The carrier, or why not."""

    carrier: Carrier | None = strawberry.field(default=None, description="The new carrier; null when it was refused.")
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `carrierUpdate`.")
class CarrierUpdatePayload:
    """The carrier, or why not."""

    carrier: Carrier | None = strawberry.field(
        default=None, description="The changed carrier; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)


@strawberry.type(description="The result of `carrierDelete`.")
class CarrierDeletePayload:
    """The id of what was deleted, or why not."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted carrier; null when the deletion was refused."
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=REFUSED)
