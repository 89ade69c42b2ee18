"""The reference of events names emitter, routing key, consumers and fields as the platform is wired."""

from dataclasses import dataclass
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.events import Event, EventQueue
from gateway.bootstrap import register_handlers
from gateway.messaging.event_emitter import EventEmitter
from gateway.messaging.event_reference import consumers_by_topic, described, rendered
from tests.gateway.site import services_of


class Line(TypedDict):
    sku: str
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketPacked(Event):
    """A basket was packed."""

    topic: ClassVar[str] = "basket.packed"
    personal: ClassVar[tuple[str, ...]] = ("email",)
    basket_id: UUID
    email: str
    lines: list[Line]


def test_an_event_is_described_with_its_consumers_and_the_fields_of_its_lists() -> None:
    assert list(described("basket", BasketPacked, ["`order.events`: `order.baskets`"])) == [
        "### basket.packed\n",
        "`BasketPacked`. A basket was packed.\n",
        "| version | emitter | routing key | consumers |\n|---|---|---|---|",
        "| 1 | basket | `basket.packed` | `order.events`: `order.baskets` |\n",
        "| field | type |\n|---|---|",
        "| `basket_id` | UUID |",
        "| `email` | str, *personal* |",
        "| `lines` | list of objects |",
        "| `lines[].sku` | str |",
        "| `lines[].quantity` | int, or null |",
        "",
    ]


def test_the_consumers_are_those_that_the_platform_subscribes(database: Database, clock: FixedClock) -> None:
    emitter = EventEmitter(database)
    register_handlers(emitter, services_of(clock, database))
    consumers = consumers_by_topic()
    assert sorted(consumers) == sorted(emitter.topics)
    for queue in EventQueue:
        documented = {
            topic for topic, names in consumers.items() if any(f"`{queue.value}`" in name for name in names)
        }
        assert documented == set(emitter.topics_of(queue))


def test_the_document_has_the_consumers_of_an_event() -> None:
    document = rendered()
    handlers = (
        "`order.events`: `order.purchases` (*filtered*), `notification.events`: `notification.orders` (*filtered*)"
    )
    assert f"| 1 | order | `order.paid` | {handlers} |" in document
    assert "| 1 | catalog | `product.created` | `inventory.events`: `inventory.stock-projection` |" in document
    assert "| 1 | order | `order.payment_declined` | — |" in document
