"""Feeds: imports of product files of Shopify and WooCommerce, and exports in Shopify's format."""

from collections.abc import AsyncIterator
from dataclasses import replace
from time import perf_counter
from typing import IO

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed import export
from domains.feed.csv.headings import quantity_column
from domains.feed.imports.batches import BatchSaver
from domains.feed.imports.file_import import ProductImport, Progress
from domains.feed.models import ImportOptions, ImportReport
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader
from domains.kernel.values.calendar import local_day


def _ignore_progress(_rows: int, _total: int) -> None:
    """Ignore the progress."""


class FeedService:
    """Imports and exports the product files of a company."""

    def __init__(
        self, catalog: CatalogService, inventory: InventoryService, companies: CompanyService, clock: Clock
    ) -> None:
        self._catalog = catalog
        self._inventory = inventory
        self._companies = companies
        self._clock = clock

    async def import_products(
        self,
        db: Database,
        actor: Actor,
        file: IO[bytes],
        options: ImportOptions = ImportOptions(),  # noqa: B008 - frozen
        *,
        on_progress: Progress = _ignore_progress,
    ) -> ImportReport:
        """Import a seekable product CSV of Shopify or WooCommerce into the actor's company.

        The heading determines which. Products are matched by handle, those of WooCommerce, which has none, by their
        SKUs; variants are matched by SKU. The stock in the file is set by movements of the ledger. Fields for which
        the file has no column stay, and importing a file again changes nothing. A bad row refuses its product, a bad
        optional cell is ignored; both are reported, and the other products are saved in transactions of up to 250.
        `strict` saves all or nothing, in one transaction; `dry_run` saves nothing and returns the same report.
        `on_progress` gets the number of rows read and of all rows.

        Raises UnreadableFile and MissingColumns before anything is saved, ImportRunning while another import of the
        company runs. Emits ProductCreated, ProductUpdated, PriceChanged, CategoryChanged, and StockAdjusted,
        StockChanged, BackInStock, StockRanLow.
        """
        started = perf_counter()
        importer = replace(actor, kind=ActorKind.IMPORT)
        reader = db.reader(actor.company_id)
        prices = await self._catalog.unit_prices.current(reader)
        today = local_day(self._clock.now(), (await self._companies.current(reader)).time_zone)
        saver = BatchSaver(self._catalog, self._inventory, options)
        report = await ProductImport(saver, db, importer, prices, options, today).run(file, on_progress)
        report.seconds = perf_counter() - started
        report.close(quantity_column(report.format))
        return report

    def export_products(self, db: Reader) -> AsyncIterator[bytes]:
        """The company's products in Shopify's product CSV, a batch at a time, in the order of their handles.

        Importing it into an empty company and exporting from there gives the same bytes; importing it where it comes
        from changes nothing. Hidden products and variants that are off sale are in it, with their status; archived
        products are not.
        """
        return export.export(self._catalog, self._inventory, db)
