"""The conditions of a sale: the company, its order settings, its taxes and its shipping."""

from dataclasses import dataclass

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsTable
from domains.order.models import OrderSettings
from domains.pricing.models import Terms
from domains.pricing.service import PricingService


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions by which one order is sold."""

    company: Company
    settings: OrderSettings
    terms: Terms


class SaleConditions:
    """Reads the conditions of the company's sales."""

    def __init__(
        self, company: CompanyService, settings: SettingsTable[OrderSettings], pricing: PricingService
    ) -> None:
        self._company = company
        self._settings = settings
        self._pricing = pricing

    async def current(self, db: Reader) -> Conditions:
        """The present conditions. No statement when they were read in the last seconds. Raises CompanyNotFound."""
        company = await self._company.current(db)
        return Conditions(company, await self._settings.current(db), await self._pricing.terms(db))
