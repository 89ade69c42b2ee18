"""What clients say about accounts."""

from uuid import UUID

import strawberry

from domains.auth import models
from domains.auth.models import UserSort
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    UserSort,
    "What users are sorted by.",
    {
        UserSort.CREATED_AT: "When the company came to know them.",
        UserSort.EMAIL: "Their e-mail address.",
        UserSort.LAST_NAME: "Their last name.",
    },
    name="UserSortField",
)


@strawberry.input(description="Who registers.")
class RegisterInput:
    """See NewAccount."""

    email: str = strawberry.field(description="The address to sign in with.")
    password: str = strawberry.field(
        description="At least 8 characters, better 15 or more; any characters, none of the common passwords."
    )
    first_name: str = strawberry.field(default="", description="First name.")
    last_name: str = strawberry.field(default="", description="Last name.")
    phone: str | None = strawberry.field(default=None, description="Telephone number.")


@strawberry.input(description="The proof that a new account's address is its owner's.")
class EmailVerifyInput:
    """See Registering.confirm."""

    email: str = strawberry.field(description="The address that was registered.")
    ticket: str = strawberry.field(description="What `register` gave.")
    code: str = strawberry.field(description="The six digits that were mailed.")


@strawberry.input(description="Who wants their code once more.")
class EmailVerificationResendInput:
    """See Registering.resend."""

    email: str = strawberry.field(description="The address that was registered.")
    ticket: str = strawberry.field(description="What `register` gave.")


@strawberry.input(description="Who signs in.")
class LoginInput:
    """See SigningIn.login."""

    email: str = strawberry.field(description="The account's address.")
    password: str = strawberry.field(description="Its password.")
    device_token: str | None = strawberry.field(
        default=None,
        description="What an earlier sign-in on this device brought: others' wrong tries do not lock it out.",
    )


@strawberry.input(description="What the next tokens are asked for with.")
class RefreshTokenInput:
    """See Sessions.refresh."""

    refresh_token: str = strawberry.field(description="The latest refresh token of the session.")


@strawberry.input(description="What to sign out of.")
class LogoutInput:
    """See AuthService.logout."""

    everywhere: bool = strawberry.field(default=False, description="All of one's sessions, not this one alone.")


@strawberry.input(description="Which of one's sessions to end.")
class SessionEndInput:
    """See Sessions.end."""

    id: UUID = strawberry.field(description="Which session.")


@strawberry.input(description="Who has forgotten their password.")
class PasswordResetRequestInput:
    """See Recovery.request."""

    email: str = strawberry.field(description="The account's address.")


@strawberry.input(description="A new password, by a mailed token.")
class PasswordResetInput:
    """See Recovery.reset."""

    token: str = strawberry.field(description="What was mailed.")
    new_password: str = strawberry.field(description="The new password.")


@strawberry.input(description="Another password in the place of the current one.")
class PasswordChangeInput:
    """See Credentials.change_password."""

    current_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(description="The new password.")
    end_other_sessions: bool = strawberry.field(
        default=True, description="Whether all other browsers and devices are signed out."
    )


@strawberry.input(description="Another e-mail address, to be confirmed.")
class EmailChangeRequestInput:
    """See Credentials.request_email_change."""

    new_email: str = strawberry.field(description="The new address; a code is mailed to it.")
    current_password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="The proof that the new address is the user's.")
class EmailChangeConfirmInput:
    """See Credentials.confirm_email_change."""

    code: str = strawberry.field(description="The six digits that were mailed to the new address.")


@strawberry.input(description="Who becomes a member of the company's staff.")
class UserInviteInput:
    """See Administration.invite."""

    email: str = strawberry.field(description="Their address; the invitation is mailed to it.")
    role_id: UUID = strawberry.field(description="The role they get.")
    first_name: str = strawberry.field(default="", description="First name, for a new account.")
    last_name: str = strawberry.field(default="", description="Last name, for a new account.")


@strawberry.input(description="Who is shut out.")
class UserDisableInput:
    """See Administration.disable."""

    id: UUID = strawberry.field(description="Which user.")
    everywhere: bool = strawberry.field(
        default=False, description="Out of every company; for the platform's super administrator."
    )


@strawberry.input(description="Who is let in again.")
class UserEnableInput:
    """See Administration.enable."""

    id: UUID = strawberry.field(description="Which user.")
    everywhere: bool = strawberry.field(
        default=False, description="Into every company again; for the platform's super administrator."
    )


@strawberry.input(description="Who gets which role.")
class UserRoleAssignInput:
    """See Administration.assign_role."""

    id: UUID = strawberry.field(description="Which user.")
    role_id: UUID = strawberry.field(description="Which role; it stands no higher than your own, and can no more.")


@strawberry.input(description="Which users are wanted; everything given must hold.")
class UserFilterInput:
    """See models.UserFilter."""

    role_ids: list[UUID] | None = strawberry.field(default=None, description="With one of these roles.")
    is_active: bool | None = strawberry.field(default=None, description="Who may enter, or who may not.")
    email_verified: bool | None = strawberry.field(default=None, description="Whose address is proven, or is not.")

    def as_model(self, search: str | None) -> models.UserFilter:
        """The domain's filter, with the words searched for."""
        roles = None if self.role_ids is None else tuple(self.role_ids)
        return models.UserFilter(
            search=search, role_ids=roles, is_active=self.is_active, email_verified=self.email_verified
        )


@strawberry.input(description="How users are sorted.", name="UserSortInput")
class UserSortInput:
    """Field and direction."""

    field: UserSort = strawberry.field(default=UserSort.CREATED_AT, description="By what.")
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")
