"""`commerce events`: lists and replays the events of the outbox and the dead letters of the broker."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from domains.kernel.events import EventQueue
from gateway.bootstrap import declared_events
from gateway.commands.databases import database_url
from gateway.commands.output import write_line, write_lines
from gateway.infra.migrations import require_schema
from gateway.infra.postgres import connected
from gateway.infra.rabbitmq import DEAD_LETTERS_SUFFIX, DeadLetter, RabbitMQClient
from gateway.infra.rabbitmq import connected as connected_broker
from gateway.messaging.stored_events import EventFilter, EventState, StoredEvent, list_events, replay, replay_dead
from gateway.settings import Settings

MAX_DEAD_LETTERS: Final = 1000
MAX_REASON: Final = 200  # characters; a dead letter of another program can have any
COMPANY: Final = "select true from companies where slug = $1"


class NotFound(Exception):
    """Something that the command names does not exist; the text says what."""


def run_list(settings: Settings, chosen: EventFilter, limit: int) -> int:
    """Print a line for each event, the newest first; 1 with a message when there is no such topic or company."""

    async def lines(url: str) -> Sequence[str]:
        async with _outbox(url) as connection:
            await _require_known(connection, chosen)
            return [_line(event) for event in await list_events(connection, chosen, limit)]

    return _print(settings, lines)


def run_replay(settings: Settings, ids: Sequence[UUID]) -> int:
    """Publish events again, which a running server or worker does within seconds; 1 when some do not exist.

    The messages of the events in dead-letter queues are deleted. Nothing is done without a connection to the broker.
    """

    async def lines(url: str) -> Sequence[str]:
        async with _outbox(url) as connection, _broker(settings) as client:
            known = {each for each in ids if await list_events(connection, EventFilter(id=each), 1)}
            replayed = set(await replay(connection, ids))
            await _delete_letters(client, settings, replayed)
        write_lines(f"The event {each} waits for its delivery already." for each in ids if each in known - replayed)
        write_line(f"Events scheduled: {len(replayed)}. Handlers that handled them already are not called.")
        if missing := [str(each) for each in ids if each not in known]:
            raise NotFound(f"The outbox has no event {', '.join(missing)}.")
        return []

    return _print(settings, lines)


def run_dead_letters(settings: Settings, *, with_replay: bool, with_discard: bool) -> int:
    """List the dead letters, or schedule them again, or delete the messages that are no events of the outbox.

    Nothing is done without a connection to the broker.
    """

    async def lines(url: str) -> Sequence[str]:
        async with _outbox(url) as connection, _broker(settings) as client:
            letters = broker_letters(client, settings)
            if with_replay:
                return await _replay_dead(connection, letters)
            return await _list_dead(connection, letters, discard=with_discard)

    return _print(settings, lines)


async def _require_known(connection: Any, chosen: EventFilter) -> None:
    """Raise NotFound for a topic that neither this version nor the outbox knows, or a company that does not exist."""
    topic, company = chosen.topic, chosen.company
    is_declared = topic is None or topic in declared_events()
    if not is_declared and not await list_events(connection, EventFilter(topic=topic), 1):
        raise NotFound(f"There is no topic {topic!r}. docs/events.md lists the topics.")
    if company is not None and not await connection.fetchval(COMPANY, company):
        raise NotFound(f"There is no company with the slug {company!r}.")


async def _list_dead(connection: Any, letters: AsyncIterator[DeadLetter], *, discard: bool) -> Sequence[str]:
    refused = []
    dead = await list_events(connection, EventFilter(state=EventState.DEAD), MAX_DEAD_LETTERS)
    lines = {event.id: _line(event) for event in dead}
    async for letter in letters:
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


async def _replay_dead(connection: Any, letters: AsyncIterator[DeadLetter]) -> Sequence[str]:
    scheduled = set(await replay_dead(connection))
    async for letter in letters:
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


async def _delete_letters(client: RabbitMQClient | None, settings: Settings, events: Collection[UUID]) -> None:
    """Delete the dead letters of events that are published anew."""
    ids = {str(event_id) for event_id in events}
    if ids:
        async for letter in broker_letters(client, settings):
            if letter.message.id in ids:
                await letter.delete()


@asynccontextmanager
async def _broker(settings: Settings) -> AsyncIterator[RabbitMQClient | None]:
    """A connection to the broker; None when there is none in the settings. Raises BrokerUnavailable."""
    if settings.broker_url is None:
        yield None
        return
    async with connected_broker(settings.broker_url) as client:
        yield client


async def broker_letters(client: RabbitMQClient | None, settings: Settings) -> AsyncIterator[DeadLetter]:
    """The messages in the dead-letter queues of the broker; none without a broker. Raises BrokerUnavailable.

    At most 1,000 of each queue, and none that arrives meanwhile.
    """
    if client is None:
        return
    for queue in EventQueue:
        name = settings.rabbitmq_namespace + queue.value
        try:
            waiting = await client.depth(name + DEAD_LETTERS_SUFFIX)
        except LookupError:
            continue  # no worker has started yet
        async for letter in client.dead_letters(name, min(waiting, MAX_DEAD_LETTERS)):
            yield letter


@asynccontextmanager
async def _outbox(url: str) -> AsyncIterator[Any]:
    """A connection to a database of this version. Raises SchemaMismatch and DatabaseUnavailable."""
    async with connected(url) as connection:
        await require_schema(connection)
        yield connection


def _line(event: StoredEvent) -> str:
    error = f"  {event.last_error}" if event.last_error else ""
    state = f"{event.created_at:%Y-%m-%d %H:%M:%S}  {event.state.value:9}"
    return f"{state}  {event.topic}  {event.company or '-'}  {event.id}{error}"


def _print(settings: Settings, lines: Callable[[str], Coroutine[Any, Any, Sequence[str]]]) -> int:
    """Print the lines and return the exit code: 1 with a message when something that was named does not exist."""
    with database_url(settings) as url:
        try:
            write_lines(asyncio.run(lines(url)))
        except NotFound as error:
            write_line(str(error), sys.stderr)
            return 1
    return 0
