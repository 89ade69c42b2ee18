"""Why the goods of a cart cannot be shipped as their buyer wants; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domains.cart.shipping.errors import (
    ShippingMethodRequired,
    ShippingMethodUnavailable,
    ShippingMethodUnsuitable,
    ShippingRateOutdated,
    ShippingUnavailable,
)
from domains.kernel.errors import NotAllowed
from domains.shipping.models import Consignment, SaleShipping, ShippingPricing


class ShippingProblemCode(StrEnum):
    """Why there is no shipping method for the goods of a cart."""

    SHIPPING_UNAVAILABLE = "SHIPPING_UNAVAILABLE"
    SHIPPING_METHOD_REQUIRED = "SHIPPING_METHOD_REQUIRED"
    SHIPPING_METHOD_UNAVAILABLE = "SHIPPING_METHOD_UNAVAILABLE"
    SHIPPING_METHOD_UNSUITABLE = "SHIPPING_METHOD_UNSUITABLE"
    SHIPPING_RATE_OUTDATED = "SHIPPING_RATE_OUTDATED"


MESSAGES: Final[Mapping[ShippingProblemCode, str]] = {
    ShippingProblemCode.SHIPPING_UNAVAILABLE: (
        "Nothing ships these goods to this place. Choose another place, or remove goods from the cart."
    ),
    ShippingProblemCode.SHIPPING_METHOD_REQUIRED: "No method applies without a choice. Choose one of the options.",
    ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE: (
        "The chosen shipping method is not offered for this place. Choose another one, or remove the choice."
    ),
    ShippingProblemCode.SHIPPING_METHOD_UNSUITABLE: (
        "The chosen shipping method does not carry these goods. Choose another one, or remove the choice."
    ),
    ShippingProblemCode.SHIPPING_RATE_OUTDATED: (
        "The carrier's price no longer holds for these goods and this place. Choose the shipping method again."
    ),
}
NOT_COLLECTED: Final = (
    "Goods are not collected at this pick-up point any more. Choose another shipping method, or remove the choice."
)
ERRORS: Final[Mapping[ShippingProblemCode, Callable[..., NotAllowed]]] = {
    ShippingProblemCode.SHIPPING_UNAVAILABLE: ShippingUnavailable,
    ShippingProblemCode.SHIPPING_METHOD_REQUIRED: ShippingMethodRequired,
    ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE: ShippingMethodUnavailable,
    ShippingProblemCode.SHIPPING_METHOD_UNSUITABLE: ShippingMethodUnsuitable,
    ShippingProblemCode.SHIPPING_RATE_OUTDATED: ShippingRateOutdated,
}


@dataclass(frozen=True, slots=True)
class ShippingProblem:
    """Why there is no shipping method, and what the buyer can do."""

    code: ShippingProblemCode
    message: str

    @classmethod
    def of(cls, code: ShippingProblemCode) -> "ShippingProblem":
        """The problem of a code."""
        return cls(code, MESSAGES[code])

    def error(self, field: tuple[str, ...] = ("method_id",)) -> NotAllowed:
        """The error that refuses an order with this problem."""
        return ERRORS[self.code](self.message, field=field)


def problem_of(shipping: SaleShipping, consignment: Consignment | None) -> ShippingProblem | None:
    """The problem of goods; None if a method carries them, and without goods to ship."""
    if consignment is None or shipping.option(consignment) is not None:
        return None
    if shipping.chosen_id is None:
        if shipping.options(consignment):
            return ShippingProblem.of(ShippingProblemCode.SHIPPING_METHOD_REQUIRED)
        return ShippingProblem.of(ShippingProblemCode.SHIPPING_UNAVAILABLE)
    return _problem_of_choice(shipping, consignment)


def _problem_of_choice(shipping: SaleShipping, consignment: Consignment) -> ShippingProblem:
    """Why the chosen method has no price for goods."""
    chosen = next((method for method in shipping.methods if method.id == shipping.chosen_id), None)
    if chosen is None:
        return ShippingProblem.of(ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE)
    if chosen.is_closed:
        return ShippingProblem(ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE, NOT_COLLECTED)
    if chosen.pricing is ShippingPricing.CARRIER and chosen.carries(consignment):
        return ShippingProblem.of(ShippingProblemCode.SHIPPING_RATE_OUTDATED)
    return ShippingProblem.of(ShippingProblemCode.SHIPPING_METHOD_UNSUITABLE)
