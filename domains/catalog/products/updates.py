"""Updates of many products by one statement: an event for each product."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.catalog.events import ProductUpdated
from domains.kernel.database import Tx

BATCH_SIZE: Final = 1_000


async def emit_updates(tx: Tx, product_ids: Sequence[UUID], fields: Sequence[str]) -> None:
    """Emit ProductUpdated for each product. No statement for up to 1,000 products, one for each further 1,000."""
    for start in range(0, len(product_ids), BATCH_SIZE):
        if start:
            await tx.flush()
        for product_id in product_ids[start : start + BATCH_SIZE]:
            tx.emit(ProductUpdated(product_id=product_id, fields=list(fields)))
