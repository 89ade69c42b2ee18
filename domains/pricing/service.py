"""PricingService: the taxes and the shipping by which a company's sales are quoted."""

from collections.abc import Collection, Mapping
from uuid import UUID

from domains.inventory.warehouses.places import places_of
from domains.kernel.database import Reader
from domains.pricing.models import ShippingChoice, Terms
from domains.shipping.models import SaleShipping
from domains.shipping.service import ShippingService
from domains.tax.models import Destination
from domains.tax.service import TaxService


class PricingService:
    """Reads the taxes and shipping methods that `domains.pricing.quote` needs."""

    def __init__(self, tax: TaxService, shipping: ShippingService) -> None:
        self._tax = tax
        self._shipping = shipping

    async def terms(self, db: Reader, choice: ShippingChoice) -> Terms:
        """The taxes and the shipping of a sale to a destination by a method; see ShippingChoice."""
        return (await self.terms_of(db, [choice]))[choice]

    async def terms_of(self, db: Reader, choices: Collection[ShippingChoice]) -> Mapping[ShippingChoice, Terms]:
        """The terms of sales; goods that are collected are taxed where that is.

        No statement for what was read in the last seconds, one more where goods are collected.
        """
        offered = await self._shipping.of_sales(db, {choice.destination for choice in choices})
        shipping = {choice: choice.of(offered[choice.destination]) for choice in choices}
        places = await _places(db, shipping)
        taxes = await self._tax.of_sales(db, set(places.values()))
        return {choice: Terms(taxes[place], shipping[choice], place) for choice, place in places.items()}


async def _places(
    db: Reader, shipping: Mapping[ShippingChoice, SaleShipping]
) -> Mapping[ShippingChoice, Destination | None]:
    """Where sales are taxed: at their destinations, or where the warehouse is at which the goods are collected."""
    warehouses = {choice: _warehouse(offered) for choice, offered in shipping.items()}
    found = await places_of(db, {warehouse for warehouse in warehouses.values() if warehouse is not None})
    places: dict[ShippingChoice, Destination | None] = {}
    for choice, warehouse in warehouses.items():
        destination, place = choice.destination, None if warehouse is None else found.get(warehouse)
        if place is not None:
            is_same = destination is not None and destination.country == place.country
            number = destination.vat_number if destination is not None and is_same else None
            destination = Destination(place.country, place.province, place.postal_code, number)
        places[choice] = destination
    return places


def _warehouse(offered: SaleShipping) -> UUID | None:
    """The warehouse at which the goods of a sale are collected, if its method says so."""
    if offered.chosen_id is None:
        return None
    chosen = (method for method in offered.methods if method.id == offered.chosen_id)
    return next((method.pickup_warehouse_id for method in chosen), None)
