"""The numbers of transfers, stock takes and purchase orders: a counter for each kind in each company."""

from typing import Final

from domains.inventory.models import StockDocument
from domains.kernel.database import Tx

PREFIXES: Final = {
    StockDocument.TRANSFER: "TR",
    StockDocument.STOCK_TAKE: "ST",
    StockDocument.PURCHASE_ORDER: "PO",
}
# New documents of a kind wait for each other until the transaction ends: staff make few of them.
_NEXT: Final = """
insert into stock_document_counters (company_id, document, last_number) values ($1, $2, 1)
on conflict (company_id, document) do update set last_number = stock_document_counters.last_number + 1
returning last_number
"""


async def next_number(tx: Tx, document: StockDocument) -> str:
    """The number of a new document, such as `TR-1001`. One statement."""
    number: int = await tx.fetch_value(_NEXT, tx.company_id, document)
    return f"{PREFIXES[document]}-{1000 + number}"
