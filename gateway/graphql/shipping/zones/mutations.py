"""Mutations of shipping zones and methods."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.shipping.zones import inputs, method_inputs, payloads
from gateway.graphql.shipping.zones.types import ShippingMethod, ShippingZone

MAY_UPDATE = requires(PermissionResource.SETTINGS, PermissionAction.UPDATE)


@strawberry.type
class ShippingZoneMutation:
    """The fields of Mutation for shipping zones and methods."""

    @command(MAY_UPDATE)
    async def shipping_zone_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingZoneCreateInput,
            strawberry.argument(description="The name, the type and the places of the new zone."),
        ],
    ) -> payloads.ShippingZoneCreatePayload:
        """Create a shipping zone.

        Until its first zone a company ships everywhere free of charge; from then on only where a zone has methods.
        """
        zone = await info.context.services.shipping.zones.create(tx, inputs.zone_changes(input))
        return payloads.ShippingZoneCreatePayload(shipping_zone=present(ShippingZone, zone))

    @command(MAY_UPDATE)
    async def shipping_zone_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingZoneUpdateInput,
            strawberry.argument(description="The id of the shipping zone, and the fields to change."),
        ],
    ) -> payloads.ShippingZoneUpdatePayload:
        """Change a shipping zone. A list of places replaces the earlier one."""
        changes = inputs.zone_changes(input)
        zone = await info.context.services.shipping.zones.update(tx, input.id, changes)
        return payloads.ShippingZoneUpdatePayload(shipping_zone=present(ShippingZone, zone))

    @command(MAY_UPDATE)
    async def shipping_zone_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ShippingZoneDeleteInput, strawberry.argument(description="The id of the shipping zone to delete.")
        ],
    ) -> payloads.ShippingZoneDeletePayload:
        """Delete a shipping zone with its methods.

        Without its last zone a company ships everywhere free of charge.
        """
        await info.context.services.shipping.zones.delete(tx, input.id)
        return payloads.ShippingZoneDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def shipping_method_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            method_inputs.ShippingMethodCreateInput,
            strawberry.argument(description="The zone, the name, the prices and the limits of the new method."),
        ],
    ) -> payloads.ShippingMethodCreatePayload:
        """Create a shipping method in a zone."""
        method = await info.context.services.shipping.methods.create(tx, method_inputs.new_method(input))
        return payloads.ShippingMethodCreatePayload(shipping_method=present(ShippingMethod, method))

    @command(MAY_UPDATE)
    async def shipping_method_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            method_inputs.ShippingMethodUpdateInput,
            strawberry.argument(description="The id of the shipping method, and the fields to change."),
        ],
    ) -> payloads.ShippingMethodUpdatePayload:
        """Change a shipping method, whose zone stays.

        Given rates and profiles replace the earlier ones. Orders keep their price.
        """
        changes = method_inputs.method_changes(input)
        method = await info.context.services.shipping.methods.update(tx, input.id, changes)
        return payloads.ShippingMethodUpdatePayload(shipping_method=present(ShippingMethod, method))

    @command(MAY_UPDATE)
    async def shipping_method_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            method_inputs.ShippingMethodDeleteInput,
            strawberry.argument(description="The id of the shipping method to delete."),
        ],
    ) -> payloads.ShippingMethodDeletePayload:
        """Delete a shipping method. Orders keep their method and price."""
        await info.context.services.shipping.methods.delete(tx, input.id)
        return payloads.ShippingMethodDeletePayload(deleted_id=input.id)
