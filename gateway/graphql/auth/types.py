"""Users, sessions and addresses as the API shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from gateway.graphql.account.loaders import load_addresses
from gateway.graphql.core.fields import relation
from gateway.graphql.role.loaders import load_roles
from gateway.graphql.role.types import Role

if TYPE_CHECKING:
    from gateway.graphql.account.types import Address


@strawberry.type(description="A person with an account, as the current company knows them.")
class User:
    """The auth domain's User. Only the user themself and staff with USERS:READ are ever given one."""

    id: UUID = strawberry.field(description="Their id, the same in every company.")
    email: str = strawberry.field(description="The address they sign in with.")
    first_name: str = strawberry.field(description="Their first name; may be empty.")
    last_name: str = strawberry.field(description="Their last name; may be empty.")
    phone: str | None = strawberry.field(description="Their telephone number.")
    is_active: bool = strawberry.field(description="Whether they may enter this company.")
    email_verified: bool = strawberry.field(description="Whether they have proven that the address is theirs.")
    pending_email: str | None = strawberry.field(description="The address that waits to be confirmed in its place.")
    created_at: datetime = strawberry.field(description="When this company came to know them.")
    updated_at: datetime = strawberry.field(description="When their account was last changed.")
    role_id: strawberry.Private[UUID]
    role: Role | None = relation("role_id", load_roles, description="The role they have in this company.")
    addresses: list[Annotated["Address", strawberry.lazy("gateway.graphql.account.types")]] = relation(
        "id", load_addresses, many=True, size=3, description="Their address book here."
    )


@strawberry.type(description="A signed-in browser or device.")
class Session:
    """The auth domain's Session."""

    id: UUID = strawberry.field(description="Its id.")
    ip_address: str | None = strawberry.field(description="The network address it was last refreshed from.")
    user_agent: str | None = strawberry.field(description="What the browser or device calls itself.")
    created_at: datetime = strawberry.field(description="When it was signed in.")
    last_activity: datetime = strawberry.field(description="When it was last used, to the minute.")
    expires_at: datetime = strawberry.field(description="When it ends at the latest.")
    is_current: bool = strawberry.field(description="Whether it is the session of this very request.")


@strawberry.type(description="What a sign-in brings. Keep both tokens secret; neither belongs into a URL.")
class AuthResponse:
    """The auth domain's AuthResponse."""

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …` with every request.")
    access_token_expires_at: datetime = strawberry.field(description="When to have refreshed it.")
    refresh_token: str = strawberry.field(
        description="Good for one `refreshToken`, which brings the next; a second use ends the session."
    )
    session_expires_at: datetime = strawberry.field(description="When the session ends, refreshed or not.")
    user: User = strawberry.field(description="Who has signed in.")
    device_token: str | None = strawberry.field(
        description="Keep it on the device, also after a sign-out, and give it to the next `login`; it is good "
        "for 180 days and for nothing else. Null when a session is refreshed."
    )
