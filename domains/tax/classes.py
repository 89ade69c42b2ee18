"""Tax classes: create, change and delete them, and choose the default one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.transactions.retries import REFERENCE_ERRORS
from domains.tax import data, sql
from domains.tax.errors import TaxClassCodeTaken, TaxClassInUse, TaxClassNotFound
from domains.tax.events import TaxClassCreated, TaxClassDeleted, TaxClassUpdated
from domains.tax.models import TaxClass, TaxClassChanges
from domains.tax.rate_lookup import RateLookup
from domains.tax.validation import CLASS_FIELDS, checked_class

OLDEST_FIRST: Final = Sort("created_at", datetime)


class TaxClasses:
    """The tax classes of a company. Goods without a class have the default one."""

    def __init__(self, lookup: RateLookup) -> None:
        self._lookup = lookup

    async def find_page(self, db: Reader, args: PageArgs, *, search: str | None = None) -> Page[TaxClass]:
        """A page of the classes, the oldest first; `search` is a part of the name. Raises as `fetch_page`."""
        where: data.TaxClassWhere = {}
        if (condition := containing(search)) is not None:
            where["name"] = condition
        return await fetch_page(data.tax_class, db, args, sort=OLDEST_FIRST, where=where)

    async def find(self, db: Reader, tax_class_id: UUID) -> TaxClass:
        """A tax class. Raises TaxClassNotFound."""
        tax_class = await data.tax_class.find_unique(db, id=tax_class_id)
        if tax_class is None:
            raise TaxClassNotFound
        return tax_class

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[TaxClass]:
        """The tax classes of these ids, in no order. One statement."""
        return await data.tax_class.find_many(db, where={"id": {"in": list(ids)}})

    async def create(self, tx: Tx, new: TaxClassChanges) -> TaxClass:
        """Create a tax class; as the default one it takes the place of another.

        Raises, for all fields at once, what `validation.checked_class` raises; then TaxClassCodeTaken. Emits
        TaxClassCreated, and TaxClassUpdated of the default class before it.
        """
        row: Any = checked_class(new)
        if row["is_default"]:
            await sql.lock_default(tx)
            await _end_default(tx)
        try:
            tax_class = await data.tax_class.create(tx, row)
        except asyncpg.UniqueViolationError as error:
            raise TaxClassCodeTaken(row["code"]) from error
        self._lookup.invalidate(tx)
        tx.emit(TaxClassCreated(tax_class_id=tax_class.id, code=tax_class.code))
        return tax_class

    async def update(self, tx: Tx, tax_class_id: UUID, changes: TaxClassChanges) -> TaxClass:
        """Change a tax class; as the default one it takes the place of another.

        Raises TaxClassNotFound, and as `create`. Emits TaxClassUpdated when anything changes, also of the default
        class before it.
        """
        if changes.get("is_default"):
            await sql.lock_default(tx)
        current = await data.tax_class.find_unique(tx, id=tax_class_id, lock=True)
        if current is None:
            raise TaxClassNotFound
        row: Any = checked_class(changes, current)
        changed = sorted(name for name in CLASS_FIELDS if getattr(current, name) != row[name])
        if not changed:
            return current
        if row["is_default"] and not current.is_default:
            await _end_default(tx)
        try:
            tax_class = await data.tax_class.update(tx, id=tax_class_id, data=row)
        except asyncpg.UniqueViolationError as error:
            raise TaxClassCodeTaken(row["code"]) from error
        self._lookup.invalidate(tx)
        tx.emit(TaxClassUpdated(tax_class_id=tax_class_id, changed=changed))
        return tax_class

    async def delete(self, tx: Tx, tax_class_id: UUID) -> None:
        """Delete a tax class that nothing uses.

        Raises TaxClassNotFound, TaxClassInUse. Emits TaxClassDeleted.
        """
        tax_class = await data.tax_class.find_unique(tx, id=tax_class_id, lock=True)
        if tax_class is None:
            raise TaxClassNotFound
        try:
            await data.tax_class.delete(tx, id=tax_class_id)
        except REFERENCE_ERRORS as error:
            raise TaxClassInUse from error
        self._lookup.invalidate(tx)
        tx.emit(TaxClassDeleted(tax_class_id=tax_class_id, code=tax_class.code))


async def _end_default(tx: Tx) -> None:
    """Let the company have no default class; the caller has locked which one it is."""
    before = await data.tax_class.find_first(tx, where={"is_default": True}, lock=True)
    if before is not None:
        await data.tax_class.update(tx, id=before.id, data={"is_default": False})
        tx.emit(TaxClassUpdated(tax_class_id=before.id, changed=["is_default"]))
