"""The events of the account domain."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChangedByStaff(Event):
    """A member of staff changed or deleted an address of a user."""

    topic: ClassVar[str] = "user.address_changed_by_staff"
    user_id: UUID
    address_id: UUID
    was_deleted: bool

    @property
    def aggregate_id(self) -> UUID:
        """The user's id."""
        return self.user_id
