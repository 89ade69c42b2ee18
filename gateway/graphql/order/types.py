"""Orders as the API shows them: views on the domain's models."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.order import lifecycle, models
from domains.order.checkout import limits
from domains.order.models import OrderStatus
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
    "Where an order stands.",
    {
        OrderStatus.PENDING: "Placed, its goods reserved; it waits to be paid, or to be accepted by staff.",
        OrderStatus.PAYMENT_PENDING: "A payment is on its way, its outcome not known yet.",
        OrderStatus.CONFIRMED: "Accepted without a capture: nothing to pay, by invoice, or cash on delivery. "
        "`orderMarkPaid` says when the money has come.",
        OrderStatus.PROCESSING: "Being made ready.",
        OrderStatus.PAID: "The whole amount was captured, or came by hand.",
        OrderStatus.SHIPPED: "On its way to the buyer.",
        OrderStatus.DELIVERED: "With the buyer.",
        OrderStatus.CANCELLED: "Called off; what was paid goes back.",
        OrderStatus.REFUNDED: "Over, and all that was paid was given back.",
        OrderStatus.FAILED: "Not paid or accepted in time.",
    },
)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Buyer = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
SEES_PROMOTIONS = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
ItsProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
ItsVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
ItsPromotion = Annotated["Promotion", strawberry.lazy("gateway.graphql.promotion.types")]


def _money(attribute: str, description: str) -> Any:
    """An amount of the source, in the source's currency."""

    def resolve(root: Any) -> Money:
        return present(Money, KernelMoney(getattr(root, attribute), root.currency))

    resolver: Callable[[Any], Money] = resolve
    resolver.__doc__ = description
    return computed(resolver)


@strawberry.type(description="An address as it was when the order was made.")
class OrderAddress(PostalAddress, Node, model=models.OrderAddress):
    """A frozen copy."""


@strawberry.type(description="A line of an order: what was bought, as it was then.")
class OrderItem(Node, model=models.OrderItem):
    """A line; its figures never change."""

    currency: strawberry.Private[str]

    product_id: UUID = strawberry.field(
        description="The id of the product that was sold; it stays when the product is archived."
    )
    variant_id: UUID | None = strawberry.field(description="The variant; null when the product has none.")
    product_name: str = strawberry.field(description="What the product was called.")
    variant_name: str | None = strawberry.field(description="What the variant was called.")
    sku: str = strawberry.field(description="What it was stocked under; empty when it had no SKU.")
    quantity: int = strawberry.field(description="How many units.")
    unit_price: Money = _money("unit_price", "What one unit cost, before discounts.")
    discount_amount: Money = _money("discount_amount", "What promotions took off the line, its part of the order's.")
    tax_amount: Money = _money("tax_amount", "The tax of the line, whether it is in the price or beside it.")
    total_price: Money = _money("total_price", "What the line comes to, after discounts and with tax.")
    product_snapshot: JSON = strawberry.field(
        description="The product as it was sold: slug, name, brand, image, options, and what each discount was for."
    )
    created_at: datetime = strawberry.field(description="When it was ordered.")
    product: ItsProduct | None = relation(
        "product_id",
        load_products,
        description="The product as it is now; null when it is not for the caller to see.",
    )
    variant: ItsVariant | None = relation(
        "variant_id",
        load_variants_by_id,
        description="The variant as it is now; null without one, and when it is not for the caller to see.",
    )


@strawberry.type(
    description="One change of an order's status, or what happened to it there. The history is never rewritten."
)
class OrderStatusHistory(Node, model=models.OrderStatusHistory):
    """Who moved the order on, when and why."""

    from_status: OrderStatus | None = strawberry.field(description="Where it stood before; null for a new order.")
    to_status: OrderStatus = strawberry.field(
        description="Where it stood then; where it stood before when its money came on the way."
    )
    comment: str | None = strawberry.field(description="Why, in words that the buyer sees as well.")
    actor_kind: ActorKind = strawberry.field(description="What sort of actor did it.")
    created_at: datetime = strawberry.field(description="When it happened.")
    changed_by: UUID | None = guarded(SEES_USERS, "changed_by", description="The user who did it, for staff.")
    changed_by_user: Buyer | None = relation(
        "changed_by", load_users, guard=SEES_USERS, description="The user who did it, for staff."
    )


@strawberry.type(description="A promotion that took something off an order.")
class OrderPromotion(Node, model=models.OrderPromotion):
    """The promotion as it was then."""

    currency: strawberry.Private[str]

    promotion_id: UUID = strawberry.field(description="The id of the promotion that gave the discount.")
    promo_code: str | None = strawberry.field(description="The code that brought it; null when it came by itself.")
    promotion_name: str = strawberry.field(description="What it was called.")
    discount_amount: Money = _money("discount_amount", "What it took off.")
    promotion: ItsPromotion | None = relation(
        "promotion_id", load_promotions, guard=SEES_PROMOTIONS, description="The promotion as it is now, for staff."
    )


@strawberry.type(description="A purchase. What it cost, and to where it goes, never changes once it is placed.")
class Order(Node, model=models.Order):
    """An order."""

    currency: strawberry.Private[str]
    shipping_address_id: strawberry.Private[UUID | None]
    billing_address_id: strawberry.Private[UUID | None]

    order_number: str = strawberry.field(description="What people call it by, unique in the company.")
    user_id: UUID | None = strawberry.field(description="The customer; null for a guest's order.")
    email: str = strawberry.field(description="Where the shop writes to about it.")
    email_confirmed: bool = strawberry.field(
        description="Whether the buyer had proven that the address is theirs: by an account, or by a mailed code."
    )
    status: OrderStatus = strawberry.field(description="Where it stands.")
    subtotal: Money = _money("subtotal", "All lines before discounts.")
    tax_amount: Money = _money("tax_amount", "All tax, whether it is in the prices or beside them.")
    shipping_cost: Money = _money("shipping_cost", "What sending it costs.")
    discount_amount: Money = _money("discount_amount", "What promotions took off.")
    total: Money = _money("total", "What is to be paid.")
    tax_rate: Decimal = strawberry.field(description="The tax rate it was made with, as a fraction.")
    prices_include_tax: bool = strawberry.field(description="Whether its prices have the tax in them.")
    payment_method: str | None = strawberry.field(
        description="How it was paid, or is to be paid: CARD, INVOICE, CASH_ON_DELIVERY; null until that is chosen."
    )
    payment_transaction_id: str | None = strawberry.field(
        description="The provider's name for the capture, or the reference that `orderMarkPaid` was given."
    )
    tracking_number: str | None = strawberry.field(description="The parcel's number.")
    notes: str | None = strawberry.field(description="What the buyer had to say.")
    created_at: datetime = strawberry.field(description="When it was placed.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    expires_at: datetime | None = strawberry.field(
        description="Until when it can be paid or accepted; null once it is paid, accepted or cancelled."
    )
    paid_at: datetime | None = strawberry.field(
        description="When the whole amount was captured, or was marked as paid."
    )
    shipped_at: datetime | None = strawberry.field(description="When it left the house.")
    delivered_at: datetime | None = strawberry.field(description="When it reached the buyer.")
    cancelled_at: datetime | None = strawberry.field(description="When it was called off.")
    items: list[OrderItem] = relation("id", load_order_items, many=True, description="What was bought.")
    status_history: list[OrderStatusHistory] = relation(
        "id", load_history, many=True, size=6, description="Every change of its status, oldest first."
    )
    applied_promotions: list[OrderPromotion] = relation(
        "id", load_order_promotions, many=True, size=2, description="What took something off it."
    )
    shipping_address: OrderAddress | None = relation(
        "shipping_address_id", load_order_addresses, description="Where it is sent."
    )
    billing_address: OrderAddress | None = relation(
        "billing_address_id", load_order_addresses, description="Who is billed."
    )
    payments: list[Payment] = relation(
        "id", load_payments, many=True, size=2, description="The attempts to pay it, oldest first."
    )
    refunds: list[Refund] = relation(
        "id", load_order_refunds, many=True, size=2, description="What was given back of its payments, oldest first."
    )
    balance: OrderBalance | None = relation(
        "id", load_balances, description="What was taken and given back; null until the order is paid."
    )
    user: Buyer | None = relation("user_id", load_users, guard=SEES_USERS, description="The customer, for staff.")

    @computed
    def is_cancellable(self) -> bool:
        """Whether it can still be cancelled."""
        return lifecycle.allows(self.status, OrderStatus.CANCELLED, is_paid=self.paid_at is not None)

    @computed
    def awaits_acceptance(self) -> bool:
        """Whether it is to be paid by invoice or at the door and waits for staff, who accept it as CONFIRMED."""
        return limits.awaits_acceptance(self.status, self.payment_method)

    @computed
    def is_payable_by_hand(self) -> bool:
        """Whether staff can mark it as paid with `orderMarkPaid`, as long as no card is being charged for it."""
        is_paid = self.paid_at is not None
        return lifecycle.is_markable(self.status, is_paid=is_paid) and bool(self.total)  # the model's own amount

    @computed
    def next_statuses(self) -> list[OrderStatus]:
        """Where staff can move it from here, with `orderStatusUpdate`."""
        return lifecycle.choices(self.status, is_paid=self.paid_at is not None)
