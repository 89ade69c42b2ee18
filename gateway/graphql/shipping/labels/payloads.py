"""The payloads of shipping labels, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.shipping.carriers.models import ShippingLabel as LabelModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.shipping.labels.types import ShippingLabel


@strawberry.type(description="The payload of a mutation of one label.")
class LabelOutcome:
    """The common fields of payloads of one label. Not a type of the API itself."""

    label: ShippingLabel | None = strawberry.field(
        default=None, description="The label afterwards; null when the request was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the request was refused; empty on success."
    )

    @classmethod
    def of(cls, label: LabelModel) -> Self:
        """The payload of a label."""
        return cls(label=present(ShippingLabel, label))

    def outcome(self) -> Mapping[str, Any]:
        """The label's id."""
        return {"label_id": self.label.id if self.label else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The label as it is now."""
        del input
        label_id = outcome.id("label_id")
        if label_id is None:
            return cls()
        context = info.context
        labels = await context.services.shipping.labels.find_many(context.reader, [label_id])
        return cls.of(labels[0]) if labels else cls()


@strawberry.type(
    description=(
        "The result of `shippingLabelBuy`. While the carrier has not answered the label is PENDING; it is asked "
        "again and never sells a second one."
    )
)
class ShippingLabelBuyPayload(LabelOutcome):
    """The label, PURCHASED when the carrier has sold it. Or the errors."""


@strawberry.type(
    description=(
        "The result of `shippingLabelVoid`. While the carrier has not answered the label stays PURCHASED; it is "
        "asked again."
    )
)
class ShippingLabelVoidPayload(LabelOutcome):
    """The label, VOIDED when the carrier has taken it back. Or the errors."""
