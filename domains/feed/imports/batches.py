"""Saves batches of a file's products with their stock. A product that cannot be saved does not affect others."""

import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import asyncpg

from domains.catalog.imports.models import SlugRequest
from domains.catalog.models import Outcome, SavedProduct
from domains.catalog.service import CatalogService
from domains.feed.errors import ImportRunning
from domains.feed.imports import import_sql
from domains.feed.imports.product_drafts import COLUMNS, draft_of, skus_without_quantity, stock_counts_of
from domains.feed.imports.reports import BadRow, ImportReport, RowFault
from domains.feed.models import Entry, FeedProduct, ImportOptions, RefusedProduct, SkippedProduct
from domains.inventory.errors import SkuHasStock
from domains.inventory.models import StockCount
from domains.inventory.service import InventoryService
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError

LOG: Final = logging.getLogger(__name__)
# Errors of the database or of concurrent transactions, not of products: they end the whole transaction.
TRANSIENT: Final = (
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
        """Save a batch with its stock, and return the report. Raises ImportRunning.

        Emits as `Imports.save` of the catalogue and `Ledger.set`.
        """
        report = ImportReport()
        await self._begin(tx)
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

    async def _save(self, tx: Tx, products: Sequence[FeedProduct], *, is_retry: bool = False) -> ImportReport:
        """Save products together, or on an error in halves, until only the products that cannot be saved are refused.

        After a lost race for a slug or a SKU they are saved once more.
        """
        try:
            async with tx.savepoint():
                return await self._save_together(tx, products)
        except TRANSIENT:
            raise
        except Exception as error:  # noqa: BLE001 - no error may affect the other products
            is_race = isinstance(error, asyncpg.UniqueViolationError) and not is_retry
            if not is_race and len(products) == 1:
                return _unsaved(products[0], error)
            if is_race:
                return await self._save(tx, products, is_retry=True)
        half = len(products) // 2
        report = await self._save(tx, products[:half])
        report.add(await self._save(tx, products[half:]))
        return report

    async def _save_together(self, tx: Tx, products: Sequence[FeedProduct]) -> ImportReport:
        report = ImportReport()
        products = await self._with_handles(tx, products)
        saved = await self.catalog.imports.save(tx, [draft_of(product, self.options) for product in products])
        pairs = list(zip(products, saved, strict=True))
        accepted = [(product, result) for product, result in pairs if result.outcome is not Outcome.REFUSED]
        await self._set_stock(tx, accepted, report)
        for product, result in pairs:
            if result.outcome is Outcome.REFUSED:
                report.refuse(product.handle, [_refusal(product, result)])
            else:
                report.count(result.outcome, len(product.variants))
        return report

    async def _with_handles(self, tx: Tx, products: Sequence[FeedProduct]) -> Sequence[FeedProduct]:
        """The products; those that are matched by SKU get the handle of the stored product, or an unused one."""
        requests = [
            SlugRequest(product.handle, product.matching_skus) for product in products if product.matching_skus
        ]
        if not requests:
            return products
        slugs = iter(await self.catalog.imports.slugs_for(tx, requests))
        return [replace(product, handle=next(slugs)) if product.matching_skus else product for product in products]

    async def _set_stock(self, tx: Tx, accepted: Pairs, report: ImportReport) -> None:
        for _, saved in accepted:
            await self._require_no_stock_left(tx, saved)
        moved = [sku.sku for _, saved in accepted for sku in saved.skus if sku.has_moved and sku.sku]
        if moved:
            await self.inventory.sku_assignments.reassign(tx, moved)
        counts = [count for product, saved in accepted for count in stock_counts_of(product, saved)]
        report.stock_rows = len(counts)
        defaults, known = await self._defaults(tx, accepted, report)
        counts += defaults
        report.stock_changes = await self.inventory.ledger.set(tx, counts, reason="Import") if counts else 0
        # New products are shown in stock from the beginning if the file or its default says so, but an SKU that was
        # stocked before keeps its stock.
        uncertain = [
            saved.product_id
            for _, saved in accepted
            if saved.product_id
            and (saved.outcome is Outcome.UPDATED or not known.isdisjoint(sku.sku for sku in saved.skus))
        ]
        if uncertain:
            await self.inventory.projection.show_stock(tx, uncertain)

    async def _require_no_stock_left(self, tx: Tx, saved: SavedProduct) -> None:
        """Raise SkuHasStock when a product that now has variants has stock that belongs to none of them."""
        if saved.product_id and saved.released_sku:
            try:
                await self.inventory.sku_assignments.rename_sku(tx, saved.product_id, None, None)
            except SkuHasStock as error:
                remedy = "Give that SKU to one of the variants, or set its stock to 0 first."
                raise SkuHasStock(error.sku, error.units, advice=remedy) from error

    async def _defaults(
        self, tx: Tx, accepted: Pairs, report: ImportReport
    ) -> tuple[list[StockCount], AbstractSet[str | None]]:
        """The default stock of SKUs without a quantity in the file that were never stocked, and those that were."""
        without_quantity = [
            stocked for product, saved in accepted for stocked in skus_without_quantity(product, saved)
        ]
        if self.options.default_stock is None or not without_quantity:
            report.new_without_stock = sum(stocked.is_new for stocked in without_quantity)
            return [], frozenset()
        skus = [stocked.sku for stocked in without_quantity if stocked.sku]
        known = {item.sku for item in await self.inventory.listing.items_by_sku(tx, skus)}
        return [StockCount(sku, self.options.default_stock) for sku in skus if sku not in known], known

    async def _begin(self, tx: Tx) -> None:
        """Wait for other imports of the company: two of the same products could otherwise deadlock."""
        try:
            await import_sql.begin_batch(tx)
        except asyncpg.LockNotAvailableError as error:
            raise ImportRunning from error


def _refusal(product: FeedProduct, saved: SavedProduct) -> BadRow:
    """The reason why the catalogue refused a product, with its row."""
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
        reason = "Another request is saving the same product or SKU. Import the file again."
    else:
        LOG.error("The product %s could not be saved.", product.handle, exc_info=error)
        reason = f"The product could not be saved ({type(error).__name__}); the server's log has the details."
    report = ImportReport()
    report.refuse(product.handle, [BadRow(product.line, product.handle, reason, code=RowFault.REFUSED)])
    return report
