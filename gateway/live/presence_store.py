"""The port of presence: who is in which room, over all processes, and who is told of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple, Protocol, TypeAlias
from uuid import UUID

TTL: Final = timedelta(seconds=30)
"""For how long a member of a process that does not renew it any more is present."""


class PresenceUnavailable(Exception):
    """The server of presence does not answer or refuses the command."""


class PresenceRoom(NamedTuple):
    """What members are present at. A state of the room lists at most so many of them."""

    name: str
    max_listed: int = 0


@dataclass(frozen=True, slots=True)
class PresenceChannel:
    """The rooms of a subscription to presence: one for each key of a company."""

    name: str
    max_listed: int = 0

    def room(self, company_id: UUID | None, key: object) -> PresenceRoom:
        """The room of a key, such as a product's id, in a company."""
        return PresenceRoom(f"{self.name}:{company_id}:{key}", self.max_listed)


@dataclass(frozen=True, slots=True)
class Present:
    """The state of a room: how many different members are present, and who, as far as the room lists them.

    Of two states the one with the higher `as_of`, a time in microseconds by the store's clock, is newer.
    """

    count: int
    members: tuple[str, ...] = ()
    as_of: int = 0

    def is_same(self, other: "Present | None") -> bool:
        """Whether the two show the same."""
        return other is not None and (self.count, self.members) == (other.count, other.members)


@dataclass(frozen=True, slots=True)
class Change:
    """Members that are present in a room at this process, for the next thirty seconds, and those that have gone.

    With neither, it only reads the room.
    """

    room: PresenceRoom
    present: Collection[str] = ()
    gone: Collection[str] = ()


OnPresent: TypeAlias = Callable[[str, Present], None]
"""What is called with the name of a room and its new state."""


class PresenceStore(Protocol):
    """Members of rooms, each at one or several processes. Every method raises PresenceUnavailable."""

    async def update(self, changes: Sequence[Change]) -> Sequence[Present]:
        """Make changes of this process; the states of their rooms, without members whose time is over."""

    async def listen(self, on_present: OnPresent) -> None:
        """Until cancelled, call `on_present` for each change that any process makes to who is present in a room."""
