"""What the auth domain shows of itself: users as a company knows them, sessions, addresses, outcomes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from domains.auth.data import AddressRow as Address
from domains.auth.data import AddressType

__all__ = [
    "Address",
    "AddressChanges",
    "AddressType",
    "AuthResponse",
    "EndReason",
    "NewAccount",
    "NewAddress",
    "Origin",
    "ProfileChanges",
    "Registration",
    "Session",
    "User",
    "UserFilter",
    "UserSort",
]


class EndReason(StrEnum):
    """Why a session ended before its time."""

    LOGOUT = "LOGOUT"
    ENDED_BY_USER = "ENDED_BY_USER"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - the name of a reason, no secret
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - the name of a reason, no secret
    EMAIL_CHANGED = "EMAIL_CHANGED"
    REFRESH_TOKEN_REUSED = "REFRESH_TOKEN_REUSED"  # noqa: S105 - the name of a reason, no secret
    USER_DISABLED = "USER_DISABLED"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the client's address as the gateway trusts it, and what it says it is.

    `device_token` is what an earlier sign-in gave to this device, where it shows one.
    """

    ip: str | None = None
    user_agent: str | None = None
    device_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A user as the current company knows them.

    `is_active` holds when neither the platform nor the company has disabled them, `role_id` is the role in force in
    the company, and `created_at` is when the company came to know them.
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
    """A signed-in browser or device; `is_current` is the one that asks. Its refresh token its holder alone knows."""

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
    """What a sign-in brings: a token for requests, one to get the next with, who it is, and what marks the device.

    Refreshing brings no `device_token`: the one that the sign-in brought stays good.
    """

    access_token: str
    access_token_expires_at: datetime
    refresh_token: str
    session_expires_at: datetime
    user: User
    device_token: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What everybody gets who registers: a ticket to confirm with; signed in at once only where that is allowed."""

    ticket: str
    auth: AuthResponse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What somebody gives to register."""

    email: str
    password: str
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None


class ProfileChanges(TypedDict, total=False):
    """What users may change of themselves; what is absent stays."""

    first_name: str | None
    last_name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAddress:
    """An address for the book; `country` in ISO 3166-1's two letters says which of the others it needs."""

    type: AddressType
    full_name: str
    address_line_1: str
    country: str
    city: str | None = None
    postal_code: str | None = None
    province: str | None = None
    company_name: str | None = None
    address_line_2: str | None = None
    phone: str | None = None
    is_default: bool = False


class AddressChanges(TypedDict, total=False):
    """What may change of an address; what is absent stays. It stops being the default when another becomes it."""

    type: AddressType | None
    full_name: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    postal_code: str | None
    province: str | None
    company_name: str | None
    country: str | None
    phone: str | None
    is_default: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which of the company's users; everything given must hold. `search` looks in names and e-mail addresses."""

    search: str | None = None
    role_ids: tuple[UUID, ...] | None = None
    is_active: bool | None = None
    email_verified: bool | None = None


class UserSort(StrEnum):
    """What users are ordered by."""

    CREATED_AT = "CREATED_AT"
    EMAIL = "EMAIL"
    LAST_NAME = "LAST_NAME"
