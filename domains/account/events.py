"""The events of the account domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEvent(Event):
    """The base of the events about one address in the address book of a user."""

    user_id: UUID
    address_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The user's id."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAdded(AddressEvent):
    """A user added an address to their address book."""

    topic: ClassVar[str] = "user.address_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(AddressEvent):
    """An address was changed. Another address of its type may have become, or ceased to be, the default."""

    topic: ClassVar[str] = "user.address_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDeleted(AddressEvent):
    """An address was deleted. If it was the default, another address of its type may have become the default."""

    topic: ClassVar[str] = "user.address_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangedByStaff(AddressEvent):
    """A member of staff changed or deleted an address of a user, who is notified."""

    topic: ClassVar[str] = "user.address_changed_by_staff"
    was_deleted: bool
