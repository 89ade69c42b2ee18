"""Inputs of the auth domain."""

from uuid import UUID

import strawberry

from domains.auth import models
from domains.auth.models import UserSort
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection

describe(
    UserSort,
    "The fields that users can be sorted by.",
    {
        UserSort.CREATED_AT: "The time at which the user became a member of the company.",
        UserSort.EMAIL: "The e-mail address, alphabetically.",
        UserSort.LAST_NAME: "Alphabetical; users without a last name come first.",
    },
    name="UserSortField",
)


@strawberry.input(description="The account to register.")
class RegisterInput:
    """See NewAccount."""

    email: str = strawberry.field(description="The e-mail address to log in with, at most 254 characters.")
    password: str = strawberry.field(
        description=(
            "The password, 8 to 1,024 characters, better 15 or more. Common passwords and those with the "
            "shop's name are refused."
        )
    )
    first_name: str = strawberry.field(
        default="", description="The first name, at most 100 characters; empty by default."
    )
    last_name: str = strawberry.field(
        default="", description="The last name, at most 100 characters; empty by default."
    )
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "The telephone number with country code, such as +49 30 123456, at most 40 characters; null "
            "or absent for none."
        ),
    )
    newsletter_subscribed: bool = strawberry.field(
        default=False,
        description=(
            "Whether the person asks for the newsletter, false by default: a consent, which is stored with its time "
            "once the address is confirmed. Do not tick it in advance."
        ),
    )


@strawberry.input(description="The code that confirms the address of a new account.")
class EmailVerifyInput:
    """See Registration.confirm."""

    email: str = strawberry.field(description="The e-mail address that was registered.")
    ticket: str = strawberry.field(description="The `ticket` that `register` returned.")
    code: str = strawberry.field(description="The code of six digits from the e-mail, valid for five attempts.")


@strawberry.input(description="The registration whose code is sent again.")
class EmailVerificationResendInput:
    """See Registration.resend."""

    email: str = strawberry.field(description="The e-mail address that was registered.")
    ticket: str = strawberry.field(description="The `ticket` that `register` returned.")


@strawberry.input(description="The credentials to log in with.")
class LoginInput:
    """See AuthService.login."""

    email: str = strawberry.field(description="The e-mail address of the account, in any case.")
    password: str = strawberry.field(description="The password of the account.")
    device_token: str | None = strawberry.field(
        default=None,
        description=(
            "The `deviceToken` of an earlier login on this device. With it, wrong passwords from "
            "elsewhere do not lock this device out. Null or absent on a new device."
        ),
    )


@strawberry.input(description="The refresh token to exchange.")
class RefreshTokenInput:
    """See Sessions.refresh."""

    refresh_token: str = strawberry.field(description="The latest refresh token of the session.")


@strawberry.input(description="Which sessions to end.")
class LogoutInput:
    """See AuthService.logout."""

    everywhere: bool = strawberry.field(
        default=False, description="True: end all sessions of the caller; false, the default: the current one only."
    )


@strawberry.input(description="The session to end.")
class SessionEndInput:
    """See Sessions.end."""

    id: UUID = strawberry.field(description="The id of one of your own sessions, as `sessions` lists them.")


@strawberry.input(description="The account whose password is to be reset.")
class PasswordResetRequestInput:
    """See Passwords.request_reset."""

    email: str = strawberry.field(description="The e-mail address of the account.")


@strawberry.input(description="The token from the e-mail, and the new password.")
class PasswordResetInput:
    """See Passwords.reset."""

    token: str = strawberry.field(description="The token from the e-mail, valid once and for 30 minutes.")
    new_password: str = strawberry.field(description="The new password; `RegisterInput.password` has the rules.")


@strawberry.input(description="The current and the new password.")
class PasswordChangeInput:
    """See Passwords.change."""

    current_password: str = strawberry.field(
        description="Confirms that the request is from the owner of the account."
    )
    new_password: str = strawberry.field(description="The new password; `RegisterInput.password` has the rules.")
    end_other_sessions: bool = strawberry.field(
        default=True, description="Whether all other sessions of the caller end; true by default."
    )


@strawberry.input(description="The new e-mail address, and the password.")
class EmailChangeRequestInput:
    """See EmailChange.request."""

    new_email: str = strawberry.field(
        description="The new e-mail address, at most 254 characters. A code is sent to it."
    )
    current_password: str = strawberry.field(
        description="The current password of the account, which confirms the request."
    )


@strawberry.input(description="The code that confirms the new address.")
class EmailChangeConfirmInput:
    """See EmailChange.confirm."""

    code: str = strawberry.field(description="The code of six digits from the e-mail to the new address.")


@strawberry.input(description="The user to invite to the staff.")
class UserInviteInput:
    """See Invitations.invite."""

    email: str = strawberry.field(
        description="The e-mail address that the invitation is sent to, at most 254 characters."
    )
    role_id: UUID = strawberry.field(
        description="The id of the role; its priority and permissions must not exceed those of your own role."
    )
    first_name: str = strawberry.field(
        default="",
        description="The first name of a new account, at most 100 characters; an existing account keeps its own.",
    )
    last_name: str = strawberry.field(
        default="",
        description="The last name of a new account, at most 100 characters; an existing account keeps its own.",
    )


@strawberry.input(description="The user to disable.")
class UserDisableInput:
    """See Members.disable."""

    id: UUID = strawberry.field(description="The id of another user, whose role is not above yours.")
    everywhere: bool = strawberry.field(
        default=False,
        description=(
            "True: in all companies, for super administrators only; false, the default: in this company only."
        ),
    )


@strawberry.input(description="The user to enable.")
class UserEnableInput:
    """See Members.enable."""

    id: UUID = strawberry.field(description="The id of a user who was disabled in this company, or everywhere.")
    everywhere: bool = strawberry.field(
        default=False,
        description=(
            "True: in all companies, for super administrators only; false, the default: in this company only."
        ),
    )


@strawberry.input(description="The user who gets a role, and the role.")
class UserRoleAssignInput:
    """See Members.assign_role."""

    id: UUID = strawberry.field(
        description="The id of the user who gets the role; the current role must not be above yours."
    )
    role_id: UUID = strawberry.field(
        description="The id of the role; its priority and permissions must not exceed those of your own role."
    )


@strawberry.input(description="Conditions on users, all of which must hold. Omitted fields set no condition.")
class UserFilterInput:
    """See models.UserFilter."""

    role_ids: list[UUID] | None = strawberry.field(default=None, description="Users with one of these roles.")
    is_active: bool | None = strawberry.field(
        default=None, description="True: users with access to this company; false: users who are disabled here."
    )
    email_verified: bool | None = strawberry.field(
        default=None, description="True: users with a confirmed e-mail address; false: all others."
    )

    def as_model(self, search: str | None) -> models.UserFilter:
        """The domain's filter with the searched text."""
        roles = None if self.role_ids is None else tuple(self.role_ids)
        return models.UserFilter(
            search=search, role_ids=roles, is_active=self.is_active, email_verified=self.email_verified
        )


@strawberry.input(description="The order of a list of users.", name="UserSortInput")
class UserSortInput:
    """Field and direction."""

    field: UserSort = strawberry.field(
        default=UserSort.CREATED_AT, description="The value to sort by; the newest members come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )
