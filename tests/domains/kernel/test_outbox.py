"""Events as rows: their own fields as JSON, all of a transaction in one statement, in their order."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Database
from domains.kernel.events import Event
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting


@dataclass(frozen=True, slots=True, kw_only=True)
class TeaSold(Event):
    topic: ClassVar[str] = "tea.sold"
    tea_id: UUID
    price: Decimal = Decimal("9.50")
    at: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)
    tags: tuple[str, ...] = ("green", "ä")

    @property
    def aggregate_id(self) -> UUID:
        return self.tea_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameless(Event):
    topic: ClassVar[str] = "nobody.knows"


@pytest.mark.parametrize("number", [1, 2])
async def test_fields_become_json_without_losing_a_digit(
    database: Database, owner: Any, company: UUID, number: int
) -> None:
    """An event alone and events together are written by different statements."""
    tea = new_id()
    async with database.transaction(Actor.system(company)) as tx:
        for _ in range(number):
            tx.emit(TeaSold(tea_id=tea))
    rows = await owner.fetch("select payload from outbox_events where company_id = $1", company)
    written = {
        "tea_id": str(tea),
        "price": "9.50",
        "at": "2026-11-21T12:00:00+00:00",
        "tags": ["green", "ä"],
    }
    assert [row["payload"] for row in rows] == [written] * number


def test_an_event_requires_an_aggregate() -> None:
    with pytest.raises(TypeError, match="Nameless names no aggregate"):
        _ = Nameless().aggregate_id


async def test_all_events_of_a_transaction_are_one_statement_in_their_order(
    database: Database, owner: Any, company: UUID
) -> None:
    teas = [new_id() for _ in range(50)]
    person = Actor(ActorKind.USER, company, user_id=new_id())
    with counting() as count:
        async with database.transaction(person) as tx:
            for tea in teas:
                tx.emit(TeaSold(tea_id=tea))
    assert count.data == 1
    rows = await owner.fetch(
        "select aggregate_id, actor_kind, actor_id from outbox_events where company_id = $1 order by sequence",
        company,
    )
    assert [row["aggregate_id"] for row in rows] == teas
    assert {(row["actor_kind"], row["actor_id"]) for row in rows} == {("USER", person.user_id)}


def test_ids_are_ordered_by_creation_time() -> None:
    made = [new_id() for _ in range(1_000)]
    assert made == sorted(made)
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
