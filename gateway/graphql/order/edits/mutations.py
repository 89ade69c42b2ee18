"""The mutation and the preview of edits of orders, for staff."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Annotated, Any, Self

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.idempotency.outcomes import Outcome
from domains.order.editing.edits import EditedOrder
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, workflow
from gateway.graphql.order.edits.inputs import OrderEditInput, OrderEditPreviewInput, as_new_edit
from gateway.graphql.order.edits.types import OrderEdit, OrderEditPreview
from gateway.graphql.order.mutations import MAY_UPDATE
from gateway.graphql.order.payloads import OrderOutcome
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Refund


@strawberry.type(description="The result of `orderEdit`.")
class OrderEditPayload(OrderOutcome):
    """The order, the edit, and the refunds of what it made too much. Or the errors."""

    edit: OrderEdit | None = strawberry.field(
        default=None, description="The edit; null when the mutation was refused."
    )
    refunds: list[Refund] = strawberry.field(
        default_factory=list,
        description="A refund of each payment that was needed, PENDING while the provider has not answered; empty "
        "when nothing was paid above the new total.",
    )

    @classmethod
    def of(cls, edited: EditedOrder) -> Self:
        """The payload of an edit."""
        payload = cls(order=present(Order, edited.order), edit=present(OrderEdit, edited.edit))
        payload.refunds = [present(Refund, refund) for refund in edited.refunds]
        return payload

    def outcome(self) -> Mapping[str, Any]:
        """The ids of the order, the edit and the refunds."""
        return {
            **super().outcome(),
            "edit_id": self.edit.id if self.edit else None,
            "refund_ids": [refund.id for refund in self.refunds],
        }

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current order and refunds, and the edit."""
        payload = await super().from_outcome(info, input, outcome)
        context, edit_id, ids = info.context, outcome.id("edit_id"), outcome.ids("refund_ids")
        if edit_id is not None:
            edits = await context.services.order.edits.by_id(context.reader, [edit_id])
            payload.edit = present(OrderEdit, edits[0]) if edits else None
        refunds = await context.services.payment.refunds.by_id(context.reader, ids) if ids else []
        payload.refunds = [present(Refund, refund) for refund in sorted(refunds, key=attrgetter("id"))]
        return payload


@strawberry.type
class OrderEditMutation:
    """The edits' fields of Mutation."""

    @workflow(MAY_UPDATE, idempotent=True)
    async def order_edit(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            OrderEditInput, strawberry.argument(description="The order, and what to change of it, all or nothing.")
        ],
    ) -> OrderEditPayload:
        """Change the lines or the address of an order before it is shipped; units that are packed stay.

        What the order costs more is due from the buyer, what was paid above the new total is refunded.
        """
        context = info.context
        edited = await context.services.order.edits.edit(
            attempt, context.actor, input.order_id, as_new_edit(input), refund=input.refund
        )
        return OrderEditPayload.of(edited)


@strawberry.type
class OrderEditQuery:
    """The edits' fields of Query."""

    @query(MAY_UPDATE)
    async def order_edit_preview(
        self,
        info: Info,
        input: Annotated[
            OrderEditPreviewInput, strawberry.argument(description="The order, and what would be changed of it.")
        ],
    ) -> OrderEditPreview:
        """What an edit would make of an order, by the rules of `orderEdit`; nothing is changed or reserved."""
        context = info.context
        edits = context.services.order.edits
        plan = await edits.preview(context.reader, context.actor, input.order_id, as_new_edit(input))
        return OrderEditPreview.of(plan)
