"""The claim of a workflow as a part of its first statement, which changes a category once for each key."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.execution import Idempotency
from domains.kernel.idempotency.keys import IdempotencyKeyReused, Request, digest_of
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.kernel.idempotency.test_execution import INSERT, Replies, Reply

CHANGE: Final = """
with changed as (
  update categories set name = name || '!' where company_id = $1 and id = $2 and {is_claimed} returning id
)
select id from changed
"""
KEYS: Final = "select count(*) from idempotency_keys where company_id = $1 and outcome is not null"


@dataclass
class Shop:
    """A company with a category, and what a workflow found of it."""

    database: Database
    owner: Any
    actor: Actor
    category: UUID
    found: list[int] = field(default_factory=list)

    async def change(self, content: str = "teas", *, category: UUID | None = None, first: str = "") -> Reply:
        async def run(attempt: Attempt) -> Reply:
            async def work(tx: Tx) -> Reply:
                if first:
                    await tx.fetch(first)
                rows = await tx.fetch_first(CHANGE, tx.company_id, category or self.category)
                self.found.append(len(rows))
                attempt.defer_outcome(tx, id=self.category)
                return (200, self.category)

            return await attempt.begin(work, self.actor)

        request = Request("integrator:7", "change", "key-1", digest_of(content))
        return await Idempotency(self.database).workflow(self.actor, request, run, Replies())

    async def name(self) -> str:
        name: str = await self.owner.fetchval("select name from categories where id = $1", self.category)
        return name

    async def keys(self) -> int:
        number: int = await self.owner.fetchval(KEYS, self.actor.company_id)
        return number


@pytest.fixture
async def shop(database: Database, owner: Any, company: UUID) -> Shop:
    category = new_id()
    await owner.execute(INSERT, category, company, category.hex)
    return Shop(database, owner, Actor.system(company), category)


async def test_the_first_statement_claims(shop: Shop) -> None:
    with counting() as count:
        assert await shop.change() == (200, shop.category)
    assert (count.data, await shop.name(), await shop.keys()) == (2, "Teas!", 1)


async def test_requests_at_once_with_one_key_change_it_once(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.change() for _ in range(6)))
    assert answers == [(200, shop.category)] * 6
    assert (await shop.name(), shop.found, await shop.keys()) == ("Teas!", [1], 1)
    with pytest.raises(IdempotencyKeyReused):
        await shop.change("coffees")


async def test_a_first_statement_that_finds_nothing_claims_as_well(shop: Shop) -> None:
    assert [await shop.change(category=new_id()) for _ in range(2)] == [(200, shop.category)] * 2
    assert (shop.found, await shop.keys()) == ([0], 1)


async def test_a_statement_before_the_first_one_comes_after_the_claim(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.change(first="select 1") for _ in range(4)))
    assert (answers, await shop.name(), shop.found) == ([(200, shop.category)] * 4, "Teas!", [1])


async def test_an_expired_key_is_claimed_again(shop: Shop) -> None:
    await shop.change()
    await shop.owner.execute(
        "update idempotency_keys set expires_at = now() where company_id = $1", shop.actor.company_id
    )
    assert await shop.change("coffees") == (200, shop.category)
    assert (await shop.name(), shop.found, await shop.keys()) == ("Teas!!", [1, 1], 1)


async def test_a_workflow_without_a_statement_claims_at_its_end(shop: Shop) -> None:
    runs: list[UUID] = []

    async def run(attempt: Attempt) -> Reply:
        async def work(_: Tx) -> Reply:
            runs.append(attempt.id)
            return (200, None)

        return await attempt.begin(work, shop.actor)

    request = Request("integrator:7", "nothing", "key-1", digest_of("teas"))
    answers = [await Idempotency(shop.database).workflow(shop.actor, request, run, Replies()) for _ in range(2)]
    assert (answers, await shop.keys()) == ([(200, None)] * 2, 1)
