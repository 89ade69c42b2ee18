"""Shipping zones, methods and rates as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domains.shipping import models
from domains.shipping.models import ShippingMethodType, ShippingPricing, ShippingServiceType, ShippingZoneType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON, CurrencyCode
from gateway.graphql.shipping import enums  # noqa: F401 - it describes two enums used here
from gateway.graphql.shipping.profiles.loaders import load_profiles_of_methods
from gateway.graphql.shipping.profiles.types import ShippingProfile
from gateway.graphql.shipping.zones.loaders import load_methods_of_zones, load_rates_of_methods, load_zones

describe(
    ShippingZoneType,
    "What a shipping zone consists of.",
    {
        ShippingZoneType.COUNTRY: "Whole countries.",
        ShippingZoneType.STATE: "States or provinces of countries.",
        ShippingZoneType.POSTAL_CODE: "Postal codes of countries, by their beginnings or in ranges.",
        ShippingZoneType.CUSTOM: "Any of countries, states and postal codes.",
        ShippingZoneType.REST_OF_WORLD: "All places that no other active zone contains.",
    },
)
describe(
    ShippingPricing,
    "Where the price of a shipping method comes from.",
    {
        ShippingPricing.TABLE: "From its own prices and rates.",
        ShippingPricing.CARRIER: "From the carrier, who is asked for each cart.",
    },
)


@strawberry.type(
    description=(
        "Postal codes of a country: those that begin with `prefix`, or with a code from `from` to `to`. In capital "
        "letters and digits."
    )
)
class ShippingPostalCodes:
    """Postal codes of a zone."""

    country: str = strawberry.field(description="The country, ISO 3166-1 alpha-2.")
    prefix: str | None = strawberry.field(description="What they begin with; null for a range.")
    from_: str | None = strawberry.field(name="from", description="The first of a range; null for a prefix.")
    to: str | None = strawberry.field(description="The last of a range, of the same length; null for a prefix.")


@strawberry.type(
    description=(
        "A group of places with its own shipping methods. A sale has the methods of the most specific active zone "
        "only: by postal code, the longest beginning first, then by state, country, and the rest of the world. "
        "Requires SETTINGS:READ."
    )
)
class ShippingZone(Node, model=models.ShippingZone):
    """The shipping domain's ShippingZone."""

    name: str = strawberry.field(description="The name that staff see.")
    type: ShippingZoneType = strawberry.field(description="What it consists of; it decides which lists it has.")
    countries: list[str] = strawberry.field(description="Whole countries, ISO 3166-1 alpha-2.")
    states: list[str] = strawberry.field(
        description="States with their country, as in ISO 3166-2: `DE-BY`; the name where a state has no code."
    )
    is_active: bool = strawberry.field(description="Whether sales have its methods; another zone has them if not.")
    created_at: datetime = strawberry.field(description="When staff created it.")
    updated_at: datetime = strawberry.field(description="When it last changed; a change of its methods is none.")
    methods: list[Annotated["ShippingMethod", strawberry.lazy("gateway.graphql.shipping.zones.types")]] = relation(
        "id", load_methods_of_zones, many=True, description="All its methods by position, at most 50."
    )

    @computed
    def postal_codes(self) -> list[ShippingPostalCodes]:
        """Postal codes of countries, by their beginnings or in ranges."""
        stored: Any = self.postal_codes  # the model's own attribute
        return [
            ShippingPostalCodes(
                country=each["country"], prefix=each.get("prefix"), from_=each.get("from"), to=each.get("to")
            )
            for each in stored
        ]


@strawberry.type(
    description=(
        "A band of a shipping method, and what it adds to the price there. The ranges contain their minimum and not "
        "their maximum. Requires SETTINGS:READ."
    )
)
class ShippingRate(Node, model=models.ShippingRate):
    """The shipping domain's ShippingRate."""

    min_weight: Decimal | None = strawberry.field(description="The least weight in kilograms; null is 0.")
    max_weight: Decimal | None = strawberry.field(
        description="The weight in kilograms below which it applies; null for no limit."
    )
    min_amount: Decimal | None = strawberry.field(
        description="The least amount of the goods before discounts; null is 0."
    )
    max_amount: Decimal | None = strawberry.field(
        description="The amount of the goods before discounts below which it applies; null for no limit."
    )
    rate: Decimal = strawberry.field(description="What it adds to the price, in the currency of the method.")
    created_at: datetime = strawberry.field(description="When staff gave the method this rate.")
    updated_at: datetime = strawberry.field(description="The same: changed rates are new ones.")


@strawberry.type(
    description=(
        "A way to ship the goods of a sale. Its price is `basePrice`, plus `pricePerKg` for each kilogram, plus "
        "`pricePerItem` for each unit, plus the rate of the band of its weight and amount. Requires SETTINGS:READ."
    )
)
class ShippingMethod(Node, model=models.ShippingMethod):
    """The shipping domain's ShippingMethod."""

    name: str = strawberry.field(description="The name that buyers see, such as Express.")
    description: str | None = strawberry.field(description="A text for buyers; null when there is none.")
    type: ShippingMethodType = strawberry.field(description="Whether goods are sent or collected.")
    pickup_warehouse_id: UUID | None = strawberry.field(
        description="The id of the warehouse where goods are collected; null unless the type is PICKUP."
    )
    carrier_id: UUID | None = strawberry.field(
        description="The id of the carrier that is asked for prices and labels; null for none."
    )
    carrier: str | None = strawberry.field(description="The code of the carrier that buyers see: `dhl`.")
    service_type: ShippingServiceType = strawberry.field(description="Whether it is faster than the usual delivery.")
    pricing: ShippingPricing = strawberry.field(description="Where its price comes from.")
    currency: CurrencyCode = strawberry.field(description="The currency of its amounts, that of the company.")
    base_price: Decimal = strawberry.field(
        description="The price of a consignment, with tax where prices include it."
    )
    price_per_kg: Decimal = strawberry.field(description="What each kilogram adds; parts of one count as parts.")
    price_per_item: Decimal = strawberry.field(description="What each unit adds.")
    free_from: Decimal | None = strawberry.field(
        description="The amount of the goods before discounts from which it is free; null when it never is."
    )
    min_days: int | None = strawberry.field(description="The fewest working days of a delivery; null if not known.")
    max_days: int | None = strawberry.field(description="The most working days of a delivery; null if not known.")
    min_weight: Decimal | None = strawberry.field(description="The least weight in kilograms; null for no limit.")
    max_weight: Decimal | None = strawberry.field(
        description="The weight in kilograms from which it does not carry goods; null for no limit."
    )
    min_amount: Decimal | None = strawberry.field(
        description="The least amount of the goods before discounts; null for no limit."
    )
    max_amount: Decimal | None = strawberry.field(
        description="The amount of the goods from which it does not carry them; null for no limit."
    )
    position: int = strawberry.field(description="Its place among methods of the same price; lower ones first.")
    is_active: bool = strawberry.field(description="Whether buyers can choose it.")
    configuration: JSON = strawberry.field(description="Values for the carrier, such as the code of its service.")
    created_at: datetime = strawberry.field(description="When staff created it.")
    updated_at: datetime = strawberry.field(description="When it last changed. Orders keep their method and price.")
    zone: ShippingZone = relation(
        "zone_id", load_zones, stable=True, description="The zone whose places it ships to."
    )
    rates: list[ShippingRate] = relation(
        "id",
        load_rates_of_methods,
        many=True,
        description="Its bands, which cover its limits exactly once; empty when its price has none. At most 50.",
    )
    profiles: list[ShippingProfile] = relation(
        "id",
        load_profiles_of_methods,
        many=True,
        description="The shipping profiles that it carries; empty when it carries all.",
    )
