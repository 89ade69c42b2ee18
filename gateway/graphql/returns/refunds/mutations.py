"""Mutations that refund returns, for staff."""

from typing import Annotated

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import requires, workflow
from gateway.graphql.returns.refunds import inputs, payloads

MAY_MANAGE = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)


@strawberry.type
class ReturnRefundMutation:
    """Refunds and exchanges of returns."""

    @workflow(MAY_MANAGE, idempotent=True)
    async def return_refund(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.ReturnRefundInput,
            strawberry.argument(description="The return, the units, the fee and where the money goes."),
        ],
    ) -> payloads.ReturnRefundPayload:
        """Refund goods of a return that came, less a fee, in parts or at once. Goods and stock do not change.

        The return is PROCESSED when nothing is left to refund. A refund that the provider refuses is FAILED, and its
        units can be refunded again.
        """
        context = info.context
        made = await context.services.returns.refunds.refund(
            attempt, context.actor, input.return_request_id, input.as_new()
        )
        return payloads.ReturnRefundPayload.of(made)

    @workflow(MAY_MANAGE, idempotent=True)
    async def return_exchange(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.ReturnExchangeInput,
            strawberry.argument(description="The return, its units, and the goods that replace them."),
        ],
    ) -> payloads.ReturnExchangePayload:
        """Replace goods of a return by a new order for the same buyer, which their value pays.

        What the new order does not cost is refunded. What it costs more is due: `paymentCreate` or `orderMarkPaid`
        pay it in the shop's time limit, otherwise the order fails and gives its value back.
        """
        context = info.context
        made = await context.services.returns.refunds.refund(
            attempt, context.actor, input.return_request_id, input.as_new()
        )
        return payloads.ReturnExchangePayload.of(made)
