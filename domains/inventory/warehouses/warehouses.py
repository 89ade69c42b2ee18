"""Warehouses: create, change, close and delete them, and choose the default one."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.inventory import data
from domains.inventory.backorders.openings import fill_from
from domains.inventory.errors import (
    WarehouseCodeTaken,
    WarehouseHasOpenDocuments,
    WarehouseHasStock,
    WarehouseInUse,
    WarehouseIsDefault,
    WarehouseNotFound,
)
from domains.inventory.models import Warehouse, WarehouseChanges
from domains.inventory.warehouses import sql
from domains.inventory.warehouses.events import WarehouseCreated, WarehouseDeleted, WarehouseUpdated
from domains.inventory.warehouses.validation import FIELDS, checked
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import Busy
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import normalize_key
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.kernel.validation import collect_errors

BY_PRIORITY: Final = Sort("priority", int)
ID: Final = ("id",)


class Warehouses:
    """The warehouses of a company. One that stocks anything has one default warehouse."""

    async def find_page(
        self, db: Reader, args: PageArgs, *, search: str | None = None, is_active: bool | None = None
    ) -> Page[Warehouse]:
        """A page of the warehouses, the lowest priority first; `search` is a part of the name.

        Raises as `fetch_page`.
        """
        where: data.WarehouseWhere = {}
        if (condition := containing(search)) is not None:
            where["name"] = condition
        if is_active is not None:
            where["is_active"] = is_active
        return await fetch_page(data.warehouse, db, args, sort=BY_PRIORITY, where=where)

    async def find(self, db: Reader, warehouse_id: UUID) -> Warehouse:
        """A warehouse. Raises WarehouseNotFound."""
        warehouse = await data.warehouse.find_unique(db, id=warehouse_id)
        if warehouse is None:
            raise WarehouseNotFound(field=ID)
        return warehouse

    async def find_by_code(self, db: Reader, code: str) -> Warehouse:
        """A warehouse by its code in any case. Raises WarehouseNotFound."""
        warehouse = await data.warehouse.find_unique(db, code=normalize_key(code).upper())
        if warehouse is None:
            raise WarehouseNotFound(field=("code",))
        return warehouse

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[Warehouse]:
        """The warehouses of these ids, in no order. One statement."""
        return await data.warehouse.find_many(db, where={"id": {"in": list(ids)}})

    async def default(self, db: Reader) -> Warehouse | None:
        """The default warehouse; None for a company that has stocked nothing yet."""
        return await data.warehouse.find_first(db, where={"is_default": True})

    async def create(self, tx: Tx, new: WarehouseChanges) -> Warehouse:
        """Create a warehouse. The first one is the default one; a later one takes its place if it says so.

        Raises, for all fields at once, what `validation.checked` raises; then WarehouseCodeTaken, and Busy while
        stock is entered for the first time. Emits WarehouseCreated, and WarehouseUpdated of the default one before.
        """
        row: Any = checked(new)
        await sql.lock_default(tx)
        before = await self.default(tx)
        if before is None:
            row = checked({**new, "is_default": True})
        elif row["is_default"]:
            await _end_default(tx, before)
        try:
            warehouse = await data.warehouse.create(tx, row)
        except asyncpg.UniqueViolationError as error:
            raise _taken(error, row["code"]) from error
        tx.emit(WarehouseCreated(warehouse_id=warehouse.id, code=warehouse.code))
        return warehouse

    async def update(self, tx: Tx, warehouse_id: UUID, changes: WarehouseChanges) -> Warehouse:
        """Change a warehouse; absent fields do not change. As the default one it takes the place of another.

        Only one without stock, reservations, and open transfers, purchase orders and stock takes is deactivated;
        movements of stock and new documents wait. Orders on backorder get the free units of one that is activated or
        serves other countries. Raises WarehouseNotFound, WarehouseHasStock, WarehouseHasOpenDocuments,
        WarehouseIsDefault, and as `create`. Emits WarehouseUpdated when anything changes, also of the default one
        before; and as `fill_from`.
        """
        if changes.get("is_default"):
            await sql.lock_default(tx)
        if changes.get("is_active") is False or changes.get("is_pickup_point") is False:
            current = await data.warehouse.find_unique(tx, id=warehouse_id, lock=True)
        else:
            current = await sql.lock(tx, warehouse_id)
        if current is None:
            raise WarehouseNotFound(field=ID)
        row: Any = checked(changes, current)
        changed = sorted(name for name in FIELDS if getattr(current, name) != row[name])
        if not changed:
            return current
        if current.is_active and not row["is_active"]:
            await _require_empty(tx, current)
        if row["is_default"] and not current.is_default and (before := await self.default(tx)):
            await _end_default(tx, before)
        try:
            warehouse = await data.warehouse.update(tx, id=warehouse_id, data=row)
        except asyncpg.UniqueViolationError as error:
            raise _taken(error, row["code"]) from error
        tx.emit(WarehouseUpdated(warehouse_id=warehouse_id, changed=changed))
        if warehouse.is_active and not {"is_active", "countries"}.isdisjoint(changed):
            await fill_from(tx, warehouse_id)
        return warehouse

    async def delete(self, tx: Tx, warehouse_id: UUID) -> None:
        """Delete a warehouse in which nothing ever was; movements of stock and new documents wait.

        Raises WarehouseNotFound, WarehouseIsDefault, WarehouseHasStock, WarehouseHasOpenDocuments, and WarehouseInUse
        for one with movements in the ledger, or with closed documents. Emits WarehouseDeleted.
        """
        warehouse = await data.warehouse.find_unique(tx, id=warehouse_id, lock=True)
        if warehouse is None:
            raise WarehouseNotFound(field=ID)
        if warehouse.is_default:
            raise WarehouseIsDefault(warehouse.code, field=ID)
        await _require_empty(tx, warehouse, field=ID)
        try:
            await data.inventory_level.delete_many(tx, where={"warehouse_id": warehouse_id})
            await data.warehouse.delete(tx, id=warehouse_id)
        except REFERENCE_ERRORS as error:
            raise WarehouseInUse(warehouse.code) from error
        tx.emit(WarehouseDeleted(warehouse_id=warehouse_id, code=warehouse.code))


def _taken(error: asyncpg.UniqueViolationError, code: str) -> Exception:
    if error.constraint_name == sql.ONE_DEFAULT:
        return Busy("Stock was just entered for the first time. Try again.")
    return WarehouseCodeTaken(code)


async def _end_default(tx: Tx, before: Warehouse) -> None:
    """Let the company have no default warehouse; the caller has locked which one it is."""
    await data.warehouse.update(tx, id=before.id, data={"is_default": False})
    tx.emit(WarehouseUpdated(warehouse_id=before.id, changed=["is_default"]))


async def _require_empty(tx: Tx, warehouse: Warehouse, *, field: tuple[str, ...] = ("is_active",)) -> None:
    """Raise WarehouseHasStock and WarehouseHasOpenDocuments of a locked warehouse. Two statements."""
    stock = await sql.stock_in(tx, warehouse.id)
    numbers, total = await sql.open_documents(tx, warehouse.id)
    with collect_errors() as each:
        with each:
            if stock is not None:
                raise WarehouseHasStock(warehouse.code, *stock, field=field)
        with each:
            if total:
                raise WarehouseHasOpenDocuments(warehouse.code, numbers, total, field=field)
