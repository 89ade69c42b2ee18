"""Mutations of orders."""

from contextlib import nullcontext
from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.models import CreatedOrder
from domains.order.payments.payments import PaymentData
from domains.payment.models import PaymentMethod
from gateway.graphql.cart.queries import guest_token
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, PUBLIC, command, present, requires, workflow
from gateway.graphql.order import inputs, payloads
from gateway.graphql.order.rate_limit import WrongTotalLimit, counting_declines
from gateway.graphql.order.types import Order
from gateway.graphql.payment.inputs import refuse_card_numbers

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)
MAY_MANAGE = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)
# Guests identify themselves with the token of the order; without it the order does not exist for them.
BY_TOKEN = PUBLIC


@strawberry.type
class OrderMutation:
    """Creating, paying, cancelling, fulfilling and refunding orders."""

    @workflow(PUBLIC, idempotent=True, throttle=WrongTotalLimit())
    async def order_create(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.OrderCreateInput,
            strawberry.argument(description="The addresses, the note and the expected total."),
        ],
    ) -> payloads.OrderCreatePayload:
        """Create an order from the cart at current prices. Its units are reserved until the shop's time limit."""
        orders, actor = info.context.services.order, info.context.actor
        new_order = input.as_new_order(guest_token(info, input.cart_token))
        ticket = await orders.checkout.take_ticket(info.context.db, actor, info.context.request.ip)

        async def create(tx: Tx) -> CreatedOrder:
            attempt.defer_outcome(tx, order_id=ticket.order_id)
            return await orders.create_order(tx, actor, new_order, ticket)

        created = await attempt.begin(create, actor)
        return payloads.OrderCreatePayload(order=present(Order, created.order), order_token=created.token)

    @workflow(BY_TOKEN | OWNER | MAY_UPDATE, idempotent=True, check=refuse_card_numbers)
    async def order_pay(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.OrderPayInput,
            strawberry.argument(description="The order, the payment method and, for CARD, the card."),
        ],
    ) -> payloads.OrderPayPayload:
        """Pay an order by a test card, or choose to pay it by invoice or cash on delivery.

        `paymentCreate` pays by a token or on a page of a provider. With the other two methods the order waits until
        staff accept it, or is accepted at once up to a total that the shop sets. After 60 declined cards in an hour
        from one network address payments from there are refused.
        """
        context = info.context
        payment_data = PaymentData(
            method=input.method,
            instrument=input.card.as_card(context.db.clock.now()) if input.card else None,
            token=input.order_token,
        )
        async with counting_declines(context) if input.method is PaymentMethod.CARD else nullcontext():
            paid = await context.services.order.process_payment(attempt, context.actor, input.order_id, payment_data)
        return payloads.OrderPayPayload(order=present(Order, paid))

    @workflow(BY_TOKEN | OWNER | MAY_UPDATE, idempotent=True)
    async def order_cancel(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.OrderCancelInput, strawberry.argument(description="The order to cancel, and the reason.")
        ],
    ) -> payloads.OrderCancelPayload:
        """Cancel an order before it is shipped. The captured amount is refunded; staff need ORDERS:MANAGE for it."""
        context = info.context
        cancelled = await context.services.order.cancel_order(
            attempt, context.actor, input.order_id, reason=input.reason, token=input.order_token
        )
        return payloads.OrderCancelPayload(order=present(Order, cancelled))

    @command(MAY_UPDATE)
    async def order_status_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.OrderStatusUpdateInput,
            strawberry.argument(description="The order with the status to set and a comment for its history."),
        ],
    ) -> payloads.OrderStatusUpdatePayload:
        """Accept (CONFIRMED), process, ship or deliver an order. Other statuses follow from payments and refunds."""
        updated = await info.context.services.order.update_status(
            tx,
            info.context.actor,
            input.order_id,
            input.status,
            input.comment,
            tracking_number=input.tracking_number,
        )
        return payloads.OrderStatusUpdatePayload(order=present(Order, updated))

    @command(MAY_MANAGE, idempotent=True)
    async def order_mark_paid(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.OrderMarkPaidInput,
            strawberry.argument(description="The order that was paid outside the platform."),
        ],
    ) -> payloads.OrderMarkPaidPayload:
        """Mark an order as paid: its total was paid by bank transfer or in cash.

        PENDING and CONFIRMED become PAID. An order that is processed, shipped or delivered keeps its status, and its
        payment status becomes PAID.
        """
        paid = await info.context.services.order.manual_payments.mark_paid(
            tx, info.context.actor, input.order_id, reference=input.reference
        )
        return payloads.OrderMarkPaidPayload(order=present(Order, paid))

    @workflow(MAY_MANAGE, idempotent=True)
    async def order_refund(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.OrderRefundInput,
            strawberry.argument(
                description="An amount; lines, shipping and an adjustment; or else all that is left."
            ),
        ],
    ) -> payloads.OrderRefundPayload:
        """Refund lines, shipping or an amount of an order, or all that is left.

        A complete refund of an order that was not shipped ends the order and releases its units. Refunds return money
        and move no stock otherwise.
        """
        context = info.context
        order, refunds = await context.services.order.refunds.refund(
            attempt, context.actor, input.order_id, input.as_new_refund()
        )
        return payloads.OrderRefundPayload.of(order, refunds)
