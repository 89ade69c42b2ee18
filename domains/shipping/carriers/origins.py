"""The place from which a company ships."""

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.shipping.carriers.errors import OriginUnknown
from domains.shipping.carriers.requests import ParcelAddress
from domains.tax.service import TaxService


class Origins:
    """Knows the origin of parcels: the country of the company, under its name."""

    def __init__(self, company: CompanyService, tax: TaxService) -> None:
        self._company = company
        self._tax = tax

    async def default(self, db: Reader) -> ParcelAddress:
        """The origin of a company's parcels. Raises OriginUnknown. No statement for what was read just now."""
        country = (await self._tax.settings.current(db)).tax_country
        if country is None:
            raise OriginUnknown
        return ParcelAddress(country=country, company=(await self._company.current(db)).name)
