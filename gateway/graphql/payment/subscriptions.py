"""Subscriptions of payments that staff must look at."""

from enum import StrEnum
from typing import Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.payment.events import (
    ChargebackReversed,
    PaymentAuthorizationExpired,
    PaymentCaptureFailed,
    PaymentChargedBack,
)
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import present, requires, subscription
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Payment
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent

MAY_READ = requires(PermissionResource.ORDERS, PermissionAction.READ)


class PaymentAlertType(StrEnum):
    """What happened to a payment."""

    CAPTURE_FAILED = "CAPTURE_FAILED"
    AUTHORIZATION_EXPIRED = "AUTHORIZATION_EXPIRED"
    CHARGED_BACK = "CHARGED_BACK"
    CHARGEBACK_WON = "CHARGEBACK_WON"


describe(
    PaymentAlertType,
    "What happened to a payment that staff must look at.",
    {
        PaymentAlertType.CAPTURE_FAILED: "The provider refused to capture an authorized amount.",
        PaymentAlertType.AUTHORIZATION_EXPIRED: "An authorization ended at the provider before it was captured.",
        PaymentAlertType.CHARGED_BACK: "The buyer's bank took back money; staff answer the dispute at the provider.",
        PaymentAlertType.CHARGEBACK_WON: "The shop won the dispute, and the buyer's bank gave the money back.",
    },
)
TYPES: Final = {
    PaymentCaptureFailed.topic: PaymentAlertType.CAPTURE_FAILED,
    PaymentAuthorizationExpired.topic: PaymentAlertType.AUTHORIZATION_EXPIRED,
    PaymentChargedBack.topic: PaymentAlertType.CHARGED_BACK,
    ChargebackReversed.topic: PaymentAlertType.CHARGEBACK_WON,
}
ALERTS: Final = (PaymentCaptureFailed, PaymentAuthorizationExpired, PaymentChargedBack, ChargebackReversed)
PAYMENT_ALERTS: Final = Channel("payment_alerts", dict.fromkeys(ALERTS))


@strawberry.type(description="A payment that staff must look at: its order is not paid as expected, or is again.")
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
        """Each payment whose capture fails, whose authorization ends before its capture, or that is charged back.

        Null means that events were missed: fetch the orders again.
        """
        services, reader = info.context.services, info.context.reader
        (payment,) = await services.payment.payments_by_id(reader, [event.aggregate_id])
        (order,) = await services.order.orders_by_id(reader, [payment.order_id])
        return PaymentAlert(type=TYPES[event.topic], payment=present(Payment, payment), order=present(Order, order))
