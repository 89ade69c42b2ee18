"""Events of roles."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEvent(Event):
    """The base of the events about one role."""

    role_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The role."""
        return self.role_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCreated(RoleEvent):
    """A role was created."""

    topic: ClassVar[str] = "role.created"
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleUpdated(RoleEvent):
    """A role changed; `role_version` counts its changes, and `changed` names the columns or `permissions`."""

    topic: ClassVar[str] = "role.updated"
    role_version: int
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDeleted(RoleEvent):
    """A role was deleted; no user had it."""

    topic: ClassVar[str] = "role.deleted"
    code: str
