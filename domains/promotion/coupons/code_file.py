"""Many unique codes at once: written by one statement, and exported as CSV page by page."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.text.csv_injection import neutralize_formulas

PAGE_SIZE: Final = 1_000
# RFC 4180, section 2.1.
CRLF: Final = "\r\n"
HEADER: Final = ("Coupon", "Code", "Uses", "Usage limit", "Active", "Created at")
_INSERT: Final = """
insert into coupon_codes (id, company_id, coupon_id, code, usage_limit, created_at)
select id, $1, $2, code, $3, $4 from unnest($5::uuid[], $6::text[]) as new (id, code)
"""
_ROWS: Final = """
select n.id, k.name, n.code, n.usage_count, n.usage_limit, n.is_active, n.created_at
from coupon_codes n join coupons k on k.company_id = n.company_id and k.id = n.coupon_id
where n.company_id = $1 and
"""
_OF_COMPANY: Final = f"{_ROWS} n.id > $2 order by n.id limit $3"
_OF_COUPON: Final = f"""
{_ROWS} n.coupon_id = $4 and (n.created_at, n.id) > ($5, $2) order by n.created_at, n.id limit $3
"""
FIRST: Final = UUID(int=0)
START: Final = datetime(1, 1, 2, tzinfo=UTC)


async def insert(tx: Tx, coupon_id: UUID, codes: Sequence[str], usage_limit: int, now: datetime) -> int:
    """Insert unique codes, and return their number. One statement."""
    ids = [new_id() for _ in codes]
    return await tx.execute(_INSERT, tx.company_id, coupon_id, usage_limit, now, ids, list(codes))


async def csv_of(db: Reader, coupon_id: UUID | None = None) -> AsyncIterator[bytes]:
    """The unique codes of a coupon, or of all coupons, oldest first, a statement for each 1,000."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=CRLF)
    writer.writerow(HEADER)
    after, last = START, FIRST
    while rows := await _page(db, coupon_id, after, last):
        writer.writerows(map(_cells, rows))
        yield _drain(text)
        after, last = rows[-1]["created_at"], rows[-1]["id"]
    yield _drain(text)


async def _page(db: Reader, coupon_id: UUID | None, after: datetime, last: UUID) -> list[Any]:
    if coupon_id is None:
        return await db.fetch(_OF_COMPANY, db.company_id, last, PAGE_SIZE)
    return await db.fetch(_OF_COUPON, db.company_id, last, PAGE_SIZE, coupon_id, after)


def _cells(row: Any) -> list[str]:
    name, is_active = neutralize_formulas(row["name"]), "yes" if row["is_active"] else "no"
    created_at = row["created_at"].isoformat(timespec="seconds")
    return [name, row["code"], str(row["usage_count"]), str(row["usage_limit"]), is_active, created_at]


def _drain(text: io.StringIO) -> bytes:
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode()
