"""The GraphQL types of orders: views of the domain's models."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.order import lifecycle, models
from domains.order.models import FulfilmentStatus, OrderPaymentStatus, OrderStatus
from domains.order.models import Order as OrderModel
from domains.order.payments import acceptance
from domains.order.summary import OrderFacts
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.postal_address import PostalAddress
from gateway.graphql.core.scalars import JSON, Money
from gateway.graphql.order.loaders import (
    load_history,
    load_order_addresses,
    load_order_items,
    load_order_promotions,
)
from gateway.graphql.payment.balances import OrderBalance, load_balances
from gateway.graphql.payment.loaders import load_order_refunds, load_payments
from gateway.graphql.payment.types import Payment, Refund
from gateway.graphql.promotion.loaders import load_promotions

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.catalog.types import Product, ProductVariant
    from gateway.graphql.promotion.types import Promotion

describe(
    OrderStatus,
    "The status of an order. It follows from payments, shipments, refunds and a cancellation.",
    {
        OrderStatus.PENDING: "Created, with its units reserved, and not paid or accepted by staff yet.",
        OrderStatus.PAYMENT_PENDING: "A payment is in progress; its outcome is not known yet.",
        OrderStatus.CONFIRMED: "Accepted without a capture: it is free, or is paid by invoice or cash on delivery. "
        "`orderMarkPaid` records the payment.",
        OrderStatus.PROCESSING: "Being prepared, or shipped in part.",
        OrderStatus.PAID: "The total was captured, or recorded with `orderMarkPaid`.",
        OrderStatus.SHIPPED: "All units were shipped, and some are not delivered yet.",
        OrderStatus.DELIVERED: "Delivered to the buyer.",
        OrderStatus.CANCELLED: "Cancelled. The captured amount is refunded; the status is REFUNDED afterwards.",
        OrderStatus.REFUNDED: "Ended, and the whole captured amount was refunded.",
        OrderStatus.FAILED: "Not paid or accepted before `expiresAt`.",
    },
)
describe(
    OrderPaymentStatus,
    "The payment of an order. It follows from the order's payments and refunds.",
    {
        OrderPaymentStatus.PENDING: "Nothing was paid.",
        OrderPaymentStatus.AUTHORIZED: "An amount is authorized and not captured yet.",
        OrderPaymentStatus.PARTIALLY_PAID: "A part of the total was captured.",
        OrderPaymentStatus.PAID: "The total was captured, or there is nothing to pay.",
        OrderPaymentStatus.PARTIALLY_REFUNDED: "A part of the captured amount was refunded.",
        OrderPaymentStatus.REFUNDED: "All of the captured amount was refunded.",
        OrderPaymentStatus.FAILED: "The last payment was declined, and none is in progress.",
    },
)
describe(
    FulfilmentStatus,
    "The fulfilment of an order. It follows from the numbers of units that were shipped, delivered and returned.",
    {
        FulfilmentStatus.UNFULFILLED: "No unit was shipped.",
        FulfilmentStatus.PARTIALLY_FULFILLED: "Some units were shipped.",
        FulfilmentStatus.FULFILLED: "All units were shipped, and some are not delivered yet.",
        FulfilmentStatus.DELIVERED: "All units were delivered.",
        FulfilmentStatus.PARTIALLY_RETURNED: "Some units came back.",
        FulfilmentStatus.RETURNED: "All units came back.",
    },
)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Buyer = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
SEES_PROMOTIONS = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
LazyPromotion = Annotated["Promotion", strawberry.lazy("gateway.graphql.promotion.types")]


def _money(attribute: str, description: str) -> Any:
    """An amount of the source, in the source's currency."""

    def resolve(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    resolver: Callable[[Any], Money] = resolve
    resolver.__doc__ = description
    return computed(resolver)


@strawberry.type(description="An address at the time of the order.")
class OrderAddress(PostalAddress, Node, model=models.OrderAddress):
    """A copy that never changes."""


@strawberry.type(description="A line of an order: the product, quantity and price at the time of the order.")
class OrderItem(Node, model=models.OrderItem):
    """A line; its figures never change."""

    currency: strawberry.Private[str]

    product_id: UUID = strawberry.field(
        description="The id of the product that was sold; it stays when the product is archived."
    )
    variant_id: UUID | None = strawberry.field(description="The variant; null when the product has none.")
    product_name: str = strawberry.field(description="The name of the product at the time of the order.")
    variant_name: str | None = strawberry.field(description="The name of the variant at the time of the order.")
    sku: str = strawberry.field(description="The SKU; empty when the product had none.")
    quantity: int = strawberry.field(description="The number of units.")
    unit_price: Money = _money("unit_price", "The price of one unit before discounts.")
    discount_amount: Money = _money(
        "discount_amount", "The discounts on the line, including its share of the order's discounts."
    )
    tax_amount: Money = _money("tax_amount", "The tax of the line, whether the price includes it or not.")
    total_price: Money = _money("total_price", "The total of the line, after discounts and with tax.")
    product_snapshot: JSON = strawberry.field(
        description="The product when it was ordered: slug, name, brand, image, options and the discounts."
    )
    created_at: datetime = strawberry.field(description="When it was ordered.")
    product: LazyProduct | None = relation(
        "product_id",
        load_products,
        description="The product in its current state; null when the caller may not see it.",
    )
    variant: LazyVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description="The variant in its current state; null when there is none or the caller may not see it.",
    )


@strawberry.type(description="A change of an order's status, or a note on it. The history is append-only.")
class OrderStatusHistory(Node, model=models.OrderStatusHistory):
    """A change with its actor, time and comment."""

    from_status: OrderStatus | None = strawberry.field(description="The status before; null for a new order.")
    to_status: OrderStatus = strawberry.field(description="The status afterwards; for a note, the status before.")
    comment: str | None = strawberry.field(description="A comment, which the buyer sees too.")
    actor_kind: ActorKind = strawberry.field(description="The kind of actor that made the change.")
    created_at: datetime = strawberry.field(description="When the change was made.")
    changed_by: UUID | None = guarded(
        SEES_USERS, "changed_by", description="The user who made the change, for staff."
    )
    changed_by_user: Buyer | None = relation(
        "changed_by", load_users, guard=SEES_USERS, description="The user who made the change, for staff."
    )


@strawberry.type(description="A promotion that discounts an order.")
class OrderPromotion(Node, model=models.OrderPromotion):
    """The promotion as it was then."""

    currency: strawberry.Private[str]

    promotion_id: UUID = strawberry.field(description="The id of the promotion, which may have changed since.")
    promo_code: str | None = strawberry.field(
        description="The code that applied it; null when it was applied automatically."
    )
    promotion_name: str = strawberry.field(description="Its name at the time of the order.")
    discount_amount: Money = _money("discount_amount", "The discount of this promotion on the order, positive.")
    promotion: LazyPromotion | None = relation(
        "promotion_id",
        load_promotions,
        guard=SEES_PROMOTIONS,
        description="The promotion in its current state, for staff.",
    )


@strawberry.type(description="An order. Its lines, amounts and addresses never change once it is created.")
class Order(Node, model=models.Order):
    """An order."""

    currency: strawberry.Private[str]
    shipping_address_id: strawberry.Private[UUID | None]
    billing_address_id: strawberry.Private[UUID | None]

    order_number: str = strawberry.field(description="The number that people use for it, unique in the company.")
    user_id: UUID | None = strawberry.field(description="The customer; null for a guest's order.")
    email: str = strawberry.field(description="The buyer's e-mail address.")
    email_confirmed: bool = strawberry.field(
        description="Whether the buyer had confirmed the address, by an account or by a mailed code."
    )
    status: OrderStatus = strawberry.field(
        description="The status, which follows from payments, shipments, refunds and a cancellation."
    )
    payment_status: OrderPaymentStatus = strawberry.field(
        description="How much of the total was paid, and how much of that was refunded."
    )
    fulfilment_status: FulfilmentStatus = strawberry.field(
        description="The progress of shipping: shipped, delivered and returned units."
    )
    subtotal: Money = _money("subtotal", "The sum of all lines before discounts.")
    tax_amount: Money = _money("tax_amount", "The tax, whether prices include it or not.")
    shipping_cost: Money = _money("shipping_cost", "What the buyer pays for shipping; part of `total`.")
    discount_amount: Money = _money("discount_amount", "The discounts of all promotions.")
    total: Money = _money("total", "The amount to be paid.")
    tax_rate: Decimal = strawberry.field(description="The tax rate at the time of the order, as a fraction.")
    prices_include_tax: bool = strawberry.field(
        description="True where unit prices and shipping contain the tax; false where it is added to them."
    )
    payment_method: str | None = strawberry.field(
        description="The payment method: CARD, INVOICE or CASH_ON_DELIVERY; null until one is chosen."
    )
    payment_transaction_id: str | None = strawberry.field(
        description="The provider's id of the capture, or the reference given to `orderMarkPaid`."
    )
    tracking_number: str | None = strawberry.field(description="The parcel's number.")
    notes: str | None = strawberry.field(description="The buyer's note.")
    created_at: datetime = strawberry.field(description="When the checkout created the order.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    expires_at: datetime | None = strawberry.field(
        description="The time until which it can be paid or accepted; null once it is paid, accepted or cancelled."
    )
    accepted_at: datetime | None = strawberry.field(
        description="When it was accepted without a capture; null when it was not."
    )
    paid_at: datetime | None = strawberry.field(
        description="When captures first reached the total, or it was marked as paid."
    )
    processing_at: datetime | None = strawberry.field(description="When its preparation began.")
    shipped_at: datetime | None = strawberry.field(description="When it was first shipped.")
    delivered_at: datetime | None = strawberry.field(description="When staff recorded the delivery; null before it.")
    cancelled_at: datetime | None = strawberry.field(
        description="When the buyer or staff cancelled the order; null otherwise."
    )
    failed_at: datetime | None = strawberry.field(
        description="When it ended because it was not paid or accepted in time."
    )
    items: list[OrderItem] = relation("id", load_order_items, many=True, description="The lines.")
    status_history: list[OrderStatusHistory] = relation(
        "id", load_history, many=True, size=6, description="Every change of its status, oldest first."
    )
    applied_promotions: list[OrderPromotion] = relation(
        "id", load_order_promotions, many=True, size=2, description="The promotions that discount it."
    )
    shipping_address: OrderAddress | None = relation(
        "shipping_address_id",
        load_order_addresses,
        description="A copy made at the checkout: later changes of the address book do not change it.",
    )
    billing_address: OrderAddress | None = relation(
        "billing_address_id",
        load_order_addresses,
        description="A copy made at the checkout; the same as `shippingAddress` when no other was given.",
    )
    payments: list[Payment] = relation(
        "id", load_payments, many=True, size=2, description="The payment attempts, oldest first."
    )
    refunds: list[Refund] = relation(
        "id", load_order_refunds, many=True, size=2, description="The refunds of its payments, oldest first."
    )
    balance: OrderBalance | None = relation(
        "id", load_balances, description="The sums of captures and refunds; null until the order is paid."
    )
    user: Buyer | None = relation("user_id", load_users, guard=SEES_USERS, description="The customer, for staff.")

    @computed
    def is_cancellable(self) -> bool:
        """Whether the order can still be cancelled."""
        return lifecycle.may_cancel(_facts(self))

    @computed
    def awaits_acceptance(self) -> bool:
        """Whether the order is paid by invoice or cash on delivery and waits for staff to accept it (CONFIRMED)."""
        return acceptance.awaits_acceptance(_model(self))

    @computed
    def next_statuses(self) -> list[OrderStatus]:
        """The statuses that staff can set now with `orderStatusUpdate`."""
        return lifecycle.next_statuses(_facts(self))


def _model(view: Order) -> OrderModel:
    """The domain's order, of which a view is what resolvers receive."""
    return cast("OrderModel", view)


def _facts(view: Order) -> OrderFacts:
    return OrderFacts.of(_model(view))
