"""What the catalog needs from the company domain."""

from collections.abc import Mapping
from typing import Protocol

from domains.catalog import validation
from domains.kernel.database import Reader, Tx
from domains.kernel.values.money import UnitPrices


class Companies(Protocol):
    """Gives the rules of a company's prices."""

    async def unit_prices(self, db: Reader) -> UnitPrices:
        """The currency of the handle's company and the decimal places of its unit prices."""
        ...


async def unit_prices_for(companies: Companies, tx: Tx, changes: Mapping[str, object]) -> UnitPrices | None:
    """The rules of unit prices, locked until the transaction ends; None, without a statement, if no price changes."""
    return await companies.unit_prices(tx) if validation.PRICES & changes.keys() else None
