"""Mutations of labels of returns, by staff."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.shipping.carriers.models import NewLabel
from domains.shipping.carriers.requests import Parcel
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import workflow
from gateway.graphql.order.inputs import KEY
from gateway.graphql.returns.mutations import MAY_UPDATE
from gateway.graphql.returns.payloads import ReturnOutcome
from gateway.graphql.shipping.labels.inputs import ShippingParcelInput


@strawberry.input(description="A label to buy for an approved return.")
class ReturnLabelBuyInput:
    """A label."""

    idempotency_key: str = strawberry.field(description=KEY)
    return_request_id: UUID = strawberry.field(
        description="The id of an APPROVED return. The parcel comes from the shipping address of its order."
    )
    carrier_id: UUID = strawberry.field(description="The id of an active carrier that sells labels.")
    service: str = strawberry.field(description="The service of the carrier, 1 to 50 characters.")
    parcel: ShippingParcelInput = strawberry.field(description="The weight and the sides of the parcel.")
    tracking_number: str | None = strawberry.field(
        default=None,
        description="For MANUAL, the tracking number of the label that was made elsewhere, 4 to 64 characters.",
    )
    cost: Decimal | None = strawberry.field(
        default=None, description="For MANUAL, what that label has cost, in the currency of the company."
    )

    def as_new(self) -> NewLabel:
        """The domain's NewLabel."""
        sides = (self.parcel.weight, self.parcel.length, self.parcel.width, self.parcel.height)
        return NewLabel(
            carrier_id=self.carrier_id,
            service=self.service,
            parcel=Parcel(*sides),
            tracking_number=self.tracking_number,
            cost=self.cost,
        )


@strawberry.type(
    description=(
        "The result of `returnLabelBuy`. While the carrier has not answered the authorization has no tracking "
        "number; the carrier is asked again and never sells a second label."
    )
)
class ReturnLabelBuyPayload(ReturnOutcome):
    """The return request, or the errors."""


@strawberry.type
class ReturnLabelMutation:
    """Labels that the shop buys for goods that come back."""

    @workflow(MAY_UPDATE, idempotent=True)
    async def return_label_buy(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            ReturnLabelBuyInput,
            strawberry.argument(description="The return, the carrier with its service, and the parcel."),
        ],
    ) -> ReturnLabelBuyPayload:
        """Buy a label from a carrier for the parcel of an approved return, which the buyer prints.

        A return has one label; `shippingLabelVoid` voids it before another one is bought.
        """
        context = info.context
        request = await context.services.returns.labels.buy(
            attempt, context.actor, input.return_request_id, input.as_new()
        )
        return ReturnLabelBuyPayload.of(request)
