"""Inputs of the mutations of shipping profiles."""

from uuid import UUID

import strawberry
from strawberry import UNSET

NAME = "The name that staff see, 1 to 255 characters."


@strawberry.input(description="A shipping profile to create.")
class ShippingProfileCreateInput:
    """A new shipping profile."""

    name: str = strawberry.field(description=NAME)
    is_default: bool = strawberry.field(
        default=False,
        description="Whether products without a profile have this one; it then takes the place of the default one.",
    )


@strawberry.input(description="Changes to a shipping profile. Omitted fields do not change; null is refused.")
class ShippingProfileUpdateInput:
    """A shipping profile and its changes."""

    id: UUID = strawberry.field(description="The id of the shipping profile to change.")
    name: str | None = strawberry.field(default=UNSET, description=NAME)
    is_default: bool | None = strawberry.field(
        default=UNSET,
        description=(
            "True takes the place of the default profile; false leaves the company without one, so that products "
            "without a profile are carried by the methods of all profiles only."
        ),
    )


@strawberry.input(description="The shipping profile to delete.")
class ShippingProfileDeleteInput:
    """A shipping profile."""

    id: UUID = strawberry.field(description="The id of a profile that no product and no shipping method has.")
