"""The rules of a company's unit prices: its currency and their decimal places."""

from collections.abc import Mapping

from domains.catalog import validation
from domains.catalog.models import CatalogSettings
from domains.catalog.products import price_sql
from domains.company.errors import CompanyNotFound
from domains.company.service import CompanyService
from domains.kernel.database import Reader, Tx
from domains.kernel.settings import SettingsTable
from domains.kernel.values.money import UnitPrices


class UnitPriceRules:
    """Reads the rules of unit prices from the company and the catalog's settings."""

    def __init__(self, company: CompanyService, settings: SettingsTable[CatalogSettings]) -> None:
        self._company = company
        self._settings = settings

    async def current(self, db: Reader) -> UnitPrices:
        """The currency of the handle's company, and how many decimals its unit prices may have.

        In a transaction, which may write prices, it takes one statement and neither can change until the transaction
        ends. Elsewhere both are cached for a few seconds. Raises CompanyNotFound.
        """
        if not isinstance(db, Tx):
            company = await self._company.current(db)
            return UnitPrices.of(company.currency, (await self._settings.current(db)).unit_price_decimals)
        unit_prices = await price_sql.lock_unit_prices(db)
        if unit_prices is None:
            raise CompanyNotFound
        return unit_prices

    async def for_changes(self, tx: Tx, changes: Mapping[str, object]) -> UnitPrices | None:
        """The rules, as `current` reads them; None, without a statement, if no price is among the changes."""
        return await self.current(tx) if validation.PRICES & changes.keys() else None
