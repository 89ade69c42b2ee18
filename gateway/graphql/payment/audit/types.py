"""The GraphQL type of entries of the audit log of payments."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.payment import models
from domains.payment.models import PaymentAuditEvent
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.types import SEES_USERS

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

MANAGES_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.MANAGE)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]

describe(
    PaymentAuditEvent,
    "An act on the money of a company.",
    {
        PaymentAuditEvent.PAYMENT_CREATED: "An attempt to pay an order was begun.",
        PaymentAuditEvent.PAYMENT_RECORDED: "Staff recorded money that was received outside a provider.",
        PaymentAuditEvent.PAYMENT_REQUIRES_ACTION: "The provider waits for the buyer, as for 3-D Secure.",
        PaymentAuditEvent.PAYMENT_AUTHORIZED: "The provider reserved the amount.",
        PaymentAuditEvent.PAYMENT_SUCCEEDED: "The provider captured the amount.",
        PaymentAuditEvent.PAYMENT_FAILED: "The provider declined; `error` has the reason.",
        PaymentAuditEvent.PAYMENT_CANCELLED: "The attempt was ended: nothing was taken, or all was given back.",
        PaymentAuditEvent.CAPTURE_REQUESTED: "A capture of an authorized amount was requested.",
        PaymentAuditEvent.CANCELLATION_REQUESTED: "A void of a payment was requested.",
        PaymentAuditEvent.REFUND_REQUESTED: "An amount is to be given back.",
        PaymentAuditEvent.REFUND_SUCCEEDED: "The provider gave an amount back.",
        PaymentAuditEvent.REFUND_FAILED: "The provider refused to give an amount back; `error` has the reason.",
        PaymentAuditEvent.CHARGEBACK: "The buyer's bank took an amount back after a dispute.",
        PaymentAuditEvent.ACCOUNT_UPDATED: "The account at a provider was changed; `details` names what.",
        PaymentAuditEvent.WEBHOOK_REPLAYED: "Staff had a webhook handled again.",
        PaymentAuditEvent.METHOD_SAVED: "A customer's payment method was saved at a provider.",
        PaymentAuditEvent.METHOD_FORGOTTEN: "A customer's saved payment method was deleted.",
        PaymentAuditEvent.GIFT_CARD_ISSUED: "A gift card was issued; `details` names it.",
        PaymentAuditEvent.GIFT_CARD_UPDATED: "The expiry or the note of a gift card was changed.",
        PaymentAuditEvent.GIFT_CARD_DISABLED: "A gift card can no longer be spent.",
        PaymentAuditEvent.GIFT_CARD_ENABLED: "A disabled gift card can be spent again.",
        PaymentAuditEvent.GIFT_CARD_ADJUSTED: "The balance of a gift card was changed, down by a negative amount.",
        PaymentAuditEvent.GIFT_CARD_EXPIRED: "A gift card expired with a balance, which the shop keeps.",
        PaymentAuditEvent.STORE_CREDIT_ADJUSTED: (
            "Store credit was issued, or deducted by a negative amount; `details` names it."
        ),
    },
)


def _amount(root: Any) -> Money | None:
    """The amount that was acted on; null for what has none, such as a change of an account."""
    return None if root.amount is None else present(Money, KernelMoney(root.amount, root.currency))


@strawberry.type(
    description=(
        "An act on money: who did it, what to, and with what result. Entries are never changed or deleted. Requires "
        "ORDERS:MANAGE."
    )
)
class PaymentAuditLog(Node, model=models.PaymentAuditLog):
    """The payment domain's PaymentAuditLog."""

    currency: strawberry.Private[str | None]

    event_type: PaymentAuditEvent = strawberry.field(description="What was done or happened at the provider.")
    actor_kind: ActorKind = strawberry.field(
        description="Whether a user, a guest or the platform acted; SYSTEM for jobs and webhooks."
    )
    user_id: UUID | None = guarded(
        SEES_USERS, "user_id", description="The id of the user who acted; null for others. Requires USERS:READ."
    )
    provider: str | None = strawberry.field(description="The name of the payment provider; null for refunds.")
    payment_id: UUID | None = strawberry.field(description="The id of the payment; null when there is none.")
    order_id: UUID | None = strawberry.field(description="The id of the payment's order; null when there is none.")
    amount: Money | None = computed(_amount)
    success: bool = strawberry.field(description="False when the provider refused it or it failed.")
    error: str | None = strawberry.field(
        description="The reason of a failure, with the provider's code in brackets; null for a success."
    )
    details: str | None = strawberry.field(
        description="The id at the provider, of the refund or webhook, or the names of changed settings; or null."
    )
    timestamp: datetime = strawberry.field(description="When it was written, in the transaction of the act.")
    user: LazyUser | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The user who acted; null for others. Requires USERS:READ.",
    )
