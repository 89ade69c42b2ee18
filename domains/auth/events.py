"""What happened to accounts. No event carries a secret."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEvent(Event):
    """The base of the events about one user."""

    user_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The user."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(UserEvent):
    """Somebody has an account: at once, or once their address was confirmed."""

    topic: ClassVar[str] = "user.registered"
    email: str
    first_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(UserEvent):
    """Somebody was made a member of the company's staff."""

    topic: ClassVar[str] = "user.invited"
    email: str
    role_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUpdated(UserEvent):
    """Somebody changed their profile; `changed` names the fields."""

    topic: ClassVar[str] = "user.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(UserEvent):
    """A password was changed, or reset by the mailbox's owner."""

    topic: ClassVar[str] = "user.password_changed"
    email: str
    was_reset: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(UserEvent):
    """An account has another address; the old one is told."""

    topic: ClassVar[str] = "user.email_changed"
    old_email: str
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFamilyEnded(UserEvent):
    """A refresh token was used twice, so its session was ended."""

    topic: ClassVar[str] = "user.session_family_ended"
    session_id: UUID
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssigned(UserEvent):
    """A user has another role: in the company, or (`platform`) on the whole platform."""

    topic: ClassVar[str] = "user.role_assigned"
    role_id: UUID
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangedByStaff(UserEvent):
    """Somebody else than its user changed an address of theirs, or deleted it."""

    topic: ClassVar[str] = "user.address_changed_by_staff"
    address_id: UUID
    was_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(UserEvent):
    """A user may no longer enter: the company, or (`platform`) anything."""

    topic: ClassVar[str] = "user.disabled"
    platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(UserEvent):
    """A user may enter again."""

    topic: ClassVar[str] = "user.enabled"
    platform: bool
