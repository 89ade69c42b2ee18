"""The place from which a company ships, for prices of carriers and for labels."""

from domains.company.service import CompanyService
from domains.inventory.warehouses.places import WarehousePlace
from domains.kernel.database import Reader
from domains.shipping.carriers.errors import OriginUnknown
from domains.shipping.carriers.requests import ParcelAddress
from domains.tax.service import TaxService


class Origins:
    """Knows the origin of parcels: the default warehouse, otherwise the company's own place, under its name."""

    def __init__(self, company: CompanyService, tax: TaxService) -> None:
        self._company = company
        self._tax = tax

    async def at(self, db: Reader, place: WarehousePlace | None) -> ParcelAddress:
        """The origin of parcels, with the place of the default warehouse, which `known_places` reads.

        Raises OriginUnknown. No statement for settings that were read just now.
        """
        if place is None:
            return await self.own_place(db)
        return ParcelAddress(
            country=place.country,
            province=place.province,
            postal_code=place.postal_code,
            city=place.city,
            line_1=place.address_line_1,
            line_2=place.address_line_2,
            company=(await self._company.current(db)).name,
        )

    async def own_place(self, db: Reader) -> ParcelAddress:
        """The company's own place, by its tax settings. Raises OriginUnknown. No statement for known settings."""
        settings = await self._tax.settings.current(db)
        if settings.tax_country is None:
            raise OriginUnknown
        return ParcelAddress(
            country=settings.tax_country,
            province=settings.tax_province,
            postal_code=settings.tax_postal_code,
            company=(await self._company.current(db)).name,
        )
