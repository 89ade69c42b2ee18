"""Lists of stock takes and of their lines."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.stock_takes.errors import StockTakeNotFound
from domains.inventory.stock_takes.models import CountedUnits, StockTake, StockTakeFilter, StockTakeLine
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Column, Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import RelatedList, fetch_related

ALL_STOCK_TAKES: Final = StockTakeFilter()
LINES: Final = RelatedList(
    select=data.stock_take_line.columns("l"),
    source="from stock_take_lines l where l.company_id = $1",
    parent="l.stock_take_id",
    order="counted_at",
    columns=(Column("l.counted_at", datetime), Column("l.id", UUID)),
    descending=False,
)
_OPEN_ELSEWHERE: Final = """
select l.inventory_id, t.number
from stock_take_lines l join stock_takes t on t.company_id = l.company_id and t.id = l.stock_take_id
where l.company_id = $1 and l.warehouse_id = $2 and l.inventory_id = any($3) and l.is_open and l.stock_take_id <> $4
"""


class StockTakeListing:
    """Reads stock takes."""

    async def get(self, db: Reader, stock_take_id: UUID) -> StockTake:
        """A stock take. Raises StockTakeNotFound. One statement."""
        take = await data.stock_take.find_unique(db, id=stock_take_id)
        if take is None:
            raise StockTakeNotFound
        return take

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[StockTake]:
        """The stock takes of these ids, in no order. One statement."""
        return await data.stock_take.find_many(db, where={"id": {"in": list(ids)}})

    async def lines_by_id(self, db: Reader, ids: Collection[UUID]) -> list[StockTakeLine]:
        """The lines of these ids, in no order. One statement."""
        return await data.stock_take_line.find_many(db, where={"id": {"in": list(ids)}})

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: StockTakeFilter = ALL_STOCK_TAKES,
        *,
        direction: Direction = "desc",
    ) -> Page[StockTake]:
        """One page of the stock takes, newest first. Raises as `fetch_page`."""
        where: dict[str, Any] = {}
        if filters.statuses is not None:
            where["status"] = {"in": list(filters.statuses)}
        if filters.warehouse_id is not None:
            where["warehouse_id"] = filters.warehouse_id
        return await fetch_page(data.stock_take, db, args, sort=Sort("created_at", datetime, direction), where=where)

    async def line_pages(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[StockTakeLine]]:
        """A page of the lines of each stock take, in the order of the counts.

        One statement for all stock takes with the same page arguments, and one more when they are counted.
        """
        pages = await fetch_related(db, LINES, keys)
        return [page.map(data.stock_take_line.from_record) for page in pages]

    async def counts(self, db: Reader, stock_take_id: UUID) -> list[CountedUnits]:
        """The counts of a stock take. One statement."""
        lines = await data.stock_take_line.find_many(db, where={"stock_take_id": stock_take_id})
        return [CountedUnits(line.inventory_id, line.expected, line.counted) for line in lines]

    async def open_elsewhere(self, db: Reader, take: StockTake, item_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The number of the other open stock take of the warehouse that counts an item, by item. One statement."""
        rows = await db.fetch(_OPEN_ELSEWHERE, db.company_id, take.warehouse_id, list(item_ids), take.id)
        return {row["inventory_id"]: row["number"] for row in rows}
