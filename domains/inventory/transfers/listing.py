"""Lists of stock transfers and of their lines."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.inventory import data
from domains.inventory.transfers.errors import StockTransferNotFound
from domains.inventory.transfers.models import StockTransfer, StockTransferFilter, StockTransferLine
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import normalize_key

ALL_TRANSFERS: Final = StockTransferFilter()


class TransferListing:
    """Reads stock transfers."""

    async def get(self, db: Reader, transfer_id: UUID) -> StockTransfer:
        """A transfer. Raises StockTransferNotFound. One statement."""
        transfer = await data.stock_transfer.find_unique(db, id=transfer_id)
        if transfer is None:
            raise StockTransferNotFound
        return transfer

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[StockTransfer]:
        """The transfers of these ids, in no order. One statement."""
        return await data.stock_transfer.find_many(db, where={"id": {"in": list(ids)}})

    async def find(
        self,
        db: Reader,
        args: PageArgs,
        filters: StockTransferFilter = ALL_TRANSFERS,
        *,
        direction: Direction = "desc",
    ) -> Page[StockTransfer]:
        """One page of the transfers, newest first. Two statements more with a SKU. Raises as `fetch_page`."""
        where: dict[str, Any] = {}
        if filters.statuses is not None:
            where["status"] = {"in": list(filters.statuses)}
        if filters.from_warehouse_id is not None:
            where["from_warehouse_id"] = filters.from_warehouse_id
        if filters.to_warehouse_id is not None:
            where["to_warehouse_id"] = filters.to_warehouse_id
        if filters.sku is not None:
            item = await data.inventory_item.find_unique(db, sku=normalize_key(filters.sku))
            lines = await data.stock_transfer_line.find_many(db, where={"inventory_id": item.id}) if item else []
            where["id"] = {"in": [line.transfer_id for line in lines]}
        return await fetch_page(
            data.stock_transfer, db, args, sort=Sort("created_at", datetime, direction), where=where
        )

    async def lines(self, db: Reader, transfer_id: UUID) -> list[StockTransferLine]:
        """The lines of a transfer, in their order. One statement."""
        return (await self.lines_of(db, [transfer_id]))[transfer_id]

    async def lines_of(self, db: Reader, transfer_ids: Collection[UUID]) -> dict[UUID, list[StockTransferLine]]:
        """The lines of each transfer, in their order. One statement."""
        where: data.StockTransferLineWhere = {"transfer_id": {"in": list(transfer_ids)}}
        found = await data.stock_transfer_line.find_many(db, where=where, order_by=[{"position": "asc"}])
        lines: defaultdict[UUID, list[StockTransferLine]] = defaultdict(list)
        for line in found:
            lines[line.transfer_id].append(line)
        return lines
