"""Inputs of the mutations of shipping methods."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry import UNSET

from domains.shipping import models
from domains.shipping.models import (
    NewShippingMethod,
    ShippingMethodChanges,
    ShippingMethodType,
    ShippingPricing,
    ShippingServiceType,
)
from gateway.graphql.core.fields import from_input
from gateway.graphql.core.scalars import JSON
from gateway.graphql.shipping.zones import types  # noqa: F401 - it describes the enums used here

NAME = "The name that buyers see, 1 to 255 characters."
DESCRIPTION = "A text for buyers, at most 1,000 characters; null for none."
TYPE = "Whether goods are sent or collected. PICKUP needs `pickupWarehouseId` and has its own prices."
WAREHOUSE = "The id of an active pick-up point where goods are collected, for PICKUP; null otherwise."
CARRIER_ID = "The id of the carrier that is asked for prices and labels; null for none."
CARRIER = "The code of the carrier that buyers see: `dhl`. 1 to 50 letters, digits, `-` and `_`; null for none."
SERVICE = "Whether it is faster than the usual delivery."
PRICING = "Where its price comes from. CARRIER needs `carrierId`."
BASE = "The price of a consignment in the company's currency, with tax where prices include it."
PER_KG = "What each kilogram adds."
PER_ITEM = "What each unit adds."
FREE_FROM = "The amount of the goods before discounts from which it is free; null for never."
MIN_DAYS = "The fewest working days of a delivery, 0 to 365; with `maxDays`, or neither."
MAX_DAYS = "The most working days of a delivery, 0 to 365."
MIN_WEIGHT = "The least weight in kilograms, at most three decimals; null for no limit."
MAX_WEIGHT = "The weight in kilograms from which it does not carry goods; null for no limit."
MIN_AMOUNT = "The least amount of the goods before discounts; null for no limit."
MAX_AMOUNT = "The amount of the goods from which it does not carry them; null for no limit."
POSITION = "Its place among methods of the same price, from 0; lower ones first."
IS_ACTIVE = "Whether buyers can choose it."
CONFIGURATION = "Values for the carrier: a JSON object of at most 20 texts, numbers and booleans."
RATES = (
    "Bands that cover the limits of the method exactly once, at most 50, in the order in which they are shown; none "
    "for a price that depends on no band."
)
PROFILES = "The ids of the shipping profiles that it carries, at most 100; none for all."


@strawberry.input(
    description=(
        "A band of weights and amounts. Ranges contain their minimum and not their maximum, so that the next band "
        "can begin with it."
    )
)
class ShippingRateInput:
    """A band and its rate."""

    rate: Decimal = strawberry.field(description="What it adds to the price, in the company's currency.")
    min_weight: Decimal | None = strawberry.field(
        default=None, description="The least weight in kilograms; null is 0."
    )
    max_weight: Decimal | None = strawberry.field(
        default=None, description="The weight in kilograms below which it applies; null for no limit."
    )
    min_amount: Decimal | None = strawberry.field(
        default=None, description="The least amount of the goods before discounts; null is 0."
    )
    max_amount: Decimal | None = strawberry.field(
        default=None, description="The amount of the goods below which it applies; null for no limit."
    )


@strawberry.input(description="A shipping method to create.")
class ShippingMethodCreateInput:
    """A new method."""

    zone_id: UUID = strawberry.field(description="The id of the zone whose places it ships to.")
    name: str = strawberry.field(description=NAME)
    description: str | None = strawberry.field(default=None, description=DESCRIPTION)
    type: ShippingMethodType = strawberry.field(default=ShippingMethodType.DELIVERY, description=TYPE)
    pickup_warehouse_id: UUID | None = strawberry.field(default=None, description=WAREHOUSE)
    carrier_id: UUID | None = strawberry.field(default=None, description=CARRIER_ID)
    carrier: str | None = strawberry.field(default=None, description=CARRIER)
    service_type: ShippingServiceType = strawberry.field(default=ShippingServiceType.STANDARD, description=SERVICE)
    pricing: ShippingPricing = strawberry.field(default=ShippingPricing.TABLE, description=PRICING)
    base_price: Decimal = strawberry.field(default=Decimal(0), description=BASE)
    price_per_kg: Decimal = strawberry.field(default=Decimal(0), description=PER_KG)
    price_per_item: Decimal = strawberry.field(default=Decimal(0), description=PER_ITEM)
    free_from: Decimal | None = strawberry.field(default=None, description=FREE_FROM)
    min_days: int | None = strawberry.field(default=None, description=MIN_DAYS)
    max_days: int | None = strawberry.field(default=None, description=MAX_DAYS)
    min_weight: Decimal | None = strawberry.field(default=None, description=MIN_WEIGHT)
    max_weight: Decimal | None = strawberry.field(default=None, description=MAX_WEIGHT)
    min_amount: Decimal | None = strawberry.field(default=None, description=MIN_AMOUNT)
    max_amount: Decimal | None = strawberry.field(default=None, description=MAX_AMOUNT)
    position: int = strawberry.field(default=0, description=POSITION)
    is_active: bool = strawberry.field(default=True, description=IS_ACTIVE)
    configuration: JSON | None = strawberry.field(default=UNSET, description=CONFIGURATION)
    rates: list[ShippingRateInput] = strawberry.field(default_factory=list, description=RATES)
    profile_ids: list[UUID] = strawberry.field(default_factory=list, description=PROFILES)


@strawberry.input(
    description=(
        "Changes to a shipping method, whose zone stays. Omitted fields do not change; null is refused where a new "
        "method has a default."
    )
)
class ShippingMethodUpdateInput:
    """A method and its changes."""

    id: UUID = strawberry.field(description="The id of the shipping method to change.")
    name: str | None = strawberry.field(default=UNSET, description=NAME)
    description: str | None = strawberry.field(default=UNSET, description=DESCRIPTION)
    type: ShippingMethodType | None = strawberry.field(default=UNSET, description=TYPE)
    pickup_warehouse_id: UUID | None = strawberry.field(default=UNSET, description=WAREHOUSE)
    carrier_id: UUID | None = strawberry.field(default=UNSET, description=CARRIER_ID)
    carrier: str | None = strawberry.field(default=UNSET, description=CARRIER)
    service_type: ShippingServiceType | None = strawberry.field(default=UNSET, description=SERVICE)
    pricing: ShippingPricing | None = strawberry.field(default=UNSET, description=PRICING)
    base_price: Decimal | None = strawberry.field(default=UNSET, description=BASE)
    price_per_kg: Decimal | None = strawberry.field(default=UNSET, description=PER_KG)
    price_per_item: Decimal | None = strawberry.field(default=UNSET, description=PER_ITEM)
    free_from: Decimal | None = strawberry.field(default=UNSET, description=FREE_FROM)
    min_days: int | None = strawberry.field(default=UNSET, description=MIN_DAYS)
    max_days: int | None = strawberry.field(default=UNSET, description=MAX_DAYS)
    min_weight: Decimal | None = strawberry.field(default=UNSET, description=MIN_WEIGHT)
    max_weight: Decimal | None = strawberry.field(default=UNSET, description=MAX_WEIGHT)
    min_amount: Decimal | None = strawberry.field(default=UNSET, description=MIN_AMOUNT)
    max_amount: Decimal | None = strawberry.field(default=UNSET, description=MAX_AMOUNT)
    position: int | None = strawberry.field(default=UNSET, description=POSITION)
    is_active: bool | None = strawberry.field(default=UNSET, description=IS_ACTIVE)
    configuration: JSON | None = strawberry.field(default=UNSET, description=CONFIGURATION)
    rates: list[ShippingRateInput] | None = strawberry.field(default=UNSET, description=RATES)
    profile_ids: list[UUID] | None = strawberry.field(default=UNSET, description=PROFILES)


@strawberry.input(description="The shipping method to delete.")
class ShippingMethodDeleteInput:
    """A method."""

    id: UUID = strawberry.field(description="The id of the shipping method to delete. Orders keep theirs.")


def new_method(input: ShippingMethodCreateInput) -> NewShippingMethod:
    """The new method as the domain takes it."""
    new = from_input(NewShippingMethod, input)
    if input.rates:
        new["rates"] = _rates(input.rates)
    return new


def method_changes(input: ShippingMethodUpdateInput) -> ShippingMethodChanges:
    """The set fields as the domain's changes."""
    changes = from_input(ShippingMethodChanges, input, exclude=("id",))
    if input.rates:
        changes["rates"] = _rates(input.rates)
    return changes


def _rates(given: Sequence[ShippingRateInput]) -> list[models.ShippingRateInput]:
    return [from_input(models.ShippingRateInput, rate) for rate in given]
