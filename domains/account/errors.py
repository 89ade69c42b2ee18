"""The errors of the account domain."""

from collections.abc import Sequence
from uuid import UUID

from domains.kernel.errors import DomainError, NotFound


class AddressNotFound(NotFound):
    """There is no address with this id, or the actor may not see it."""

    def __init__(self, address_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"There is no address {address_id}.", field=field)


class TooManyAddresses(DomainError):
    """The address book is full."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"An address book can have at most {maximum} addresses. Delete one first.", field=())
