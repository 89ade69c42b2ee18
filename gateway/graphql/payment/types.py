"""The GraphQL types of payments and refunds."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.payment import models
from domains.payment.models import (
    CaptureMode,
    DeclineReason,
    NextActionType,
    PaymentAudience,
    PaymentMethod,
    PaymentStatus,
    RefundDestination,
    RefundLineKind,
    RefundStatus,
)
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.order.loaders import load_visible_orders
from gateway.graphql.payment.listing.types import READS_ORDERS, PaymentTransaction
from gateway.graphql.payment.loaders import load_refund_lines, load_refunds, load_transactions

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.order.types import Order

describe(
    PaymentMethod,
    "How an order is paid.",
    {
        PaymentMethod.CARD: "At once through a payment provider: by card, or by what else the provider offers.",
        PaymentMethod.INVOICE: "By invoice, later; the shop accepts the order first.",
        PaymentMethod.CASH_ON_DELIVERY: "In cash on delivery; the shop accepts the order first.",
        PaymentMethod.GIFT_CARD: "By a gift card, with the order; not with `paymentCreate`.",
        PaymentMethod.STORE_CREDIT: "By the store credit of the customer, with the order; not with `paymentCreate`.",
        PaymentMethod.EXCHANGE: "By the value of goods that it replaces, with the order; not with `paymentCreate`.",
    },
)
describe(
    PaymentAudience,
    "The buyers that a payment method is offered to. Staff who may change orders can choose any method for others.",
    {
        PaymentAudience.EVERYONE: "All buyers: customers and guests.",
        PaymentAudience.CUSTOMERS: "Logged-in customers only.",
        PaymentAudience.NOBODY: "The method is not offered.",
    },
)
describe(
    CaptureMode,
    "When a shop captures the authorized amounts of payments.",
    {
        CaptureMode.AUTOMATIC: "At once, with the authorization.",
        CaptureMode.MANUAL: "When staff send `paymentCapture`.",
        CaptureMode.ON_SHIPMENT: "When the order is shipped, or with `paymentCapture` before.",
    },
)
describe(
    PaymentStatus,
    "The status of one attempt to pay an order.",
    {
        PaymentStatus.PENDING: "Created; the provider has not answered yet.",
        PaymentStatus.SUCCEEDED: "The amount was captured; this status is final unless the payment is cancelled.",
        PaymentStatus.FAILED: "The provider declined; nothing was captured.",
        PaymentStatus.PROCESSING: "The provider has no outcome yet, or did not answer; it is asked again.",
        PaymentStatus.REQUIRES_ACTION: "The buyer must complete `nextAction`. It is cancelled after 15 minutes.",
        PaymentStatus.AUTHORIZED: "The amount is reserved at the provider and can be captured.",
        PaymentStatus.CANCELLED: "Cancelled: nothing was captured, or the whole amount was returned.",
    },
)
describe(
    DeclineReason,
    "Why a provider declined a payment, the same for all providers.",
    {
        DeclineReason.CARD_DECLINED: "The bank declined without a more specific reason. Use another card.",
        DeclineReason.INSUFFICIENT_FUNDS: "The card has insufficient funds. Use another card.",
        DeclineReason.CARD_EXPIRED: "The card has expired. Use another card.",
        DeclineReason.SECURITY_CODE_INVALID: "The security code is wrong. Check it and try again.",
        DeclineReason.AUTHENTICATION_FAILED: "The buyer was not authenticated, as by 3-D Secure. Try again.",
        DeclineReason.METHOD_NOT_SUPPORTED: "The provider does not take this payment method. Use another.",
        DeclineReason.PROVIDER_ERROR: "The provider refused for a technical reason. Try again later.",
    },
)
describe(
    NextActionType,
    "The kind of action by which a buyer continues a payment.",
    {
        NextActionType.REDIRECT: "Open the page and approve the payment there.",
        NextActionType.THREE_D_SECURE: "Open the page and authenticate with the bank that issued the card.",
        NextActionType.CONFIRMATION: "Confirm the payment with the provider's library in the browser.",
    },
)
describe(
    RefundStatus,
    "Whether the provider has returned the amount of a refund.",
    {
        RefundStatus.PENDING: "Sent to the provider, without an outcome yet.",
        RefundStatus.SUCCEEDED: "The amount was returned to the buyer.",
        RefundStatus.FAILED: "The provider refused; the amount can be refunded again.",
    },
)

describe(
    RefundDestination,
    "Where a refund goes.",
    {
        RefundDestination.ORIGINAL_PAYMENT: "Back to what paid: a card, gift card or store credit, or by hand.",
        RefundDestination.STORE_CREDIT: "To the store credit of the customer, at once.",
        RefundDestination.EXCHANGE: "To a new order that replaces the returned goods, which it pays.",
    },
)

SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]


def _amount(root: Any) -> Money:
    """The amount in the order's currency; always positive."""
    amount: Decimal = root.amount
    return present(Money, KernelMoney(amount, root.currency))


describe(
    RefundLineKind,
    "What a line of a refund gives back.",
    {
        RefundLineKind.ITEM: "Units of a line of the order.",
        RefundLineKind.SHIPPING: "Shipping, in whole or in part.",
        RefundLineKind.ADJUSTMENT: "An amount that belongs to no line of the order; negative for a deduction.",
        RefundLineKind.OVERPAYMENT: "What was paid above the total, after an edit has lowered it.",
    },
)


def _tax(root: Any) -> Money:
    """The part of the amount that is tax."""
    return present(Money, KernelMoney(root.tax, root.currency))


def _line_amount(root: Any) -> Money:
    """The amount with tax, in the order's currency; negative for a deduction."""
    return present(Money, KernelMoney(root.amount, root.currency))


@strawberry.type(description="A part of a refund. The amounts of its lines add up to the refund's amount.")
class RefundLine:
    """The payment domain's RefundLine."""

    currency: strawberry.Private[str]

    kind: RefundLineKind = strawberry.field(description="Whether it gives back units, shipping or another amount.")
    order_item_id: UUID | None = strawberry.field(
        description="The id of the order's line; null unless the kind is ITEM."
    )
    quantity: int | None = strawberry.field(
        description=(
            "The number of units, null unless the kind is ITEM. A line that is divided over the refunds of two "
            "payments counts its units in the last of them, and 0 in the others."
        )
    )
    amount: Money = computed(_line_amount)
    tax: Money = computed(_tax)
    tax_rate: Decimal = strawberry.field(
        description="The rate of the tax as a fraction, 0 for an adjustment. Shipping has a line for each rate."
    )


@strawberry.type(description="A refund of a payment, in whole or in part.")
class Refund(Node, model=models.Refund):
    """The payment domain's Refund."""

    currency: strawberry.Private[str]

    payment_id: UUID = strawberry.field(description="The id of the refunded payment.")
    order_id: UUID = strawberry.field(description="The id of the payment's order.")
    amount: Money = computed(_amount)
    reason: str | None = strawberry.field(
        description="The reason that staff or the buyer gave; null when there is none."
    )
    status: RefundStatus = strawberry.field(description="Whether it is under way, succeeded or failed.")
    destination: RefundDestination = strawberry.field(
        description="Where the amount goes. No provider is asked unless it is ORIGINAL_PAYMENT."
    )
    failure_reason: DeclineReason | None = strawberry.field(
        description="Why it FAILED, the same for all providers; null for another status."
    )
    failure_code: str | None = strawberry.field(
        description="The provider's own code of the failure; null when there is none."
    )
    failure_message: str | None = strawberry.field(
        description="The provider's message about the failure, in its words; null when there is none."
    )
    actor_kind: ActorKind = strawberry.field(description="Whether a user, a guest or the platform made the refund.")
    performed_by: UUID | None = guarded(
        SEES_USERS,
        "performed_by",
        description="The id of the user who made the refund; null for guests and jobs. Requires USERS:READ.",
    )
    performed_by_user: LazyUser | None = relation(
        "performed_by",
        load_users,
        guard=SEES_USERS,
        description="The user who made the refund; null for guests and jobs. Requires USERS:READ.",
    )
    settled_at: datetime | None = strawberry.field(
        description="When it succeeded or failed; null while it is PENDING."
    )
    created_at: datetime = strawberry.field(description="When the refund was requested.")
    lines: list[RefundLine] = relation(
        "id", load_refund_lines, many=True, size=3, description="What it gives back; the amounts add up to `amount`."
    )
    order: LazyOrder | None = relation(
        "order_id", load_visible_orders, description="The payment's order; null for a guest, who has `orderByToken`."
    )


@strawberry.type(description="What the buyer must do in the browser before the payment continues.")
class PaymentNextAction:
    """The action of a payment that REQUIRES_ACTION."""

    type: NextActionType = strawberry.field(
        description="Whether the buyer approves the payment or authenticates with the bank."
    )
    url: str | None = strawberry.field(
        description=(
            "The page to open in the buyer's browser: an absolute URL, or a path on the host of this API; null for a "
            "CONFIRMATION, which needs the `clientSecret` of `paymentCreate` or `paymentConfirm`."
        )
    )


class PaymentRefundStatus(StrEnum):
    """How much of what was captured went back to the buyer."""

    NONE = "NONE"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


describe(
    PaymentRefundStatus,
    "How much of the captured amount of a payment was refunded.",
    {
        PaymentRefundStatus.NONE: "No refund of the payment has succeeded.",
        PaymentRefundStatus.PARTIALLY_REFUNDED: "A part of the captured amount was given back.",
        PaymentRefundStatus.REFUNDED: "All of the captured amount was given back.",
    },
)


def _sum(attribute: str, description: str) -> Any:
    """One of the sums of a payment's transactions."""

    def resolve(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    resolve.__doc__ = description
    return computed(resolve)


@strawberry.type(description="One attempt to pay an order.")
class Payment(Node, model=models.Payment):
    """The payment domain's Payment. Of a card it has the last four digits alone."""

    currency: strawberry.Private[str]
    next_action_type: strawberry.Private[NextActionType | None]
    next_action_url: strawberry.Private[str | None]
    amount_captured: strawberry.Private[Decimal]
    amount_refunded: strawberry.Private[Decimal]

    order_id: UUID = strawberry.field(description="The id of the order that this attempt is to pay.")
    provider: str = strawberry.field(
        description="The name of the payment provider; MANUAL when staff recorded money that was received."
    )
    method: str = strawberry.field(description="The payment method: CARD, INVOICE or CASH_ON_DELIVERY.")
    status: PaymentStatus = strawberry.field(
        description="The current status of the attempt; it changes when the provider answers."
    )
    amount: Money = computed(_amount)

    @computed
    def next_action(self) -> PaymentNextAction | None:
        """What the buyer must do; null unless the status is REQUIRES_ACTION."""
        if self.next_action_type is None:
            return None
        return PaymentNextAction(type=self.next_action_type, url=self.next_action_url)

    captured_amount: Money = _sum("amount_captured", "What was taken; it may be less than `amount`.")
    refunded_amount: Money = _sum("amount_refunded", "What was given back by refunds that succeeded.")
    charged_back_amount: Money = _sum(
        "amount_charged_back", "What the buyer's bank took back, also while a dispute is open."
    )

    @computed
    def refund_status(self) -> PaymentRefundStatus:
        """How much of the captured amount was refunded; `status` stays SUCCEEDED."""
        if not self.amount_refunded:
            return PaymentRefundStatus.NONE
        is_whole = self.amount_refunded >= self.amount_captured
        return PaymentRefundStatus.REFUNDED if is_whole else PaymentRefundStatus.PARTIALLY_REFUNDED

    authorized_until: datetime | None = strawberry.field(
        description="Until when an AUTHORIZED payment can be captured; null where the provider does not tell it."
    )
    provider_transaction_id: str | None = strawberry.field(
        description="The provider's id of the payment; null until the provider has answered."
    )
    card_last_4: str | None = strawberry.field(
        description="The last four digits of the card; null for other payment methods."
    )
    failure_reason: DeclineReason | None = strawberry.field(
        description="Why it FAILED, the same for all providers; null for another status."
    )
    failure_code: str | None = strawberry.field(
        description="The provider's own code of the failure; null when there is none."
    )
    failure_message: str | None = strawberry.field(
        description="The provider's message for the buyer, in its words; null when there is none."
    )
    settled_at: datetime | None = strawberry.field(
        description="When it became SUCCEEDED, FAILED or CANCELLED; null before."
    )
    created_at: datetime = strawberry.field(description="When the buyer or staff began the attempt.")
    refunds: list[Refund] = relation(
        "id", load_refunds, many=True, size=2, description="The refunds of this payment, oldest first."
    )
    order: LazyOrder | None = relation(
        "order_id", load_visible_orders, description="The order to pay; null for a guest, who has `orderByToken`."
    )
    transactions: list[PaymentTransaction] | None = relation(
        "id",
        load_transactions,
        many=True,
        size=2,
        guard=READS_ORDERS,
        description="What moved at the provider or was reserved there, oldest first. Requires ORDERS:READ.",
    )
