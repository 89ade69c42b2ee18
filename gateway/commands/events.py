"""`commerce events`: lists and replays the events of the outbox and the dead letters of the broker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from typing import Any, Final
from uuid import UUID

from domains.kernel.events import EventQueue
from gateway.commands.databases import database_url
from gateway.commands.output import write_lines
from gateway.infra.postgres import connected
from gateway.infra.rabbitmq import DEAD_LETTERS_SUFFIX, DeadLetter
from gateway.infra.rabbitmq import connected as connected_broker
from gateway.messaging.stored_events import EventFilter, EventState, StoredEvent, list_events, replay, replay_dead
from gateway.settings import Settings

MAX_DEAD_LETTERS: Final = 1000
MAX_REASON: Final = 200  # characters; a dead letter of another program can have any


def run_list(settings: Settings, chosen: EventFilter, limit: int) -> None:
    """Print a line for each event, the newest first."""

    async def lines(url: str) -> Sequence[str]:
        async with connected(url) as connection:
            return [_line(event) for event in await list_events(connection, chosen, limit)]

    _print(settings, lines)


def run_replay(settings: Settings, ids: Sequence[UUID]) -> None:
    """Publish events again. A running server or worker does so within seconds."""

    async def lines(url: str) -> Sequence[str]:
        async with connected(url) as connection:
            replayed = set(await replay(connection, ids))
        await _delete_letters(settings, replayed)
        missing = [f"There is no delivered event {each}." for each in ids if each not in replayed]
        return [*missing, f"Events scheduled: {len(replayed)}. Handlers that handled them already are not called."]

    _print(settings, lines)


def run_dead_letters(settings: Settings, *, with_replay: bool, with_discard: bool) -> None:
    """List the dead letters, or schedule them again, or delete the messages that are no events of the outbox."""

    async def lines(url: str) -> Sequence[str]:
        if with_replay:
            return await _replay_dead(settings, url)
        return await _list_dead(settings, url, discard=with_discard)

    _print(settings, lines)


async def _list_dead(settings: Settings, url: str, *, discard: bool) -> Sequence[str]:
    refused = []
    async with connected(url) as connection:
        dead = await list_events(connection, EventFilter(state=EventState.DEAD), MAX_DEAD_LETTERS)
        lines = {event.id: _line(event) for event in dead}
        async for letter in broker_letters(settings):
            if (event := await _event_of(connection, letter)) is not None:
                lines.setdefault(event.id, f"{_line(event)}  in {letter.queue}{DEAD_LETTERS_SUFFIX}")
                continue
            refused.append(_refused(letter))
            if discard:
                await letter.delete()
    if not lines and not refused:
        return ["There are no dead letters."]
    deleted = "deleted" if discard else "`--discard` deletes them"
    return [
        *lines.values(),
        *refused,
        f"Dead letters: {len(lines)}. `--replay` delivers them again. Refused messages: {len(refused)}"
        + (f", {deleted}." if refused else "."),
    ]


def _refused(letter: DeadLetter) -> str:
    message = letter.message
    named = f"{letter.queue}  {message.topic[:80]}  {message.id[:64] or '(no id)'}"
    reason = f": {letter.reason[:MAX_REASON]}" if letter.reason else ""
    return f"{named}  {len(message.body)} bytes, refused{reason}"


async def _replay_dead(settings: Settings, url: str) -> Sequence[str]:
    async with connected(url) as connection:
        scheduled = set(await replay_dead(connection))
        async for letter in broker_letters(settings):
            if (event := await _event_of(connection, letter)) is not None:
                scheduled.update(await replay(connection, [event.id]))
                await letter.delete()  # the relay publishes the event anew
    return [f"Events scheduled again: {len(scheduled)}."]


async def _event_of(connection: Any, letter: DeadLetter) -> StoredEvent | None:
    """The event of the outbox that a dead letter names, whatever its body says, or None."""
    try:
        event_id = UUID(letter.message.id)
    except ValueError:
        return None
    found = await list_events(connection, EventFilter(id=event_id), 1)
    return found[0] if found else None


async def _delete_letters(settings: Settings, events: Collection[UUID]) -> None:
    """Delete the dead letters of events that are published anew."""
    ids = {str(event_id) for event_id in events}
    if ids:
        async for letter in broker_letters(settings):
            if letter.message.id in ids:
                await letter.delete()


async def broker_letters(settings: Settings) -> AsyncIterator[DeadLetter]:
    """The messages in the dead-letter queues of the broker; none without a broker. Raises BrokerUnavailable.

    At most 1,000 of each queue, and none that arrives meanwhile.
    """
    if settings.broker_url is None:
        return
    async with connected_broker(settings.broker_url) as client:
        for queue in EventQueue:
            name = settings.rabbitmq_namespace + queue.value
            try:
                waiting = await client.depth(name + DEAD_LETTERS_SUFFIX)
            except LookupError:
                continue  # no worker has started yet
            async for letter in client.dead_letters(name, min(waiting, MAX_DEAD_LETTERS)):
                yield letter


def _line(event: StoredEvent) -> str:
    error = f"  {event.last_error}" if event.last_error else ""
    state = f"{event.created_at:%Y-%m-%d %H:%M:%S}  {event.state.value:9}"
    return f"{state}  {event.topic}  {event.company or '-'}  {event.id}{error}"


def _print(settings: Settings, lines: Callable[[str], Coroutine[Any, Any, Sequence[str]]]) -> None:
    with database_url(settings) as url:
        write_lines(asyncio.run(lines(url)))
