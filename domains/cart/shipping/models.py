"""Models of shipping at the checkout: the options of a cart, and what applies to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domains.cart.shipping.problems import ShippingProblem
from domains.kernel.values.money import Money
from domains.shipping.delivery_dates import DeliveryDates
from domains.shipping.models import ShippingOption


@dataclass(frozen=True, slots=True)
class CartShippingOption:
    """A shipping method that carries the goods of a cart to a place.

    `price` is before discounts, with the tax in it where the prices of the sale have it; `total` is with tax. Both
    are None when the carrier has not quoted a price; `note` says so. `dates` are None where the method has no
    estimate.
    """

    option: ShippingOption
    price: Money | None
    total: Money | None
    dates: DeliveryDates | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CartShippingOptions:
    """The shipping options of a cart, the cheapest first; without any, `problem` says why."""

    options: Sequence[CartShippingOption]
    is_shipped: bool
    problem: ShippingProblem | None


@dataclass(frozen=True, slots=True)
class AppliedShipping:
    """The shipping of a cart: the chosen method or the default one, or why there is none."""

    is_shipped: bool
    option: CartShippingOption | None
    problem: ShippingProblem | None
