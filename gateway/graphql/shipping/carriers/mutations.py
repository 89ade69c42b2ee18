"""Mutations of carriers."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.shipping.carriers.models import CarrierChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present, requires
from gateway.graphql.shipping.carriers import inputs, payloads
from gateway.graphql.shipping.carriers.types import Carrier

MAY_MANAGE = requires(PermissionResource.SETTINGS, PermissionAction.MANAGE)


@strawberry.type
class CarrierMutation:
    """The fields of Mutation about carriers."""

    @command(MAY_MANAGE)
    async def carrier_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CarrierCreateInput, strawberry.argument(description="The carrier, and its account's credentials.")
        ],
    ) -> payloads.CarrierCreatePayload:
        """Create a carrier. No request is made to it; whether its credentials work shows with the first one."""
        new = from_input(CarrierChanges, input, exclude=("credentials",))
        new["credentials"] = inputs.credentials_of(input.credentials)
        with inputs.placing_errors(input.credentials):
            carrier = await info.context.services.shipping.carriers.create(tx, new)
        return payloads.CarrierCreatePayload(carrier=present(Carrier, carrier))

    @command(MAY_MANAGE)
    async def carrier_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CarrierUpdateInput, strawberry.argument(description="The id of the carrier, and what changes.")
        ],
    ) -> payloads.CarrierUpdatePayload:
        """Change a carrier, or the credentials of its account. Sent twice, it does the same."""
        changes = from_input(CarrierChanges, input, exclude=("id", "credentials"))
        changes["credentials"] = inputs.credentials_of(input.credentials)
        with inputs.placing_errors(input.credentials):
            carrier = await info.context.services.shipping.carriers.update(tx, input.id, changes)
        return payloads.CarrierUpdatePayload(carrier=present(Carrier, carrier))

    @command(MAY_MANAGE)
    async def carrier_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.CarrierDeleteInput, strawberry.argument(description="The id of a carrier that nothing names.")
        ],
    ) -> payloads.CarrierDeletePayload:
        """Delete a carrier that no shipping method and no label names. Deactivate others with `carrierUpdate`."""
        await info.context.services.shipping.carriers.delete(tx, input.id)
        return payloads.CarrierDeletePayload(deleted_id=input.id)
