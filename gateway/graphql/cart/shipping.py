"""Shipping of carts in the API: the options, the method that applies, and why there is none."""

from uuid import UUID

import strawberry

from domains.cart.shipping import models
from domains.cart.shipping.problems import ShippingProblem, ShippingProblemCode
from domains.kernel.values.money import Money as KernelMoney
from domains.shipping.models import ShippingMethodType, ShippingServiceType
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present
from gateway.graphql.core.scalars import Money
from gateway.graphql.shipping import enums as _enums  # noqa: F401 - ShippingMethodType must be a GraphQL enum first
from gateway.graphql.shipping.delivery_dates import DeliveryDates, delivery_dates_of
from gateway.graphql.shipping.pickup_locations import PICKUP_LOCATION, PickupLocation

describe(
    ShippingProblemCode,
    "Why no shipping method applies to a cart. An order of the cart is refused with this code.",
    {
        ShippingProblemCode.SHIPPING_UNAVAILABLE: "No method ships these goods to this place.",
        ShippingProblemCode.SHIPPING_METHOD_REQUIRED: "Methods exist, but the buyer must choose one.",
        ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE: (
            "The chosen method is not offered for this place, or no longer."
        ),
        ShippingProblemCode.SHIPPING_METHOD_UNSUITABLE: (
            "The chosen method does not carry these goods: their weight, their amount or one of their profiles."
        ),
        ShippingProblemCode.SHIPPING_RATE_OUTDATED: (
            "The price of the carrier is over thirty minutes old, or was for other goods or another place."
        ),
    },
    name="CartShippingProblemCode",
)


@strawberry.type(description="Why no shipping method applies to a cart.")
class CartShippingProblem:
    """A problem that the buyer can solve."""

    code: ShippingProblemCode = strawberry.field(
        description="Why no method applies; an order of the cart is refused with the same code."
    )
    message: str = strawberry.field(description="What is wrong and what to do, a sentence for the buyer.")


@strawberry.type(description="A shipping method that carries the goods of a cart to a place.")
class CartShippingOption:
    """A method, its price and its estimated days."""

    method_id: UUID | None = strawberry.field(
        description="The id of the method, for `cartShippingMethodSet`; null where the shop has no shipping zones."
    )
    name: str = strawberry.field(description="The name of the method for the buyer.")
    carrier: str | None = strawberry.field(description="The code of the carrier; null when the method names none.")
    service_type: ShippingServiceType = strawberry.field(description="The speed of the delivery.")
    type: ShippingMethodType = strawberry.field(description="Whether the goods are sent, or collected by the buyer.")
    price: Money | None = strawberry.field(
        description=(
            "The price before discounts; it contains the tax where the prices of the shop do. Null when the carrier "
            "has not quoted one."
        )
    )
    total: Money | None = strawberry.field(
        description="The price with tax, before discounts; null when the carrier has not quoted one."
    )
    estimated_delivery_date: DeliveryDates | None = strawberry.field(
        description=(
            "When goods that are in stock arrive if they are ordered now; null when the method has no estimate. "
            "Units on backorder arrive later: see `CartItem.availability`."
        )
    )
    pickup_warehouse_id: UUID | None = strawberry.field(
        description="The id of the warehouse at which the goods are collected; null when they are sent."
    )
    pickup_location: PickupLocation | None = PICKUP_LOCATION
    note: str | None = strawberry.field(
        description="Why there is no price, a sentence for the buyer; null when there is one."
    )


@strawberry.type(description="The shipping methods that carry the goods of a cart to a place.")
class CartShippingOptions:
    """The options, or why there are none."""

    requires_shipping: bool = strawberry.field(
        description="Whether the cart has goods that are shipped; gift cards and digital goods are not."
    )
    options: list[CartShippingOption] = strawberry.field(
        description="The methods, the cheapest first; those without a price are last."
    )
    problem: CartShippingProblem | None = strawberry.field(
        description="Why there is no option; null when there is one, and when nothing is to be shipped."
    )


def options_of(found: models.CartShippingOptions) -> CartShippingOptions:
    """The options in the API."""
    return CartShippingOptions(
        requires_shipping=found.is_shipped,
        options=[_option(each) for each in found.options],
        problem=problem_of(found.problem),
    )


def option_of(found: models.CartShippingOption | None) -> CartShippingOption | None:
    """An option in the API."""
    return None if found is None else _option(found)


def problem_of(problem: ShippingProblem | None) -> CartShippingProblem | None:
    """A problem in the API."""
    return None if problem is None else CartShippingProblem(code=problem.code, message=problem.message)


def _option(found: models.CartShippingOption) -> CartShippingOption:
    option = found.option
    return CartShippingOption(
        method_id=option.method_id,
        name=option.name,
        carrier=option.carrier,
        service_type=option.service_type,
        type=option.type,
        price=_money(found.price),
        total=_money(found.total),
        estimated_delivery_date=delivery_dates_of(found.dates),
        pickup_warehouse_id=option.pickup_warehouse_id,
        note=found.note,
    )


def _money(amount: KernelMoney | None) -> Money | None:
    return None if amount is None else present(Money, amount)
