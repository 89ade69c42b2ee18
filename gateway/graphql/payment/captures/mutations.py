"""Mutations of authorized payments."""

from typing import Annotated

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import requires, workflow
from gateway.graphql.payment.captures import inputs, payloads

MAY_MANAGE = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)


@strawberry.type
class CaptureMutation:
    """Capturing and voiding payments."""

    @workflow(MAY_MANAGE, idempotent=True)
    async def payment_capture(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.PaymentCaptureInput, strawberry.argument(description="The payment to capture and the amount.")
        ],
    ) -> payloads.PaymentCapturePayload:
        """Capture an authorized payment, in whole or in part. It is captured once; the rest is released.

        After a capture of a part the order is PARTIALLY_PAID, and the rest can be paid by another payment.
        """
        context = info.context
        order, payment = await context.services.order.captures.capture(
            attempt, context.actor, input.payment_id, amount=input.amount
        )
        return payloads.PaymentCapturePayload.of(order, payment)

    @workflow(MAY_MANAGE, idempotent=True)
    async def payment_void(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.PaymentVoidInput, strawberry.argument(description="The payment to void, and the reason.")
        ],
    ) -> payloads.PaymentVoidPayload:
        """Void a payment that has captured nothing: the provider releases what it holds.

        The order can be paid again. It stays accepted when an authorization accepted it. A captured payment is
        refunded with `orderRefund`.
        """
        context = info.context
        order, payment = await context.services.order.captures.void(
            attempt, context.actor, input.payment_id, reason=input.reason
        )
        return payloads.PaymentVoidPayload.of(order, payment)
