"""The inputs of shipping labels."""

from decimal import Decimal
from uuid import UUID

import strawberry

from gateway.graphql.order.inputs import KEY

SIDE = "in cm, above 0 and at most 1,000, with at most two decimals. Give all three sides, or none."


@strawberry.input(description="The parcel of a label.")
class ShippingParcelInput:
    """Weight and sides."""

    weight: Decimal = strawberry.field(
        description="The weight in kg, above 0 and at most 1,000, with at most three decimals."
    )
    length: Decimal | None = strawberry.field(default=None, description=f"The length {SIDE}")
    width: Decimal | None = strawberry.field(default=None, description=f"The width {SIDE}")
    height: Decimal | None = strawberry.field(default=None, description=f"The height {SIDE}")


@strawberry.input(description="A shipping label to buy for a parcel of an order.")
class ShippingLabelBuyInput:
    """A label."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(
        description="The id of an order that is CONFIRMED, PAID, PROCESSING or SHIPPED. Its shipping address is used."
    )
    carrier_id: UUID = strawberry.field(description="The id of an active carrier that sells labels.")
    service: str = strawberry.field(
        description="The service of the carrier, 1 to 50 characters; those of MOCK are STANDARD, EXPRESS, OVERNIGHT."
    )
    parcel: ShippingParcelInput = strawberry.field(description="The weight and the sides of the parcel.")
    tracking_number: str | None = strawberry.field(
        default=None,
        description="For MANUAL, the tracking number of the label that was made elsewhere, 4 to 64 characters.",
    )
    cost: Decimal | None = strawberry.field(
        default=None, description="For MANUAL, what that label has cost, in the currency of the order."
    )


@strawberry.input(description="The shipping label to void.")
class ShippingLabelVoidInput:
    """A label."""

    idempotency_key: str = strawberry.field(description=KEY)
    label_id: UUID = strawberry.field(description="The id of a PURCHASED label whose parcel was not picked up.")
