"""The prices that carriers ask for the goods of a cart, when it is quoted."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias
from uuid import UUID

from domains.catalog.products.measures import GRAM
from domains.inventory.warehouses.places import WarehousePlace
from domains.kernel.database import Reader
from domains.shipping.carriers.errors import OriginUnknown
from domains.shipping.carriers.models import LiveMethod
from domains.shipping.carriers.requests import Parcel, ParcelAddress
from domains.shipping.models import Consignment, OfferedMethod, SaleShipping, ShippingPricing
from domains.shipping.service import ShippingService
from domains.tax.models import Destination

NO_PRICE: Final = "The carrier gives no price for these goods and this place now."
LEAST_WEIGHT: Final = GRAM  # goods of unknown weight have a price too


Asking: TypeAlias = Callable[[], Awaitable[None]]


class LiveRates:
    """Asks the carriers of a sale for their prices."""

    def __init__(self, shipping: ShippingService) -> None:
        self._shipping = shipping

    async def prices(
        self,
        db: Reader,
        shipping: SaleShipping,
        consignment: Consignment,
        destination: Destination | None,
        warehouse: WarehousePlace | None,
        asking: Asking | None = None,
    ) -> Mapping[UUID, Decimal | str]:
        """The price of each method with a live price that carries a consignment, or a sentence why there is none.

        Parcels begin at the default `warehouse`, as `Origins` says. Not in a transaction. One statement at most, none
        for carriers that were read just now, or without such methods. `asking` is called before carriers
        are asked, and may raise.
        """
        live = [method for method in shipping.methods if _is_live(method, consignment)]
        if not live:
            return {}
        methods = [
            LiveMethod(method.id, method.carrier_id, method.service_type.value)
            for method in live
            if method.id is not None and method.carrier_id is not None
        ]
        none: dict[UUID, Decimal | str] = {method.id: NO_PRICE for method in live if method.id is not None}
        try:
            origin = await self._shipping.origins.at(db, warehouse)
            to = await self._destination(db, destination)
        except OriginUnknown:
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

    async def _destination(self, db: Reader, destination: Destination | None) -> ParcelAddress:
        """A place that is not known is the company's own."""
        if destination is None:
            return await self._shipping.origins.own_place(db)
        place = (destination.country, destination.province, destination.postal_code)
        return ParcelAddress(country=place[0], province=place[1], postal_code=place[2])


def _is_live(method: OfferedMethod, consignment: Consignment) -> bool:
    return method.pricing is ShippingPricing.CARRIER and method.carries(consignment)
