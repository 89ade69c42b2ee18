"""Users and sessions in the API."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.auth import models
from gateway.graphql.account.loaders import load_addresses
from gateway.graphql.core.fields import relation
from gateway.graphql.core.node import Node
from gateway.graphql.notification.preferences.loaders import NEWSLETTER, load_preferences, load_profiles
from gateway.graphql.payment.methods.loaders import load_saved_methods
from gateway.graphql.payment.store_credit.loaders import load_store_credit
from gateway.graphql.role.loaders import load_roles
from gateway.graphql.role.types import Role

if TYPE_CHECKING:
    from gateway.graphql.account.types import Address
    from gateway.graphql.notification.preferences.types import NotificationPreference, NotificationProfile
    from gateway.graphql.payment.methods.types import SavedPaymentMethod
    from gateway.graphql.payment.store_credit.types import StoreCredit


@strawberry.type(
    description=(
        "A user with an account, as the current company knows them. The user and staff with USERS:READ see it."
    )
)
class User(Node, model=models.User):
    """The auth domain's User. Only the user and staff with USERS:READ see it."""

    email: str = strawberry.field(description="The e-mail address that the user logs in with.")
    first_name: str = strawberry.field(description="The first name; empty when the user has not entered one.")
    last_name: str = strawberry.field(description="The last name; empty when the user has not entered one.")
    phone: str | None = strawberry.field(
        description=(
            "The telephone number in E.164, such as +4930123456, where it could be parsed, otherwise as "
            "entered; null for none."
        )
    )
    is_active: bool = strawberry.field(description="Whether the user has access to this company.")
    email_verified: bool = strawberry.field(description="Whether the user has confirmed the e-mail address.")
    pending_email: str | None = strawberry.field(
        description=(
            "The new e-mail address that the user has requested and not confirmed yet; null when there is none."
        )
    )
    created_at: datetime = strawberry.field(description="When the user became a member of this company.")
    updated_at: datetime = strawberry.field(description="When the account or the membership was last changed.")
    role_id: strawberry.Private[UUID]
    role: Role | None = relation(
        "role_id", load_roles, description="The role of the user in this company, which decides the permissions."
    )
    addresses: list[Annotated["Address", strawberry.lazy("gateway.graphql.account.types")]] = relation(
        "id", load_addresses, many=True, size=3, description="The user's addresses in this company, newest first."
    )
    saved_payment_methods: list[
        Annotated["SavedPaymentMethod", strawberry.lazy("gateway.graphql.payment.methods.types")]
    ] = relation(
        "id",
        load_saved_methods,
        many=True,
        size=2,
        description="The user's saved payment methods in this company, at most 20: the default, then the newest.",
    )
    newsletter_subscribed: bool = relation(
        "id",
        load_preferences,
        derived=NEWSLETTER,
        description="Whether the user gets the newsletter by e-mail: the choice of NEWS by EMAIL.",
    )
    notification_preferences: list[
        Annotated["NotificationPreference", strawberry.lazy("gateway.graphql.notification.preferences.types")]
    ] = relation(
        "id",
        load_preferences,
        many=True,
        size=40,
        description="Which notifications the user gets by which channel: chosen, or the default.",
    )
    notification_profile: (
        Annotated["NotificationProfile", strawberry.lazy("gateway.graphql.notification.preferences.types")] | None
    ) = relation(
        "id", load_profiles, description="The language, time zone and quiet hours of the user's notifications."
    )
    store_credit: Annotated["StoreCredit", strawberry.lazy("gateway.graphql.payment.store_credit.types")] | None = (
        relation(
            "id",
            load_store_credit,
            description="The user's store credit in this company; null for a user who has never had any.",
        )
    )


@strawberry.type(description="A session: a browser or device that is logged in.")
class Session(Node, model=models.Session):
    """The auth domain's Session."""

    ip_address: str | None = strawberry.field(
        description="The IP address of the last login or token refresh; null when it is unknown."
    )
    user_agent: str | None = strawberry.field(
        description=(
            "The user agent of the last login or token refresh, at most 255 characters; null when the "
            "client sent none."
        )
    )
    created_at: datetime = strawberry.field(description="When the user logged in.")
    last_activity: datetime = strawberry.field(description="When the session was last used, to the minute.")
    expires_at: datetime = strawberry.field(
        description="When the session ends, whether or not it is used. Without activity it ends after 14 days."
    )
    is_current: bool = strawberry.field(description="Whether it is the session of this request.")


@strawberry.type(description="The tokens of a session. Keep them secret, and never put them in a URL.")
class AuthResponse:
    """The auth domain's AuthResponse."""

    access_token: str = strawberry.field(
        description="A JWT that is valid for 15 minutes. Send it as `Authorization: Bearer …` with every request."
    )
    access_token_expires_at: datetime = strawberry.field(
        description="When the access token expires; get a new one with `refreshToken` before."
    )
    refresh_token: str = strawberry.field(
        description="Can be used once, by `refreshToken`, which returns the next one. A second use ends the session."
    )
    session_expires_at: datetime = strawberry.field(
        description="When the session ends, whether or not it is refreshed."
    )
    user: User = strawberry.field(description="The logged-in user.")
    device_token: str | None = strawberry.field(
        description="Identifies the device for 180 days. Store it, also after a logout, and send it with the next "
        "`login`. Null when a session is refreshed."
    )
