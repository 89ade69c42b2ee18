"""The events of the auth domain. No event contains a secret that is not encrypted."""

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

from domains.auth.emails.requested_emails import EmailRequested
from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    """The base class of events about a user."""

    user_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The user's id."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEmailRequested(EmailRequested):
    """An e-mail with a code or a token is to be sent, or the one that is sent in its place."""

    topic: ClassVar[str] = "user.email_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(UserEvent):
    """An account was created, or activated after its address was confirmed.

    `newsletter_subscribed` is a consent with a confirmed address.
    """

    topic: ClassVar[str] = "user.registered"
    personal: ClassVar[tuple[str, ...]] = ("email", "first_name")
    email: str
    first_name: str
    newsletter_subscribed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(UserEvent):
    """A user was invited to the company's staff."""

    topic: ClassVar[str] = "user.invited"
    personal: ClassVar[tuple[str, ...]] = ("email",)
    email: str
    role_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated(UserEvent):
    """A user changed their profile; `changed` has the names of the fields."""

    topic: ClassVar[str] = "user.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(UserEvent):
    """A password was changed, or reset with a token."""

    topic: ClassVar[str] = "user.password_changed"
    personal: ClassVar[tuple[str, ...]] = ("email",)
    email: str
    was_reset: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(UserEvent):
    """The e-mail address of an account was changed."""

    topic: ClassVar[str] = "user.email_changed"
    personal: ClassVar[tuple[str, ...]] = ("old_email", "new_email")
    old_email: str
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailConfirmed(UserEvent):
    """A user confirmed the address of an account that was usable before.

    `newsletter_subscribed` is a consent that was given with the registration.
    """

    topic: ClassVar[str] = "user.email_confirmed"
    newsletter_subscribed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(UserEvent):
    """A session was opened: a user logged in, or was logged in by a registration or another confirmed change."""

    topic: ClassVar[str] = "user.logged_in"
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(UserEvent):
    """A session was ended; without a `session_id`, all of the user's, perhaps but for the one that asked for it.

    `end_reason` is LOGOUT, ENDED_BY_USER, PASSWORD_CHANGED, PASSWORD_RESET, EMAIL_CHANGED or USER_DISABLED. The end
    because of a reused token has an event of its own.
    """

    topic: ClassVar[str] = "user.session_ended"
    session_id: UUID | None
    end_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFamilyEnded(UserEvent):
    """A session was ended because a refresh token was used twice."""

    topic: ClassVar[str] = "user.session_family_ended"
    personal: ClassVar[tuple[str, ...]] = ("email",)
    session_id: UUID
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssigned(UserEvent):
    """A user was assigned another role in the company, or with `platform` on the platform."""

    topic: ClassVar[str] = "user.role_assigned"
    role_id: UUID
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(UserEvent):
    """A user was disabled in the company, or with `platform` on the platform."""

    topic: ClassVar[str] = "user.disabled"
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(UserEvent):
    """A user was enabled in the company, or with `platform` on the platform."""

    topic: ClassVar[str] = "user.enabled"
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserErased(UserEvent):
    """The personal data of a user was erased in the company, or with `platform` everywhere, with the account.

    Integrations delete their copies of the data.
    """

    topic: ClassVar[str] = "user.erased"
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMerged(UserEvent):
    """All that belonged to a user was moved to another user, `into_user_id`, and the account was erased."""

    topic: ClassVar[str] = "user.merged"
    into_user_id: UUID


PERSONAL: Final = (UserRegistered, UserInvited, PasswordChanged, EmailChanged, SessionFamilyEnded)
"""The events with e-mail addresses and names."""
