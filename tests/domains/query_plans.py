"""Query plans of PostgreSQL in large tables with the gateway's role, and the tables that are read completely."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import orjson

from domains.kernel.clock import SystemClock
from domains.kernel.database import Reader
from gateway.infra.postgres import open_pool
from tests.conftest import make_company
from tests.databases import Server

Load = Callable[[Any, Sequence[UUID]], Awaitable[None]]


class PlanReader(Reader):
    """Reads nothing: keeps the plan that PostgreSQL would follow for each statement."""

    plans: list[dict[str, Any]]

    async def fetch(self, sql: str, *args: Any) -> list[Any]:
        rows = await super().fetch(f"explain (format json) {sql}", *args)
        plan = rows[0][0]
        self.plans.append((plan if isinstance(plan, list) else orjson.loads(plan))[0]["Plan"])
        return []

    async def fetch_value(self, sql: str, *args: Any) -> Any:
        await self.fetch(sql, *args)
        return 0


class RowPlanReader(PlanReader):
    """Plans statements that want one row as well, and those that take the time."""

    clock = SystemClock()

    async def fetch_row(self, sql: str, *args: Any) -> Any:
        await self.fetch(sql, *args)


@asynccontextmanager
async def two_big_companies(server: Server, load: Load) -> AsyncIterator[tuple[Any, UUID]]:
    """The gateway's connections to a database of its own, which `load` has filled, and one of its companies."""
    async with server.database(await server.template()) as url:
        owner = await open_pool(url, role=None, size=1)
        companies = [await make_company(owner), await make_company(owner)]
        async with owner.acquire() as connection:
            await load(connection, companies)
        await owner.close()
        pool = await open_pool(url)
        yield pool, companies[0]
        await pool.close()


def filling(tables: Collection[str], statements: Sequence[str], each: int) -> Load:
    """Fills tables by statements that take a company's id and how many rows to make for it."""

    async def load(connection: Any, companies: Sequence[UUID]) -> None:
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        for company_id in companies:
            for statement in statements:
                await connection.execute(statement, str(company_id), each)
        for table in tables:
            await connection.execute(f"vacuum analyze {table}")

    return load


def scans(planner: PlanReader, tables: Collection[str]) -> list[tuple[str, str]]:
    """How each of these tables is read, and which it is, step by step."""
    return [
        (node["Node Type"], node["Relation Name"])
        for plan in planner.plans
        for node in nodes(plan)
        if node.get("Relation Name") in tables and "Scan" in node["Node Type"]
    ]


def whole_tables_read(planner: PlanReader, tables: Collection[str]) -> list[str]:
    """Those of these tables that are read from end to end."""
    return [table for node, table in scans(planner, tables) if node == "Seq Scan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all steps below it."""
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
