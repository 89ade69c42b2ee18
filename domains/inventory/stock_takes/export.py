"""The results of stock takes as CSV, streamed page by page."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from domains.inventory.stock_takes.errors import StockTakeNotFound
from domains.kernel.database import Reader
from domains.kernel.text.csv_injection import neutralize_formulas

TAKES: Final = 100
LINES: Final = 1_000
CRLF: Final = "\r\n"  # RFC 4180, section 2.1
HEADER: Final = (
    "Stock Take",
    "Warehouse",
    "Status",
    "SKU",
    "Expected",
    "Counted",
    "Difference",
    "Counted At",
)
FIRST: Final = UUID(int=0)
# The ids of stock takes are in the order of their creation.
_TAKES: Final = """
select t.id, t.number, t.status, w.code
from stock_takes t join warehouses w on w.company_id = t.company_id and w.id = t.warehouse_id
where t.company_id = $1 and t.id > $2 order by t.id limit $3
"""
_TAKE: Final = """
select t.id, t.number, t.status, w.code
from stock_takes t join warehouses w on w.company_id = t.company_id and w.id = t.warehouse_id
where t.company_id = $1 and t.id = $2
"""
_LINES: Final = """
select i.sku, l.expected, l.counted, l.counted_at
from stock_take_lines l join inventory_items i on i.company_id = l.company_id and i.id = l.inventory_id
where l.company_id = $1 and l.stock_take_id = $2 and i.sku collate "C" > $3
order by i.sku collate "C" limit $4
"""


class StockTakeExport:
    """Writes the counted SKUs of stock takes as CSV."""

    async def csv(self, db: Reader, stock_take_id: UUID | None = None) -> AsyncIterator[bytes]:
        """The lines of a stock take in the order of SKUs, or of all of them, the oldest stock take first.

        A statement for 100 stock takes, and one for each 1,000 lines of each. Raises StockTakeNotFound.
        """
        rows: list[tuple[object, ...]] = [HEADER]
        async for take in _takes(db, stock_take_id):
            after = ""
            while found := await db.fetch(_LINES, db.company_id, take["id"], after, LINES):
                yield _lines([*rows, *(_cells(take, row) for row in found)])
                rows = []
                after = found[-1]["sku"]
        yield _lines(rows)


async def _takes(db: Reader, stock_take_id: UUID | None) -> AsyncIterator[Any]:
    if stock_take_id is not None:
        take = await db.fetch_row(_TAKE, db.company_id, stock_take_id)
        if take is None:
            raise StockTakeNotFound
        yield take
        return
    after = FIRST
    while page := await db.fetch(_TAKES, db.company_id, after, TAKES):
        for take in page:
            yield take
        after = page[-1]["id"]


def _cells(take: Any, row: Any) -> tuple[object, ...]:
    return (
        take["number"],
        take["code"],
        take["status"],
        neutralize_formulas(row["sku"]),
        row["expected"],
        row["counted"],
        row["counted"] - row["expected"],
        row["counted_at"].isoformat(timespec="seconds"),
    )


def _lines(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=CRLF).writerows(rows)
    return text.getvalue().encode()
