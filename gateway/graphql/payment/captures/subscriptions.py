"""Subscriptions of payments that staff must look at."""

from enum import StrEnum
from typing import Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.payment.events import PaymentAuthorizationExpired, PaymentCaptureFailed
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present, requires, subscription
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Payment
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

MAY_READ = requires(PermissionResource.ORDERS, PermissionAction.READ)
PAYMENT_ALERTS: Final = Channel("payment_alerts", dict.fromkeys((PaymentCaptureFailed, PaymentAuthorizationExpired)))


class PaymentAlertType(StrEnum):
    """What happened to a payment."""

    CAPTURE_FAILED = "CAPTURE_FAILED"
    AUTHORIZATION_EXPIRED = "AUTHORIZATION_EXPIRED"


describe(
    PaymentAlertType,
    "What happened to a payment that staff must look at.",
    {
        PaymentAlertType.CAPTURE_FAILED: "The provider refused to capture an authorized amount.",
        PaymentAlertType.AUTHORIZATION_EXPIRED: "An authorization ended at the provider before it was captured.",
    },
)
TYPES: Final = {
    PaymentCaptureFailed.topic: PaymentAlertType.CAPTURE_FAILED,
    PaymentAuthorizationExpired.topic: PaymentAlertType.AUTHORIZATION_EXPIRED,
}


@strawberry.type(description="A payment that staff must look at: its order is not paid as expected.")
class PaymentAlert:
    """What happened, with the payment and its order."""

    type: PaymentAlertType = strawberry.field(description="Why staff must look at the payment.")
    payment: Payment = strawberry.field(description="The payment as it is now.")
    order: Order = strawberry.field(description="The payment's order as it is now; it may be paid again already.")


@strawberry.type
class PaymentAlertSubscription:
    """The payment domain's fields of Subscription."""

    @subscription(MAY_READ, channel=PAYMENT_ALERTS)
    async def payment_alert(self, info: Info, event: LiveEvent) -> PaymentAlert | None:
        """Each payment whose capture fails, or whose authorization ends before its capture.

        Null means that events were missed: fetch the orders again.
        """
        services, reader = info.context.services, info.context.reader
        (payment,) = await services.payment.payments_by_id(reader, [event.aggregate_id])
        (order,) = await services.order.orders_by_id(reader, [payment.order_id])
        return PaymentAlert(type=TYPES[event.topic], payment=present(Payment, payment), order=present(Order, order))
