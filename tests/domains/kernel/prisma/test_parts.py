"""Parts of several domains as one statement: its parameters, its rows, and the order of its locks."""

import asyncio
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Part, composed
from tests.locks import waited_for

INSERT: Final = "insert into categories (id, company_id, name, slug, updated_at) values ($1, $2, $3, $3, now())"
LOCK: Final = "{name} as (select name from categories where company_id = $1 and name = $2 and {after} for update)"


def lock(name: str, company: UUID, category: str) -> Part:
    text = LOCK.replace("{name}", name)
    return Part(text, (company, category), name, f"{name}.name", 1, locks=name)


async def test_each_part_gets_its_own_parameters_and_rows(database: Database, company: UUID) -> None:
    letters = Part(
        "letters as (select * from unnest($1::text[]) as l (letter))", (["b", "a"],), "letters", "letters.*", 1
    )
    nothing = Part("nothing as (select $1::int as n where false)", (7,), "nothing", "nothing.*", None)
    pair = Part("pair as (select $1::int as one, $2::text as two)", (1, "x"), "pair", "pair.*", 2)
    found = await fetch_parts(database.reader(company), [letters, nothing, pair])
    assert [[tuple(row)[part.start :] for row in part.rows] for part in found[:1]] == [
        [("b", None, None, None), ("a", None, None, None)]
    ]
    assert found[1].rows == []
    (row,) = found[2].rows
    assert tuple(row)[found[2].start :] == (1, "x")


def test_a_part_without_locks_before_it_waits_for_nothing() -> None:
    args: list[Any] = []
    text = composed([lock("a", new_id(), "A"), lock("b", new_id(), "B")], args)
    assert text.startswith("with a as (select name from categories where company_id = $1 and name = $2 and true ")
    assert (
        "b as (select name from categories where company_id = $3 and name = $4 and (select count(*) from a)" in text
    )
    assert len(args) == 4


async def test_a_later_part_locks_nothing_while_an_earlier_one_waits(
    database: Database, owner: Any, company: UUID
) -> None:
    actor = Actor.system(company)
    for name in ("first", "second"):
        await owner.execute(INSERT, new_id(), company, name)

    async def both(tx: Tx) -> list[str]:
        # In the reverse order of their names and of their ids.
        found = await fetch_parts(tx, [lock("a", company, "second"), lock("b", company, "first")])
        return [part.rows[0][part.start] for part in found]

    async def holding(tx: Tx) -> "asyncio.Task[list[str]]":
        await tx.fetch("select from categories where company_id = $1 and name = 'second' for update", company)
        waiting = asyncio.ensure_future(database.run(both, actor))
        await waited_for(tx)
        await owner.fetch(
            "select from categories where company_id = $1 and name = 'first' for update nowait", company
        )
        return waiting

    assert await (await database.run(holding, actor)) == ["second", "first"]
