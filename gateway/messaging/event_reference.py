"""The reference of all events, `docs/events.md`: `--write` writes it, `--check` fails when it is stale."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from inspect import cleandoc
from pathlib import Path
from typing import Final

from domains.kernel.events import Event
from gateway.services import domains_of

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "events.md"
HEAD: Final = """\
# Events

Made by `make generate`; do not edit. A topic is the routing key of an event. Beside its own fields each event carries
its id, time, version, company, actor, aggregate id and sequence. Each event is delivered at least once, and those of
one aggregate in their order.
"""


def rendered() -> str:
    """The document, from the events that the domains declare."""
    sections = [_section(name, domain.events) for name, domain in domains_of().items() if domain.events]
    return "\n".join([HEAD, *sections])


def _section(name: str, events: Sequence[type[Event]]) -> str:
    return "\n".join([f"## {name}\n", *(line for event in events for line in _described(event))])


def _described(event: type[Event]) -> Iterator[str]:
    yield f"### {event.topic}\n"
    yield f"`{event.__name__}`, version {event.version}. {cleandoc(event.__doc__ or '')}\n"
    yield "| field | type |\n|---|---|"
    yield from (f"| `{field.name}` | {_type(field.type)} |" for field in fields(event))
    yield ""


def _type(declared: object) -> str:
    name = declared.__name__ if isinstance(declared, type) else str(declared)
    return name.replace("uuid.", "").replace("decimal.", "").replace("datetime.", "").replace(" | None", ", or null")


def main() -> None:
    """Write the document, or exit with a message when the existing one is stale."""
    if "--write" in sys.argv:
        DOCUMENT.write_text(rendered())
    elif not DOCUMENT.is_file() or DOCUMENT.read_text() != rendered():
        sys.exit("docs/events.md is stale. Run `make generate`.")


if __name__ == "__main__":
    main()
