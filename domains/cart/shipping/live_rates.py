"""The prices that carriers ask for the goods of a cart, when it is quoted."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from domains.catalog.products.measures import GRAM
from domains.inventory.warehouses.places import default_place
from domains.kernel.database import Reader
from domains.shipping.carriers.models import LiveMethod
from domains.shipping.carriers.requests import Parcel, ParcelAddress
from domains.shipping.models import Consignment, OfferedMethod, SaleShipping, ShippingPricing
from domains.shipping.service import ShippingService
from domains.tax.models import Destination
from domains.tax.service import TaxService

NO_PRICE: Final = "The carrier gives no price for these goods and this place now."
LEAST_WEIGHT: Final = GRAM  # goods of unknown weight have a price too


Asking: TypeAlias = Callable[[], Awaitable[None]]


class LiveRates:
    """Asks the carriers of a sale for their prices."""

    def __init__(self, shipping: ShippingService, tax: TaxService) -> None:
        self._shipping = shipping
        self._tax = tax

    async def prices(
        self,
        db: Reader,
        shipping: SaleShipping,
        consignment: Consignment,
        destination: Destination | None,
        asking: Asking | None = None,
    ) -> Mapping[UUID, Decimal | str]:
        """The price of each method with a live price that carries a consignment, or a sentence why there is none.

        Parcels begin at the default warehouse, otherwise in the country of the company. Not in a transaction. Two
        statements at most, none without such methods. `asking` is called before carriers are asked, and may raise.
        """
        live = [method for method in shipping.methods if _is_live(method, consignment)]
        if not live:
            return {}
        origin, to = await self._origin(db), await self._destination(db, destination)
        methods = [
            LiveMethod(method.id, method.carrier_id, method.service_type.value)
            for method in live
            if method.id is not None and method.carrier_id is not None
        ]
        none: dict[UUID, Decimal | str] = {method.id: NO_PRICE for method in live if method.id is not None}
        if origin is None or to is None:
            return none
        if asking is not None:
            await asking()
        answers = await self._shipping.carrier_rates.of_methods(
            db,
            methods,
            origin=origin,
            destination=to,
            parcel=Parcel(max(consignment.weight, LEAST_WEIGHT)),
            currency=shipping.currency,
        )
        found = {key: answer if isinstance(answer, Decimal) else answer.value for key, answer in answers.items()}
        return none | found

    async def _origin(self, db: Reader) -> ParcelAddress | None:
        place = await default_place(db)
        if place is None:
            return await self._company_place(db)
        return ParcelAddress(country=place.country, province=place.province, postal_code=place.postal_code)

    async def _destination(self, db: Reader, destination: Destination | None) -> ParcelAddress | None:
        if destination is None:
            return await self._company_place(db)
        place = (destination.country, destination.province, destination.postal_code)
        return ParcelAddress(country=place[0], province=place[1], postal_code=place[2])

    async def _company_place(self, db: Reader) -> ParcelAddress | None:
        """The company's own place, if its country is known."""
        settings = await self._tax.settings.current(db)
        if settings.tax_country is None:
            return None
        return ParcelAddress(
            country=settings.tax_country, province=settings.tax_province, postal_code=settings.tax_postal_code
        )


def _is_live(method: OfferedMethod, consignment: Consignment) -> bool:
    return method.pricing is ShippingPricing.CARRIER and method.carries(consignment)
