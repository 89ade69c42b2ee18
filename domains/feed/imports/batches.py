"""Saving a batch of a file's products with their stock. What cannot be saved costs its own product alone."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import asyncpg

from domains.catalog.imports.models import SlugRequest
from domains.catalog.models import Outcome, SavedProduct
from domains.catalog.service import CatalogService
from domains.feed.errors import ImportRunning
from domains.feed.imports import import_sql
from domains.feed.imports.drafts import COLUMNS, counts_of, draft_of, uncounted_of
from domains.feed.imports.reports import BadRow, ImportReport, RowFault
from domains.feed.models import Entry, FeedProduct, ImportOptions, RefusedProduct, SkippedProduct
from domains.inventory.models import StockCount
from domains.inventory.service import InventoryService
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError, InvalidInput

LOG: Final = logging.getLogger(__name__)
# What says nothing of the products, but of the database or of others at this moment: the whole transaction ends.
PASSING: Final = (
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.TransactionRollbackError,
    OSError,
)
Pairs = Sequence[tuple[FeedProduct, SavedProduct]]


@dataclass(frozen=True, slots=True)
class BatchSaver:
    """Saves batches of one import in the transactions that it is given."""

    catalog: CatalogService
    inventory: InventoryService
    options: ImportOptions

    async def save(self, entries: Sequence[Entry], tx: Tx) -> ImportReport:
        """Save a batch, its stock included; what came of it. Raises ImportRunning."""
        report = ImportReport()
        await self._take_turn(tx)
        products = [entry for entry in entries if isinstance(entry, FeedProduct)]
        if products:
            report.add(await self._save(tx, products))
        for entry in entries:
            if isinstance(entry, RefusedProduct):
                report.refuse(entry.handle, entry.bad_rows)
            elif isinstance(entry, SkippedProduct):
                report.skip(entry.warnings)
            else:
                report.warn(entry.warnings)
        report.bad_rows.sort(key=lambda bad: bad.line)
        report.warnings.sort(key=lambda warning: warning.line)
        return report

    async def _save(self, tx: Tx, products: Sequence[FeedProduct], *, is_again: bool = False) -> ImportReport:
        """Save products, together when that goes well, else in halves until those that cannot be saved stand alone.

        When somebody took a slug or a SKU between a look and a write, the same is tried once more.
        """
        try:
            async with tx.savepoint():
                return await self._save_together(tx, products)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not cost the other products
            is_race = isinstance(error, asyncpg.UniqueViolationError) and not is_again
            if not is_race and len(products) == 1:
                return _unsaved(products[0], error)
            if is_race:
                return await self._save(tx, products, is_again=True)
        half = len(products) // 2
        report = await self._save(tx, products[:half])
        report.add(await self._save(tx, products[half:]))
        return report

    async def _save_together(self, tx: Tx, products: Sequence[FeedProduct]) -> ImportReport:
        report = ImportReport()
        products = await self._with_handles(tx, products)
        saved = await self.catalog.imports.save(tx, [draft_of(product, self.options) for product in products])
        pairs = list(zip(products, saved, strict=True))
        kept = [(product, one) for product, one in pairs if one.outcome is not Outcome.REFUSED]
        await self._set_stock(tx, kept, report)
        for product, one in pairs:
            if one.outcome is Outcome.REFUSED:
                report.refuse(product.handle, [_refusal(product, one)])
            else:
                report.count(one.outcome, len(product.variants))
        return report

    async def _with_handles(self, tx: Tx, products: Sequence[FeedProduct]) -> Sequence[FeedProduct]:
        """The products, those that are known by their SKUs under the handles that they have here or are to have."""
        wishes = [SlugRequest(product.handle, product.known_by) for product in products if product.known_by]
        if not wishes:
            return products
        slugs = iter(await self.catalog.imports.slugs_for(tx, wishes))
        return [replace(product, handle=next(slugs)) if product.known_by else product for product in products]

    async def _set_stock(self, tx: Tx, kept: Pairs, report: ImportReport) -> None:
        for _, saved in kept:
            await self._require_no_stock_left(tx, saved)
        moved = [sku.sku for _, saved in kept for sku in saved.skus if sku.has_moved and sku.sku]
        if moved:
            await self.inventory.sku_assignments.reassign(tx, moved)
        counts = [count for product, saved in kept for count in counts_of(product, saved)]
        report.stock_rows = len(counts)
        counts += await self._defaults(tx, kept, report)
        report.stock_changes = await self.inventory.ledger.set(tx, counts, reason="Import") if counts else 0
        shown = [saved.product_id for _, saved in kept if saved.product_id and saved.outcome is not Outcome.UNCHANGED]
        if shown:
            await self.inventory.projection.show_stock(tx, shown)

    async def _require_no_stock_left(self, tx: Tx, saved: SavedProduct) -> None:
        """Raise InvalidInput when a product that is sold in variants now has stock that none of them takes over."""
        if saved.product_id and saved.released_sku:
            try:
                await self.inventory.sku_assignments.rename_sku(tx, saved.product_id, None, None)
            except InvalidInput as error:
                advice = "Give that SKU to one of the variants, or set its stock to 0 first."
                raise InvalidInput(f"{error.message} {advice}", field=error.field) from error

    async def _defaults(self, tx: Tx, kept: Pairs, report: ImportReport) -> list[StockCount]:
        """The stock of SKUs that the file gives none for and that were never stocked."""
        uncounted = [stocked for product, saved in kept for stocked in uncounted_of(product, saved)]
        if self.options.default_stock is None or not uncounted:
            report.new_without_stock = sum(stocked.is_new for stocked in uncounted)
            return []
        skus = [stocked.sku for stocked in uncounted if stocked.sku]
        known = {item.sku for item in await self.inventory.listing.items_by_sku(tx, skus)}
        return [StockCount(sku, self.options.default_stock) for sku in skus if sku not in known]

    async def _take_turn(self, tx: Tx) -> None:
        """Wait for other imports of the company: two of the same products would otherwise lock each other out."""
        try:
            await import_sql.lock_imports(tx)
        except asyncpg.LockNotAvailableError as error:
            raise ImportRunning from error


def _refusal(product: FeedProduct, saved: SavedProduct) -> BadRow:
    """Why the catalogue refused a product, with the row that it is about."""
    line = product.line if saved.variant_index is None else product.variants[saved.variant_index].line
    code = RowFault.DUPLICATE_SKU if saved.field == "taken_sku" else RowFault.REFUSED
    column = COLUMNS.get(saved.field or "")
    title = product.titles.get(column, column) if column and product.titles else column
    return BadRow(line, product.handle, saved.reason, title, code)


def _unsaved(product: FeedProduct, error: Exception) -> ImportReport:
    """The report of a product that could not be saved."""
    if isinstance(error, DomainError):
        reason = error.message
    elif isinstance(error, asyncpg.UniqueViolationError):
        reason = "Somebody else saves the same product or SKU at this moment. Import the file again."
    else:
        LOG.error("The product %s could not be saved.", product.handle, exc_info=error)
        reason = f"The product could not be saved ({type(error).__name__}); the server's log says more."
    report = ImportReport()
    report.refuse(product.handle, [BadRow(product.line, product.handle, reason, code=RowFault.REFUSED)])
    return report
