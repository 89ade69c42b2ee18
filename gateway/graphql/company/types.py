"""Companies as the API shows them: to everybody as the shop, to its staff with all settings."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.kernel.money import Money as KernelMoney
from domains.kernel.money import decimals_of
from gateway.graphql.fields import computed, present
from gateway.graphql.scalars import CurrencyCode, Money


@strawberry.type(description="The company that a request is for, as its customers know it.")
class Shop:
    """What is public of the company domain's Company."""

    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="What a request names it by.")
    currency: CurrencyCode = strawberry.field(description="The currency of all its prices.")
    tax_rate: Decimal = strawberry.field(description="The rate of tax on its sales, a fraction: 0.19 is 19 %.")
    prices_include_tax: bool = strawberry.field(description="Whether prices are shown with tax in them.")
    time_zone: str = strawberry.field(description="Where its days begin and end, by its IANA name: Europe/Berlin.")

    @computed
    def unit_price_decimals(self) -> int:
        """How many decimals a unit price may have. What is paid is rounded to the currency's minor unit, by line."""
        return decimals_of(self.currency, self.unit_price_decimals)

    @computed
    def flat_shipping(self) -> Money:
        """What shipping costs, however much is bought."""
        return present(Money, KernelMoney(self.flat_shipping, self.currency))

    @computed
    def free_shipping_threshold(self) -> Money | None:
        """From which total on shipping is free; null when it never is."""
        if self.free_shipping_threshold is None:
            return None
        return present(Money, KernelMoney(self.free_shipping_threshold, self.currency))


@strawberry.type(description="A company that sells, with all its settings.")
class Company(Shop):
    """The company domain's Company."""

    id: UUID = strawberry.field(description="Its id.")
    order_number_pattern: str = strawberry.field(
        description="How its orders are numbered: {number} or {number:06}, with {year}, {month} and {day} at will."
    )
    is_active: bool = strawberry.field(description="Whether requests are served in its name.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
