"""Query plans: with many carts, one is found, locked, read and deleted from an index with the gateway's role."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domains.cart import abandonment, sql
from domains.cart.listing import CartListing, CartSort
from domains.cart.models import CartFilter, CartRef
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.pagination.pages import PageArgs

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILL = """
insert into carts (id, company_id, session_id, currency, updated_at, expires_at)
select gen_random_uuid(), $1, encode(sha256(convert_to(i::text, 'UTF8')), 'hex'), 'EUR', now(),
       '2026-11-21 12:00Z'::timestamptz + i * interval '1 minute'
from generate_series(1, 20000) i
"""


class Explained:
    """Explains statements instead of answering them; `plans` are their texts."""

    def __init__(self, connection: Any, company_id: UUID) -> None:
        self.connection, self.company_id, self.plans = connection, company_id, list[str]()

    async def fetch(self, statement: str, *args: Any) -> list[Any]:
        rows = await self.connection.fetch(f"explain {statement}", *args)
        self.plans.append("\n".join(row[0] for row in rows))
        return []

    async def fetch_row(self, statement: str, *args: Any) -> None:
        await self.fetch(statement, *args)

    async def execute(self, statement: str, *args: Any) -> int:
        return len(await self.fetch(statement, *args))


@pytest.fixture
async def many_carts(owner: Any, actor: Actor) -> AsyncIterator[None]:
    """Twenty thousand carts, gone afterwards."""
    await owner.execute(FILL, actor.company_id)
    await owner.execute("analyze carts, cart_items, cart_promotions")
    yield
    await owner.execute("delete from carts where company_id = $1", actor.company_id)


@pytest.mark.usefixtures("many_carts")
async def test_no_cart_statement_scans_a_whole_table(database: Database, actor: Actor) -> None:
    ref = CartRef.of_token("17")
    async with database.transaction(actor) as tx:
        explained: Any = Explained(tx._session, actor.company_id)
        await sql.find(explained, ref, NOW)
        await sql.lock(explained, ref, NOW)
        await sql.lock_all(explained, [actor.company_id])
        await sql.contents(explained, [actor.company_id])
        await sql.delete_expired(explained, NOW, 10)
        await abandonment.check_abandonment(explained, NOW, NOW, 10)
        for sort in CartSort:
            await CartListing().find(explained, PageArgs(first=5), CartFilter(), sort=sort)
    whole = [plan for plan in explained.plans if "Seq Scan on carts" in plan]
    assert (len(explained.plans), whole) == (8, [])
