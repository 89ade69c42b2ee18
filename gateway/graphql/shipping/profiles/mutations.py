"""Mutations of shipping profiles."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.shipping.models import ShippingProfileChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.shipping.profiles import inputs, payloads
from gateway.graphql.shipping.profiles.types import ShippingProfile

MAY_UPDATE = requires(PermissionResource.SETTINGS, PermissionAction.UPDATE)


@strawberry.type
class ShippingProfileMutation:
    """The fields of Mutation for shipping profiles."""

    @command(MAY_UPDATE)
    async def shipping_profile_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingProfileCreateInput, strawberry.argument(description="The name of the new profile.")
        ],
    ) -> payloads.ShippingProfileCreatePayload:
        """Create a shipping profile. `productUpdate` assigns products to it."""
        profile = await info.context.services.shipping.profiles.create(tx, from_input(ShippingProfileChanges, input))
        return payloads.ShippingProfileCreatePayload(shipping_profile=present(ShippingProfile, profile))

    @command(MAY_UPDATE)
    async def shipping_profile_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingProfileUpdateInput,
            strawberry.argument(description="The id of the shipping profile, and the fields to change."),
        ],
    ) -> payloads.ShippingProfileUpdatePayload:
        """Change a shipping profile, or make it the default one."""
        changes = from_input(ShippingProfileChanges, input, exclude=("id",))
        profile = await info.context.services.shipping.profiles.update(tx, input.id, changes)
        return payloads.ShippingProfileUpdatePayload(shipping_profile=present(ShippingProfile, profile))

    @command(MAY_UPDATE)
    async def shipping_profile_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingProfileDeleteInput,
            strawberry.argument(description="The id of the shipping profile to delete."),
        ],
    ) -> payloads.ShippingProfileDeletePayload:
        """Delete a shipping profile that no product and no shipping method has."""
        await info.context.services.shipping.profiles.delete(tx, input.id)
        return payloads.ShippingProfileDeletePayload(deleted_id=input.id)
