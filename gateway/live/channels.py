"""Channels: which events subscriptions receive, and the rooms in which they wait for them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from domains.kernel.events import Event
from gateway.live.stream import LiveEvent

KeyOf: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""The key of an event by its payload, or a list, tuple or set of several; None is none."""
SEVERAL: Final = (list, tuple, set, frozenset)
UNKNOWN: Final = "\0"


class Room(NamedTuple):
    """The subscriptions of a channel that wait for the events of a key, or, without one, for all of a company."""

    channel: str
    company_id: UUID | None
    key: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """Events that a subscription is about: the classes, each with the key of its payload or None.

    `itemgetter("order_id")` is such a key. Fields that the event declares as personal are not in the payload.
    With `is_of_every_company`, rooms have no company, whichever company an event belongs to.
    """

    name: str
    events: Mapping[type[Event], KeyOf | None]
    is_of_every_company: bool = field(default=False, kw_only=True)

    def room(self, company_id: UUID | None, key: object = None) -> Room:
        """The room of a key in a company; without a key, that of all events of the company."""
        company = None if self.is_of_every_company else company_id
        return Room(self.name, company, None if key is None else str(key))


class Channels:
    """The channels of a program. Raises ValueError when two of them have one name."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._keys: defaultdict[str, list[tuple[Channel, KeyOf | None]]] = defaultdict(list)
        names = set()
        for channel in channels:
            if channel.name in names:
                raise ValueError(f"There are two channels {channel.name}.")
            names.add(channel.name)
            for event, key in channel.events.items():
                self._keys[event.topic].append((channel, key))

    @property
    def topics(self) -> Sequence[str]:
        """The topics of all channels."""
        return sorted(self._keys)

    def has_topic(self, events: Iterable[Event]) -> bool:
        """Whether one of these events is in a channel."""
        return any(event.topic in self._keys for event in events)

    def rooms_of(self, event: LiveEvent) -> list[Room]:
        """The rooms that receive an event, each once.

        An event without the field of its key, which another version of the program has emitted, is in the room of the
        key UNKNOWN: it may concern every key.
        """
        rooms: dict[Room, None] = {}
        for channel, key_of in self._keys.get(event.topic, ()):
            for key in (None, *_keys(event, key_of)):
                rooms[channel.room(event.company_id, key)] = None
        return list(rooms)


def _keys(event: LiveEvent, key_of: KeyOf | None) -> Iterable[object]:
    if key_of is None:
        return ()
    try:
        found = key_of(event.payload)
    except (LookupError, TypeError):
        return (UNKNOWN,)
    return (each for each in (found if isinstance(found, SEVERAL) else (found,)) if each is not None)
