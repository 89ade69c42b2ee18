"""The reference of all events, `docs/events.md`: `--write` writes it, `--check` fails when it is stale."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from inspect import cleandoc
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, get_args, get_type_hints, is_typeddict

from domains.auth.service import AuthSettings
from domains.catalog.documents.reader import ReadingSettings
from domains.kernel.clock import FixedClock
from domains.kernel.domain import Dependencies, Domain, Subscription, every_event
from domains.kernel.events import Event
from domains.notification.channels import Outbound
from domains.payment.providers.recorded_provider import MANUAL, RecordedProvider
from domains.payment.providers.registry import Providers
from domains.shipping.carriers.registry import CarrierAdapters
from gateway.documents.invoices import InvoiceDocuments
from gateway.documents.typesetter import Typesetter
from gateway.infra.encryption import Cipher
from gateway.infra.memory import MemoryCache
from gateway.messaging.broker import EXCHANGE
from gateway.providers.webhooks import webhook_transport
from gateway.services import Services, build_services, domains_of

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "events.md"
HEAD: Final = f"""\
# Events

Made by `make generate`; do not edit. The relay publishes each event to the topic exchange `{EXCHANGE}`. The
queues named as consumers are bound to the event's routing key, and each delivers to the subscription named after it;
one that takes in only some events of the topic is marked *filtered*. An event with `—` has no subscription yet.

Beside its own fields each event carries its id, time, version, company, actor, aggregate id and sequence. Each event
is delivered at least once, and those of one aggregate in their order. Fields marked *personal* are not part of the
messages at the exchange: consumers read them from the outbox, where they are replaced when the person is erased.
"""
NO_SECRET: Final = bytes(32)


def rendered() -> str:
    """The document, from the events that the domains declare and the subscriptions of their services."""
    consumers = consumers_by_topic()
    sections = [_section(domain, consumers) for domain in domains_of().values() if domain.events]
    return "\n".join([HEAD, *sections])


def consumers_by_topic() -> Mapping[str, Sequence[str]]:
    """The queue and the name of each subscription to a topic."""
    services = _services()
    found: dict[str, list[str]] = {}
    for name, domain in domains_of().items():
        for subscription in domain.subscriptions(getattr(services, name)):
            for topic in subscription.topics:
                found.setdefault(topic, []).append(_consumer(domain, subscription))
    return found


def _services() -> Services:
    """Services without a database or a provider, which are only asked for their subscriptions."""
    clock, cipher = FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), Cipher([NO_SECRET], b"")
    return build_services(
        Dependencies(
            AuthSettings(secrets=[NO_SECRET]),
            Providers(RecordedProvider(MANUAL, clock)),
            CarrierAdapters(),
            ReadingSettings(memory=0, stock=""),
            webhook_transport(lambda: None),
            Outbound({}, cipher, InvoiceDocuments(Typesetter()), "http://localhost:8000"),
            clock=clock,
            cache=MemoryCache(clock),
            encryption=cipher,
        ),
        Services,
    )


def _consumer(domain: Domain[Any], subscription: Subscription) -> str:
    is_filtered = subscription.only_if is not every_event
    return f"`{domain.queue.value}`: `{subscription.name}`{' (*filtered*)' if is_filtered else ''}"


def _section(domain: Domain[Any], consumers: Mapping[str, Sequence[str]]) -> str:
    events = (described(domain.name, event, consumers.get(event.topic, ())) for event in domain.events)
    return "\n".join([f"## {domain.name}\n", *(line for lines in events for line in lines)])


def described(emitter: str, event: type[Event], consumers: Sequence[str]) -> Iterator[str]:
    """The lines about one event."""
    yield f"### {event.topic}\n"
    yield f"`{event.__name__}`. {cleandoc(event.__doc__ or '')}\n"
    yield "| version | emitter | routing key | consumers |\n|---|---|---|---|"
    yield f"| {event.version} | {emitter} | `{event.topic}` | {', '.join(consumers) or '—'} |\n"
    yield "| field | type |\n|---|---|"
    for field in fields(event):
        note = ", *personal*" if field.name in event.personal else ""
        yield from _field(field.name, field.type, note)
    yield ""


def _field(name: str, declared: object, note: str = "") -> Iterator[str]:
    """The row of a field, and of a list of objects the rows of their fields."""
    item = get_args(declared)[0] if isinstance(declared, GenericAlias) else None
    if not is_typeddict(item):
        yield f"| `{name}` | {_type(declared)}{note} |"
        return
    yield f"| `{name}` | list of objects{note} |"
    for key, kind in get_type_hints(item).items():
        yield from _field(f"{name}[].{key}", kind)


def _type(declared: object) -> str:
    name = declared.__name__ if isinstance(declared, type) and not get_args(declared) else str(declared)
    return name.replace("uuid.", "").replace("decimal.", "").replace("datetime.", "").replace(" | None", ", or null")


def main() -> None:
    """Write the document, or exit with a message when the existing one is stale."""
    if "--write" in sys.argv:
        DOCUMENT.write_text(rendered())
    elif not DOCUMENT.is_file() or DOCUMENT.read_text() != rendered():
        sys.exit("docs/events.md is stale. Run `make generate`.")


if __name__ == "__main__":
    main()
