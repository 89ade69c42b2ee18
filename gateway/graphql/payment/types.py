"""Payments and refunds as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.payment import models
from domains.payment.models import PaymentMethod, PaymentStatus, RefundStatus
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.payment.loaders import load_refunds

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

describe(
    PaymentMethod,
    "How an order is paid.",
    {
        PaymentMethod.CARD: "By card, at once.",
        PaymentMethod.INVOICE: "By invoice, later; the shop accepts the order first.",
        PaymentMethod.CASH_ON_DELIVERY: "In cash when it arrives; the shop accepts the order first.",
    },
)
describe(
    PaymentStatus,
    "What became of an attempt to pay.",
    {
        PaymentStatus.PENDING: "The provider is being asked.",
        PaymentStatus.SUCCEEDED: "The money was taken.",
        PaymentStatus.DECLINED: "The provider refused; nothing was taken.",
        PaymentStatus.UNKNOWN: "The provider did not answer; it is being found out.",
        PaymentStatus.VOIDED: "Undone: nothing was taken, or all of it went back at once.",
    },
)
describe(
    RefundStatus,
    "What became of giving money back.",
    {
        RefundStatus.PENDING: "On its way.",
        RefundStatus.SUCCEEDED: "Given back.",
        RefundStatus.FAILED: "The provider refused; nothing was given back.",
    },
)

SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Somebody = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]


def _amount(root: Any) -> Money:
    """How much."""
    amount: Decimal = root.amount
    return present(Money, KernelMoney(amount, root.currency))


@strawberry.type(description="Money given back.")
class Refund(Node, model=models.Refund):
    """The payment domain's Refund."""

    currency: strawberry.Private[str]

    payment_id: UUID = strawberry.field(description="The payment that it gives back of.")
    order_id: UUID = strawberry.field(description="The order that was paid.")
    amount: Money = computed(_amount)
    reason: str | None = strawberry.field(description="Why.")
    status: RefundStatus = strawberry.field(description="What became of it.")
    actor_kind: ActorKind = strawberry.field(description="What sort of actor gave it back.")
    performed_by: UUID | None = guarded(SEES_USERS, "performed_by", description="The user who did, for staff.")
    performed_by_user: Somebody | None = relation(
        "performed_by", load_users, guard=SEES_USERS, description="The user who did, for staff."
    )
    settled_at: datetime | None = strawberry.field(description="When the provider had answered.")
    created_at: datetime = strawberry.field(description="When it was begun.")


@strawberry.type(description="An attempt to pay an order.")
class Payment(Node, model=models.Payment):
    """The payment domain's Payment. Of a card it has the last four digits alone."""

    currency: strawberry.Private[str]

    order_id: UUID = strawberry.field(description="The id of the order that this attempt pays.")
    provider: str = strawberry.field(
        description="Who took the money: a provider's name, or MANUAL when staff wrote down that it came."
    )
    method: str = strawberry.field(description="How: CARD, INVOICE, CASH_ON_DELIVERY.")
    status: PaymentStatus = strawberry.field(description="What became of it.")
    amount: Money = computed(_amount)
    provider_transaction_id: str | None = strawberry.field(
        description="The provider's name for it; null when no money was taken."
    )
    card_last_4: str | None = strawberry.field(description="The last four digits of the card.")
    failure_code: str | None = strawberry.field(description="Why the provider refused: its code.")
    failure_message: str | None = strawberry.field(description="Why the provider refused, in words.")
    settled_at: datetime | None = strawberry.field(description="When its outcome was known.")
    created_at: datetime = strawberry.field(description="When it was begun.")
    refunds: list[Refund] = relation("id", load_refunds, many=True, size=2, description="What was given back of it.")
