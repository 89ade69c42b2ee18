"""What is done with orders."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.quotas import Quota
from domains.order import models
from domains.order.payments import PaymentData
from domains.payment.errors import PaymentDeclined
from domains.payment.models import PaymentMethod
from gateway.graphql.cart.queries import guest_token
from gateway.graphql.core.attempts import Attempt
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, PUBLIC, command, present, requires, workflow
from gateway.graphql.order import inputs, payloads
from gateway.graphql.order.rate_limit import TotalGuesses
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Refund

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)
MAY_MANAGE = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)
# Guests prove with the order's token that it is theirs; without it the order does not exist for them.
BY_TOKEN = PUBLIC
# Who has a list of stolen card numbers tries them on small orders (OWASP OAT-001).
DECLINED_CARDS = Quota("declined cards", 60, timedelta(hours=1))


@strawberry.type
class OrderMutation:
    """Placing, paying, cancelling, moving on, marking as paid, refunding."""

    @workflow(PUBLIC, idempotent=True, throttle=TotalGuesses())
    async def order_create(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[inputs.OrderCreateInput, strawberry.argument(description="What is ordered, and to where.")],
    ) -> payloads.OrderCreatePayload:
        """Order one's cart at today's prices. Its goods are reserved for as long as the shop allows for paying."""
        orders, actor = info.context.services.order, info.context.actor
        given = input.as_new_order(guest_token(info, input.cart_token))
        ticket = await orders.take_ticket(info.context.db, actor, info.context.request.ip)

        async def place(tx: Tx) -> payloads.OrderCreatePayload:
            placed = await orders.create_order(tx, actor, given, ticket)
            payload = payloads.OrderCreatePayload(order=present(Order, placed.order), order_token=placed.token)
            attempt.keep(tx, payload)
            return payload

        return await attempt.db.run(place, actor)

    @workflow(BY_TOKEN | OWNER | MAY_UPDATE, idempotent=True)
    async def order_pay(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[inputs.OrderPayInput, strawberry.argument(description="Which order, and how.")],
    ) -> payloads.OrderPayPayload:
        """Pay an order by card, or choose to pay it by invoice or cash on delivery.

        Chosen so, it waits until staff accept it, or is accepted at once up to the total that the shop allows.
        After 60 declined cards in an hour from one network address one has to wait.
        """
        context = info.context
        given = PaymentData(
            method=input.method,
            card=input.card.as_card(context.services.order.now()) if input.card else None,
            token=input.order_token,
            attempt=attempt.id,
        )

        def keep(tx: Tx, paid: models.Order) -> None:
            attempt.keep(tx, payloads.OrderPayPayload(order=present(Order, paid)))

        counted = DECLINED_CARDS.counting(
            PaymentDeclined, context.cache, context.actor.company_id, context.request.ip
        )
        async with counted if input.method is PaymentMethod.CARD else nullcontext():
            paid = await context.services.order.process_payment(
                attempt.db, context.actor, input.order_id, given, when_paid=keep
            )
        return payloads.OrderPayPayload(order=present(Order, paid))

    @workflow(BY_TOKEN | OWNER | MAY_UPDATE, idempotent=True)
    async def order_cancel(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[inputs.OrderCancelInput, strawberry.argument(description="Which order, and why.")],
    ) -> payloads.OrderCancelPayload:
        """Call an order off before it is shipped. What was paid goes back, for which staff need ORDERS:MANAGE."""
        context = info.context
        cancelled = await context.services.order.cancel_order(
            attempt.db,
            context.actor,
            input.order_id,
            reason=input.reason,
            token=input.order_token,
            attempt=attempt.id,
        )
        return payloads.OrderCancelPayload(order=present(Order, cancelled))

    @command(MAY_UPDATE)
    async def order_status_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.OrderStatusUpdateInput, strawberry.argument(description="Which order, and to where.")
        ],
    ) -> payloads.OrderStatusUpdatePayload:
        """Move an order on: CONFIRMED, PROCESSING, SHIPPED or DELIVERED."""
        moved = await info.context.services.order.update_status(
            tx,
            info.context.actor,
            input.order_id,
            input.status,
            input.comment,
            tracking_number=input.tracking_number,
        )
        return payloads.OrderStatusUpdatePayload(order=present(Order, moved))

    @command(MAY_MANAGE, idempotent=True)
    async def order_mark_paid(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.OrderMarkPaidInput, strawberry.argument(description="Which order.")],
    ) -> payloads.OrderMarkPaidPayload:
        """Mark an accepted order as paid: its whole total came by transfer or at the door.

        CONFIRMED becomes PAID. An order that is processed, shipped or delivered stays so, and has `paidAt`.
        """
        paid = await info.context.services.order.mark_paid(
            tx, info.context.actor, input.order_id, reference=input.reference
        )
        return payloads.OrderMarkPaidPayload(order=present(Order, paid))

    @workflow(MAY_MANAGE, idempotent=True)
    async def order_refund(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[inputs.OrderRefundInput, strawberry.argument(description="Of which order, and how much.")],
    ) -> payloads.OrderRefundPayload:
        """Give back some of what was paid on an order, or all that is left.

        An order that was not shipped ends when all of it has gone back, and its goods are free again.
        """
        context = info.context
        order, refund = await context.services.order.refund_order(
            attempt.db, context.actor, input.order_id, amount=input.amount, reason=input.reason, attempt=attempt.id
        )
        return payloads.OrderRefundPayload(order=present(Order, order), refund=present(Refund, refund))
