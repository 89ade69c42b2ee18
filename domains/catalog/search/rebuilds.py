"""Rebuilding: the search entries and documents of all products of a company, built again from their rows."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from domains.catalog.search import frequency_sql, index
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx

_FIRST: Final = UUID(int=0)
_COUNT: Final = "select count(*) from products where company_id = $1"
_NEXT: Final = "select id from products where company_id = $1 and id > $2 order by id limit $3"


async def rebuild(db: Database, actor: Actor, report: Callable[[int, int], None]) -> int:
    """Reindex all products of the actor's company, archived ones too; their number.

    Each 500 products are a transaction of their own, so that others wait for moments only; what is correct is not
    written. Then the products of each word are counted. `report` is called after each transaction with the number of
    products so far and in all.
    """
    total: int = await db.reader(actor.company_id).fetch_value(_COUNT, actor.company_id)
    last, done = _FIRST, 0

    async def reindex_next(tx: Tx) -> list[UUID]:
        rows = await tx.fetch(_NEXT, tx.company_id, last, index.BATCH_SIZE)
        product_ids = [row["id"] for row in rows]
        await index.reindex(tx, product_ids)
        return product_ids

    while product_ids := await db.run(reindex_next, actor):
        last = product_ids[-1]
        done += len(product_ids)
        report(done, max(total, done))
    await db.run(frequency_sql.count_words, actor)
    return done
