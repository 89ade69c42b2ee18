"""How a sale is shipped and what that costs, and the settings of a company. The rules are pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Required, Self, TypedDict
from uuid import UUID

from domains.kernel.values.money import round_half_up
from domains.shipping.data import ShippingMethodRow as ShippingMethod
from domains.shipping.data import ShippingMethodType, ShippingPricing, ShippingServiceType, ShippingZoneType
from domains.shipping.data import ShippingProfileRow as ShippingProfile
from domains.shipping.data import ShippingRateRow as ShippingRate
from domains.shipping.data import ShippingSettingsRow as ShippingSettings
from domains.shipping.data import ShippingZoneRow as ShippingZone

__all__ = [
    "Consignment",
    "DayRange",
    "Limits",
    "NewShippingMethod",
    "OfferedMethod",
    "RateBand",
    "SaleShipping",
    "ShippingMethod",
    "ShippingMethodChanges",
    "ShippingMethodType",
    "ShippingOption",
    "ShippingPricing",
    "ShippingProfile",
    "ShippingProfileChanges",
    "ShippingRate",
    "ShippingRateInput",
    "ShippingServiceType",
    "ShippingSettings",
    "ShippingZone",
    "ShippingZoneChanges",
    "ShippingZoneType",
]

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Consignment:
    """The goods of a sale that are shipped: kilograms, units, and the amount of their lines before discounts.

    `profile_ids` are the shipping profiles of the goods, None for goods of the default profile.
    """

    weight: Decimal
    units: int
    subtotal: Decimal
    profile_ids: frozenset[UUID | None] = frozenset({None})


@dataclass(frozen=True, slots=True)
class DayRange:
    """The fewest and the most working days that a delivery takes."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Half-open ranges of kilograms and of amounts: a minimum is within, a maximum is not; None is no limit."""

    min_weight: Decimal | None = None
    max_weight: Decimal | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None

    def contain(self, consignment: Consignment) -> bool:
        """Whether the weight and the subtotal of a consignment are within both ranges."""
        return _is_within(consignment.weight, self.min_weight, self.max_weight) and _is_within(
            consignment.subtotal, self.min_amount, self.max_amount
        )


def _is_within(value: Decimal, minimum: Decimal | None, maximum: Decimal | None) -> bool:
    return (minimum is None or value >= minimum) and (maximum is None or value < maximum)


@dataclass(frozen=True, slots=True)
class RateBand:
    """A part of the weights and amounts that a method carries, and what it adds to the price there."""

    limits: Limits
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMethod:
    """A shipping method as sales are offered it. Amounts are in the currency of the sale.

    The price is `base_price`, plus `price_per_kg`, plus `price_per_item`, plus the rate of the band where it has
    bands; nothing for a subtotal from `free_from` on. Without `profile_ids` it carries goods of all profiles; None
    among them are goods without a profile. `id` is None only where the company has no zones. One that `is_closed` is
    not offered: its warehouse is no pick-up point now.
    """

    id: UUID | None
    name: str
    type: ShippingMethodType = ShippingMethodType.DELIVERY
    carrier: str | None = None
    carrier_id: UUID | None = None
    service_type: ShippingServiceType = ShippingServiceType.STANDARD
    pricing: ShippingPricing = ShippingPricing.TABLE
    base_price: Decimal = NOTHING
    price_per_kg: Decimal = NOTHING
    price_per_item: Decimal = NOTHING
    free_from: Decimal | None = None
    estimated_days: DayRange | None = None
    limits: Limits = Limits()
    bands: Sequence[RateBand] = ()
    profile_ids: frozenset[UUID | None] = frozenset()
    pickup_warehouse_id: UUID | None = None
    position: int = 0
    is_closed: bool = False

    def carries(self, consignment: Consignment) -> bool:
        """Whether weight, amount and profiles of a consignment are among those that it carries."""
        return self.limits.contain(consignment) and (
            not self.profile_ids or consignment.profile_ids <= self.profile_ids
        )

    def table_price(self, consignment: Consignment) -> Decimal | None:
        """The price by its own table, not rounded; None if no band contains the consignment."""
        price = self.base_price + self.price_per_kg * consignment.weight + self.price_per_item * consignment.units
        if not self.bands:
            return price
        band = next((band for band in self.bands if band.limits.contain(consignment)), None)
        return None if band is None else price + band.rate


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A shipping method for the goods of a sale, and its price at the currency's scale.

    The price contains tax where the prices of the company do. It is None for a method whose carrier has not quoted
    one. `estimated_days` are working days. `method_id` is None only where the company has no zones.
    """

    method_id: UUID | None
    name: str
    carrier: str | None
    service_type: ShippingServiceType
    type: ShippingMethodType
    price: Decimal | None
    estimated_days: DayRange | None
    pickup_warehouse_id: UUID | None


@dataclass(frozen=True, slots=True)
class SaleShipping:
    """The shipping methods of a sale to one place, in the currency of the sale.

    `chosen_id` is the method that the buyer chose. `carrier_prices` are what carriers quoted, by method.
    """

    currency: str
    methods: Sequence[OfferedMethod]
    chosen_id: UUID | None = None
    carrier_prices: Mapping[UUID, Decimal] = field(default_factory=dict)

    @classmethod
    def free(cls, currency: str) -> Self:
        """The shipping of a company without zones: everywhere, free of charge."""
        return cls(currency, (OfferedMethod(id=None, name="Shipping"),))

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        """The methods that carry a consignment: by price, then position; those without a price last."""
        found = [(method, option) for method in self.methods if (option := self._option(method, consignment))]
        found.sort(key=lambda each: (each[1].price is None, each[1].price or NOTHING, each[0].position))
        return [option for _, option in found]

    def option(self, consignment: Consignment) -> ShippingOption | None:
        """The chosen method; without a choice the cheapest one that delivers at a price of its own table.

        None when no such method carries the consignment, and for a chosen one that a carrier has not quoted.
        """
        found = [
            (method, option)
            for method in self.methods
            if self._is_eligible(method)
            and (option := self._option(method, consignment))
            and option.price is not None
        ]
        if not found:
            return None
        return min(found, key=lambda each: (each[1].price or NOTHING, each[0].position))[1]

    def _is_eligible(self, method: OfferedMethod) -> bool:
        if self.chosen_id is not None:
            return method.id == self.chosen_id
        return method.type is ShippingMethodType.DELIVERY and method.pricing is ShippingPricing.TABLE

    def _option(self, method: OfferedMethod, consignment: Consignment) -> ShippingOption | None:
        """A method with its price, None if it does not carry the consignment."""
        if method.is_closed or not method.carries(consignment):
            return None
        if method.pricing is ShippingPricing.CARRIER:
            price = None if method.id is None else self.carrier_prices.get(method.id)
        elif (price := method.table_price(consignment)) is None:
            return None
        if price is not None and method.free_from is not None and consignment.subtotal >= method.free_from:
            price = NOTHING
        return ShippingOption(
            method.id,
            method.name,
            method.carrier,
            method.service_type,
            method.type,
            None if price is None else round_half_up(price, self.currency),
            method.estimated_days,
            method.pickup_warehouse_id,
        )


class ShippingZoneChanges(TypedDict, total=False):
    """A shipping zone to create, or changes to one; absent fields do not change.

    `postal_codes` are mappings of `country` and `prefix`, or of `country`, `from` and `to`. Of a new zone `name` and
    `type` are required. With a new `type` the lists that are not its own are emptied.
    """

    name: str | None
    type: ShippingZoneType | None
    countries: Sequence[str] | None
    states: Sequence[str] | None
    postal_codes: Sequence[Mapping[str, str | None]] | None
    is_active: bool | None


class ShippingProfileChanges(TypedDict, total=False):
    """A shipping profile to create, or changes to one; absent fields do not change."""

    name: str | None
    is_default: bool | None


class ShippingRateInput(TypedDict, total=False):
    """A band of a shipping method: half-open ranges of kilograms and amounts, null without a limit; and its rate."""

    min_weight: Decimal | None
    max_weight: Decimal | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    rate: Decimal | None


class ShippingMethodChanges(TypedDict, total=False):
    """Changes to a shipping method; absent fields do not change.

    Amounts are in the company's currency, weights in kilograms, days are working days. `rates` and `profile_ids`
    replace all earlier ones.
    """

    name: str | None
    description: str | None
    type: ShippingMethodType | None
    pickup_warehouse_id: UUID | None
    carrier_id: UUID | None
    carrier: str | None
    service_type: ShippingServiceType | None
    pricing: ShippingPricing | None
    base_price: Decimal | None
    price_per_kg: Decimal | None
    price_per_item: Decimal | None
    free_from: Decimal | None
    min_days: int | None
    max_days: int | None
    min_weight: Decimal | None
    max_weight: Decimal | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    position: int | None
    is_active: bool | None
    configuration: Mapping[str, Any] | None
    rates: Sequence[ShippingRateInput] | None
    profile_ids: Sequence[UUID] | None


class NewShippingMethod(ShippingMethodChanges):
    """A shipping method to create: its zone and name are required."""

    zone_id: Required[UUID]
