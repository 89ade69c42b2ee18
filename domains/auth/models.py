"""Users as a company knows them, sessions, and the inputs and results of the auth domain."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from domains.auth.data import UserRow as Account

__all__ = [
    "Account",
    "AuthResponse",
    "NewAccount",
    "Origin",
    "ProfileUpdate",
    "RegistrationResult",
    "Session",
    "SessionEndReason",
    "User",
    "UserFilter",
    "UserSort",
]


class SessionEndReason(StrEnum):
    """Why a session ended before it expired."""

    LOGOUT = "LOGOUT"
    ENDED_BY_USER = "ENDED_BY_USER"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - the name of a reason, no secret
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - the name of a reason, no secret
    EMAIL_CHANGED = "EMAIL_CHANGED"
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105 - the name of a reason, no secret
    USER_DISABLED = "USER_DISABLED"


@dataclass(frozen=True, slots=True)
class Origin:
    """The client of a request: its IP address as the gateway trusts it, and its user agent.

    `device_token` is the token that an earlier login gave to the device, if the client sent one.
    """

    ip: str | None = None
    user_agent: str | None = None
    device_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A user as the current company knows them.

    `is_active` is false when the platform or the company disabled the user, `role_id` is the role in the company, and
    `created_at` is when the user became a member of the company.
    """

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    is_active: bool
    email_verified: bool
    pending_email: str | None
    created_at: datetime
    updated_at: datetime
    role_id: UUID


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in browser or device. `is_current` marks the session of the request."""

    id: UUID
    user_id: UUID
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_activity: datetime
    expires_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """The result of a login: an access token, a refresh token, the user, and a token of the device.

    A refresh returns no `device_token`; the one of the login stays valid.
    """

    access_token: str
    access_token_expires_at: datetime
    refresh_token: str
    session_expires_at: datetime
    user: User
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """The ticket that confirms a registration; and a session where accounts need no confirmation."""

    ticket: str
    auth: AuthResponse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """The input of a registration. `newsletter_subscribed` is a consent, which counts with the confirmed address."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None
    newsletter_subscribed: bool = False


class ProfileUpdate(TypedDict, total=False):
    """Validated changes to a user's profile. Absent fields do not change."""

    first_name: str
    last_name: str
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Conditions on users, which are combined with AND. `search` looks in names, e-mail and telephone number."""

    search: str | None = None
    role_ids: tuple[UUID, ...] | None = None
    is_active: bool | None = None
    email_verified: bool | None = None


class UserSort(StrEnum):
    """The field that users are sorted by."""

    CREATED_AT = "CREATED_AT"
    EMAIL = "EMAIL"
    LAST_NAME = "LAST_NAME"
