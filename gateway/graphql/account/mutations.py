"""Mutations of profiles and address books."""

from typing import Annotated

import strawberry

from domains.account.models import AddressChanges, NewAddress, ProfileChanges
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.account import inputs, payloads
from gateway.graphql.account.types import Address
from gateway.graphql.auth.types import User
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, command, from_input, present, requires

UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)
DELETE_USERS = requires(PermissionResource.USERS, PermissionAction.DELETE)


@strawberry.type
class AccountMutation:
    """The account domain's fields of Mutation."""

    @command(AUTHENTICATED)
    async def profile_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProfileUpdateInput,
            strawberry.argument(description="The names and the telephone number to change."),
        ],
    ) -> payloads.ProfileUpdatePayload:
        """Change the caller's own names and telephone number. The profile is the same in every company."""
        changes = from_input(ProfileChanges, input)
        user = await info.context.services.account.profile.update(tx, info.context.actor, changes)
        return payloads.ProfileUpdatePayload(user=present(User, user))

    @command(AUTHENTICATED)
    async def address_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AddressCreateInput,
            strawberry.argument(description="The fields, checked by the postal format of the country."),
        ],
    ) -> payloads.AddressCreatePayload:
        """Add an address to the caller's address book, which has at most 100."""
        addresses, actor = info.context.services.account.addresses, info.context.actor
        address = await addresses.create(tx, actor, from_input(NewAddress, input))
        return payloads.AddressCreatePayload(address=present(Address, address))

    @command(OWNER | UPDATE_USERS)
    async def address_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AddressUpdateInput,
            strawberry.argument(description="The id of the address, and the fields to change."),
        ],
    ) -> payloads.AddressUpdatePayload:
        """Change an address. A user is notified by e-mail when staff change it."""
        addresses, actor = info.context.services.account.addresses, info.context.actor
        changes = from_input(AddressChanges, input, exclude=("id",))
        address = await addresses.update(tx, actor, input.id, changes)
        return payloads.AddressUpdatePayload(address=present(Address, address))

    @command(OWNER | DELETE_USERS)
    async def address_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.AddressDeleteInput,
            strawberry.argument(
                description="The id of one of your own addresses; with USERS:DELETE of another user's."
            ),
        ],
    ) -> payloads.AddressDeletePayload:
        """Delete an address. If it was a default, the newest other address of its type becomes the default."""
        address = await info.context.services.account.addresses.delete(tx, info.context.actor, input.id)
        return payloads.AddressDeletePayload(address=present(Address, address))
