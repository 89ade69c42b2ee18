"""PricingService: the taxes and the shipping by which a company's sales are quoted."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from domains.inventory.warehouses.places import WarehousePlace, pickup_points
from domains.kernel.database import Reader
from domains.pricing.models import ShippingChoice, Terms
from domains.shipping.models import SaleShipping
from domains.shipping.service import ShippingService
from domains.tax.models import Destination, TaxSettings
from domains.tax.service import TaxService


class PricingService:
    """Reads the taxes and shipping methods that `domains.pricing.quote` needs."""

    def __init__(self, tax: TaxService, shipping: ShippingService) -> None:
        self._tax = tax
        self._shipping = shipping

    async def terms(self, db: Reader, choice: ShippingChoice) -> Terms:
        """The taxes and the shipping of a sale to a destination by a method; see ShippingChoice."""
        return (await self.terms_of(db, [choice]))[choice]

    async def terms_of(
        self,
        db: Reader,
        choices: Collection[ShippingChoice],
        points: Mapping[UUID, WarehousePlace | None] | None = None,
    ) -> Mapping[ShippingChoice, Terms]:
        """The terms of sales; goods that are collected are taxed where that is, at a pick-up point that is active.

        No statement for what was read in the last seconds, one more where goods are collected, unless all
        pick-up `points` are given.
        """
        offered = await self._shipping.of_sales(db, {choice.destination for choice in choices})
        shipping = {choice: choice.of(offered[choice.destination]) for choice in choices}
        warehouses = {choice: _warehouse(sale) for choice, sale in shipping.items()}
        if points is None:
            points = await pickup_points(
                db, {warehouse for warehouse in warehouses.values() if warehouse is not None}
            )
        own = _own_place(await self._tax.settings.current(db)) if points else None
        places = {choice: choice.destination for choice in choices}
        for choice, warehouse in warehouses.items():
            if warehouse is None:
                continue
            if warehouse in points:
                places[choice] = _taxed_at(points[warehouse] or own, choice.destination)
            else:
                shipping[choice] = _closed(shipping[choice])
        taxes = await self._tax.of_sales(db, set(places.values()))
        return {choice: Terms(taxes[place], shipping[choice], place) for choice, place in places.items()}


def _taxed_at(place: WarehousePlace | None, destination: Destination | None) -> Destination | None:
    """Where goods are taxed that are collected at a place, with the VAT number of their buyer in its country."""
    if place is None:
        return None
    is_same = destination is not None and destination.country == place.country
    number = destination.vat_number if destination is not None and is_same else None
    return Destination(place.country, place.province, place.postal_code, number)


def _own_place(settings: TaxSettings) -> WarehousePlace | None:
    """The company's own place, where a warehouse without an address is."""
    if settings.tax_country is None:
        return None
    return WarehousePlace(
        country=settings.tax_country, province=settings.tax_province, postal_code=settings.tax_postal_code
    )


def _closed(offered: SaleShipping) -> SaleShipping:
    """The shipping of a sale whose goods cannot be collected as chosen."""
    methods = [replace(method, is_closed=method.id == offered.chosen_id) for method in offered.methods]
    return replace(offered, methods=methods)


def _warehouse(offered: SaleShipping) -> UUID | None:
    """The warehouse at which the goods of a sale are collected, if its method says so."""
    if offered.chosen_id is None:
        return None
    chosen = (method for method in offered.methods if method.id == offered.chosen_id)
    return next((method.pickup_warehouse_id for method in chosen), None)
