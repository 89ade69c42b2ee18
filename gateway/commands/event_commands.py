"""The command group `commerce events`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from gateway.commands.invocation import Home, invoke, settings_of

app = typer.Typer(name="events", help="List and replay events.", no_args_is_help=True, rich_markup_mode=None)


@app.command(name="list")
def list_events(
    topic: Annotated[str | None, typer.Option(help="Only events of this topic, such as order.created.")] = None,
    company: Annotated[str | None, typer.Option(help="Only events of the company with this slug.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Only events since this time in UTC, such as 2026-11-28 or 2026-11-28T15:30:00."),
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="pending|published|dead", help="Only events in this state.")
    ] = None,
    limit: Annotated[int, typer.Option(help="The highest number of events.", min=1, max=1000)] = 100,
    home: Home = None,
) -> None:
    """List events of the outbox, the newest first. Published events are kept for 14 days.

    Exits with 1 when there is no such topic or company.
    """
    from datetime import UTC  # noqa: PLC0415 - each command imports what it needs

    from gateway.commands import events as command  # noqa: PLC0415 - same
    from gateway.messaging.stored_events import EventFilter, EventState  # noqa: PLC0415 - same

    try:
        wanted = EventState(state.upper()) if state else None
    except ValueError:
        raise typer.BadParameter(f"{state!r} is not one of pending, published, dead.") from None
    begin = since.replace(tzinfo=UTC) if since and since.tzinfo is None else since
    chosen = EventFilter(topic=topic, company=company, since=begin, state=wanted)
    raise typer.Exit(invoke(lambda: command.run_list(settings_of(commerce_home=home), chosen, limit)))


@app.command()
def replay(
    ids: Annotated[list[UUID], typer.Argument(help="The ids of events, as `list` prints them.", metavar="ID")],
    home: Home = None,
) -> None:
    """Deliver published or dead events again. Handlers that handled them already are not called.

    Their messages in dead-letter queues are deleted. Exits with 1 when one of them does not exist.
    """
    from gateway.commands import events as command  # noqa: PLC0415 - each command imports what it needs

    raise typer.Exit(invoke(lambda: command.run_replay(settings_of(commerce_home=home), ids)))


@app.command(name="dead-letters")
def dead_letters(
    with_replay: Annotated[bool, typer.Option("--replay", help="Deliver the events again.")] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Delete messages in dead-letter queues whose events are not stored.")
    ] = False,
    home: Home = None,
) -> None:
    """List events that were not handled, and refused messages. The events of refused messages are not stored.

    An event was not handled when its handlers failed at every attempt, or when its message is in a dead-letter queue
    for another reason: every worker that received it died, or one of another version refused it.
    """
    from gateway.commands import events as command  # noqa: PLC0415 - each command imports what it needs

    if with_replay and discard:
        raise typer.BadParameter("Give either --replay or --discard, not both.")
    raise typer.Exit(
        invoke(
            lambda: command.run_dead_letters(
                settings_of(commerce_home=home), with_replay=with_replay, with_discard=discard
            )
        )
    )
