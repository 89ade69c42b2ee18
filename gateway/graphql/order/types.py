"""The GraphQL types of orders: views of the domain's models."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.order import lifecycle, models
from domains.order.models import Order as OrderModel
from domains.order.payments import acceptance
from domains.order.summary import OrderFacts
from domains.shipping.models import ShippingServiceType
from domains.tax.models import TaxExemption
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.postal_address import PostalAddress
from gateway.graphql.core.scalars import Money
from gateway.graphql.ledger.types import ORDER_ENTRIES, LedgerEntry
from gateway.graphql.notification.of_orders import ORDER_NOTIFICATIONS, LazyNotification
from gateway.graphql.order.adjustments import OrderAdjustment
from gateway.graphql.order.allocation.types import (
    OrderAllocation,
    OrderBackorder,
    load_allocations,
    load_backorders,
)
from gateway.graphql.order.amounts import money_of
from gateway.graphql.order.edits.types import AMOUNT_OVERPAID, ORDER_EDITS, OrderEdit
from gateway.graphql.order.exchanges.fields import EXCHANGE_ORDERS, EXCHANGED_ORDER
from gateway.graphql.order.holds.fields import HELD_AT, HOLD_REASON
from gateway.graphql.order.invoices.types import ORDER_INVOICES, Invoice
from gateway.graphql.order.item_types import OrderItem
from gateway.graphql.order.loaders import (
    SHIPPING_TAXES,
    TAXES,
    load_history,
    load_order_addresses,
    load_order_adjustments,
    load_order_items,
    load_order_promotions,
    load_order_taxes,
    load_refundable_shipping,
)
from gateway.graphql.order.notes.types import ORDER_NOTES, OrderNote
from gateway.graphql.order.shipping import ESTIMATED_DELIVERY_DATE, SHIPPING_SERVICE_TYPE
from gateway.graphql.order.statuses import FulfilmentStatus, OrderPaymentStatus, OrderStatus
from gateway.graphql.payment.balances import OrderBalance, load_balances
from gateway.graphql.payment.listing.timeline import MONEY_TIMELINE, MoneyTimelineEntry
from gateway.graphql.payment.loaders import load_order_refunds, load_payments
from gateway.graphql.payment.types import Payment, Refund
from gateway.graphql.promotion.loaders import load_promotions
from gateway.graphql.returns.types import ORDER_RETURNS, RETURN_WINDOW_ENDS_AT, ReturnRequest
from gateway.graphql.shipping.delivery_dates import DeliveryDates
from gateway.graphql.shipping.labels.types import ORDER_LABELS, ShippingLabel
from gateway.graphql.shipping.pickup_locations import PICKUP_LOCATION, PickupLocation
from gateway.graphql.shipping.shipments.types import ORDER_SHIPMENTS, Shipment
from gateway.graphql.tax.tax_lines import TaxLine

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User
    from gateway.graphql.catalog.types import Product, ProductVariant
    from gateway.graphql.promotion.types import Promotion

SEES_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Buyer = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
SEES_PROMOTIONS = requires(PermissionResource.PROMOTIONS, PermissionAction.READ)
LazyProduct = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
LazyVariant = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
LazyPromotion = Annotated["Promotion", strawberry.lazy("gateway.graphql.promotion.types")]


@strawberry.type(
    description="A postal address of an order: a copy from the checkout that later changes do not affect."
)
class OrderAddress(PostalAddress, Node, model=models.OrderAddress):
    """A copy that never changes."""


@strawberry.type(description="A change of an order's status, or a note on it. The history is append-only.")
class OrderStatusHistory(Node, model=models.OrderStatusHistory):
    """A change with its actor, time and comment."""

    from_status: OrderStatus | None = strawberry.field(
        description="The status before the change; null for the creation of the order."
    )
    to_status: OrderStatus = strawberry.field(
        description="The status after the change; the same as `fromStatus` for a note."
    )
    comment: str | None = strawberry.field(
        description="A comment, which the buyer sees too; null when there is none."
    )
    actor_kind: ActorKind = strawberry.field(description="Whether a user, a guest or the platform made the change.")
    created_at: datetime = strawberry.field(description="When the change was made or the note was written.")
    changed_by: UUID | None = guarded(
        SEES_USERS,
        "changed_by",
        description=(
            "The id of the user who made the change; null for guests and the platform. Requires USERS:READ."
        ),
    )
    changed_by_user: Buyer | None = relation(
        "changed_by",
        load_users,
        guard=SEES_USERS,
        description="The user who made the change; null for guests and the platform. Requires USERS:READ.",
    )


@strawberry.type(description="A promotion that discounts an order, as it was at the time of the order.")
class OrderPromotion(Node, model=models.OrderPromotion):
    """The promotion as it was then."""

    currency: strawberry.Private[str]

    promotion_id: UUID = strawberry.field(description="The id of the promotion, which may have changed since.")
    promo_code: str | None = strawberry.field(
        description="The code that the buyer entered; null when the promotion applied automatically."
    )
    promotion_name: str = strawberry.field(description="The name of the promotion at the time of the order.")
    discount_amount: Money = money_of(
        "discount_amount", "The discount of this promotion on the whole order, shipping included; positive."
    )
    promotion: LazyPromotion | None = relation(
        "promotion_id",
        load_promotions,
        guard=SEES_PROMOTIONS,
        description="The promotion in its current state; null when it no longer exists. Requires PROMOTIONS:READ.",
    )


@strawberry.type(
    description="An order. Once it is created, only staff change its lines, addresses and amounts: by `orderEdit` "
    "before it is shipped, and by `orderDiscountAdd` before it is paid."
)
class Order(Node, model=models.Order):
    """An order."""

    currency: strawberry.Private[str]
    shipping_address_id: strawberry.Private[UUID | None]
    billing_address_id: strawberry.Private[UUID | None]

    order_number: str = strawberry.field(
        description=(
            "The number by which people refer to the order, unique in the company; see `Company.orderNumberPattern`."
        )
    )
    user_id: UUID | None = strawberry.field(description="The id of the customer; null for an order of a guest.")
    email: str = strawberry.field(description="The e-mail address to which messages about the order are sent.")
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
    subtotal: Money = money_of(
        "subtotal",
        (
            "The sum of all lines before discounts and without shipping; it contains the tax where "
            "`pricesIncludeTax` is true."
        ),
    )
    tax_amount: Money = money_of(
        "tax_amount", "The tax on lines and shipping after discounts; part of `total` in any case."
    )
    shipping_cost: Money = money_of(
        "shipping_cost", "The amount to pay for shipping, with tax and after discounts on it; part of `total`."
    )
    discount_amount: Money = money_of(
        "discount_amount",
        ("The sum of the discounts on the lines; positive. Discounts on shipping are taken off `shippingCost`."),
    )
    total: Money = money_of("total", "The amount to pay, with tax and shipping and after discounts.")
    tax_rate: Decimal = strawberry.field(
        description=(
            "The rate of goods without a tax class at the shipping address, at the time of the order and all taxes "
            "together, as a fraction: 0.19 is 19 %. `taxes` has the rates of this order."
        )
    )
    taxes: list[TaxLine] = relation(
        "id",
        load_order_taxes,
        many=True,
        size=2,
        derived=TAXES,
        description=(
            "The taxes of lines and shipping that make up `taxAmount`, summed up by tax and rate, highest rate "
            "first; empty when nothing is to be paid."
        ),
    )
    shipping_taxes: list[TaxLine] = relation(
        "id",
        load_order_taxes,
        many=True,
        size=2,
        derived=SHIPPING_TAXES,
        description="The taxes of shipping, a part of `taxes`; empty when shipping is free.",
    )
    tax_exemption: TaxExemption | None = strawberry.field(
        description="Why there is no tax, and all amounts are without it; null for an order that is taxed."
    )
    vat_number: str | None = strawberry.field(
        description=(
            "The buyer's VAT number in the country of the shipping address, without separators; null when there is "
            "none, or it was erased with the buyer's data."
        )
    )
    prices_include_tax: bool = strawberry.field(
        description="Whether unit prices and shipping contain the tax; if not, it is added to them."
    )
    shipping_method_id: UUID | None = strawberry.field(
        description="The id of the shipping method, which may have been changed or deleted since; null without one."
    )
    shipping_method: str | None = strawberry.field(
        description=(
            "The name of the shipping method at the time of the order; null when nothing is shipped, and for older "
            "orders."
        )
    )
    shipping_carrier: str | None = strawberry.field(
        description="The code of the carrier at the time of the order; null when the method named none."
    )
    shipping_service_type: ShippingServiceType | None = SHIPPING_SERVICE_TYPE
    shipping_weight: Decimal | None = strawberry.field(
        description="The weight of the goods that are shipped, in kilograms; null without a shipping method."
    )
    estimated_delivery_date: DeliveryDates | None = ESTIMATED_DELIVERY_DATE
    pickup_warehouse_id: UUID | None = strawberry.field(
        description="The id of the warehouse at which the buyer collects the goods; null when they are sent."
    )
    pickup_location: PickupLocation | None = PICKUP_LOCATION
    payment_method: str | None = strawberry.field(
        description="The payment method: CARD, INVOICE or CASH_ON_DELIVERY; null until one is chosen."
    )
    payment_transaction_id: str | None = strawberry.field(
        description="The provider's id of the capture, or the reference given to `orderMarkPaid`; null before."
    )
    tracking_number: str | None = strawberry.field(description="The tracking number of the latest shipment, or null.")
    notes: str | None = strawberry.field(
        description="The buyer's note from the checkout, which staff see; null when there is none."
    )
    language: str | None = strawberry.field(
        description="The language of its invoices, a tag of BCP 47; null for that of the shop's documents."
    )
    created_at: datetime = strawberry.field(description="When the checkout created the order.")
    updated_at: datetime = strawberry.field(description="When a field of the order last changed.")
    order_notes: list[OrderNote] = ORDER_NOTES
    notifications: list[LazyNotification] | None = ORDER_NOTIFICATIONS
    held_at: datetime | None = HELD_AT
    hold_reason: str | None = HOLD_REASON
    expires_at: datetime | None = strawberry.field(
        description="The time until which it can be paid or accepted; null once it is paid, accepted or cancelled."
    )
    accepted_at: datetime | None = strawberry.field(
        description="When it was accepted without a capture (CONFIRMED); null when it was not."
    )
    paid_at: datetime | None = strawberry.field(
        description="When captures first reached the total, or staff marked the order as paid; null before."
    )
    processing_at: datetime | None = strawberry.field(description="When preparation began (PROCESSING); null before.")
    shipped_at: datetime | None = strawberry.field(description="When units were first shipped; null before.")
    delivered_at: datetime | None = strawberry.field(description="When all units were delivered; null before.")
    cancelled_at: datetime | None = strawberry.field(description="When buyer or staff cancelled it; null otherwise.")
    failed_at: datetime | None = strawberry.field(
        description="When it ended because it was not paid or accepted in time (FAILED); null otherwise."
    )
    items: list[OrderItem] = relation(
        "id",
        load_order_items,
        many=True,
        description="The ordered lines, in the order in which they were added to the cart.",
    )
    status_history: list[OrderStatusHistory] = relation(
        "id",
        load_history,
        many=True,
        size=6,
        description="The changes of its status and the notes on it, oldest first. The buyer sees them too.",
    )
    applied_promotions: list[OrderPromotion] = relation(
        "id",
        load_order_promotions,
        many=True,
        size=2,
        description="The promotions that discount the order; empty without discounts.",
    )
    adjustments: list[OrderAdjustment] = relation(
        "id",
        load_order_adjustments,
        many=True,
        size=4,
        description="What each discount takes off each line and off shipping, in the order in which they apply.",
    )
    shipping_address: OrderAddress | None = relation(
        "shipping_address_id",
        load_order_addresses,
        description=(
            "The address of the delivery, a copy from the checkout: later changes of the address book do "
            "not change it. Null for goods that the buyer collects, and for an order without goods to ship."
        ),
    )
    billing_address: OrderAddress | None = relation(
        "billing_address_id",
        load_order_addresses,
        description=(
            "The address of the invoice, a copy from the checkout; the same as `shippingAddress` when no "
            "other was given."
        ),
    )
    payments: list[Payment] = relation(
        "id", load_payments, many=True, size=2, description="The payment attempts, oldest first."
    )
    refunds: list[Refund] = relation(
        "id", load_order_refunds, many=True, size=2, description="The refunds of its payments, oldest first."
    )
    money_timeline: list[MoneyTimelineEntry] | None = MONEY_TIMELINE
    ledger_entries: list[LedgerEntry] | None = ORDER_ENTRIES
    shipments: list[Shipment] = ORDER_SHIPMENTS
    shipping_labels: list[ShippingLabel] | None = ORDER_LABELS
    invoices: list[Invoice] = ORDER_INVOICES
    returns: list[ReturnRequest] = ORDER_RETURNS
    exchanged_order: "Order | None" = EXCHANGED_ORDER
    exchange_orders: "list[Order]" = EXCHANGE_ORDERS
    return_window_ends_at: datetime | None = RETURN_WINDOW_ENDS_AT
    balance: OrderBalance | None = relation(
        "id", load_balances, description="The sums of captures and refunds; null while nothing is captured."
    )
    refundable_shipping: Money = relation(
        "id",
        load_refundable_shipping,
        description=(
            "The shipping that `orderRefund` can still refund, with tax; not more than `OrderBalance.refundable`."
        ),
    )
    allocations: list[OrderAllocation] | None = relation(
        "id",
        load_allocations,
        many=True,
        guard=SEES_ORDERS,
        description="The warehouses that send its units, by SKU; null without ORDERS:READ.",
    )
    backorders: list[OrderBackorder] = relation(
        "id",
        load_backorders,
        many=True,
        size=1,
        description="The units that were not in stock when it was created, by SKU; empty when all were.",
    )
    user: Buyer | None = relation(
        "user_id",
        load_users,
        guard=SEES_USERS,
        description="The customer; null for an order of a guest. Requires USERS:READ.",
    )

    edits: list[OrderEdit] | None = ORDER_EDITS
    amount_overpaid: Money = AMOUNT_OVERPAID

    @computed
    def is_cancellable(self) -> bool:
        """Whether the order can still be cancelled: nothing is shipped, and no payment is in progress."""
        return lifecycle.may_cancel(_facts(self))

    @computed
    def amount_due(self) -> Money:
        """What is left to pay, also after an edit of a paid order; zero once no payment is expected."""
        return present(Money, KernelMoney(lifecycle.amount_due(_facts(self)), self.currency))

    @computed
    def awaits_acceptance(self) -> bool:
        """Whether the order is paid by invoice or cash on delivery and waits for staff to accept it (CONFIRMED)."""
        return acceptance.awaits_acceptance(_model(self))

    @computed
    def next_statuses(self) -> list[OrderStatus]:
        """The statuses that staff can set now with `orderStatusUpdate`; empty when there is none."""
        return lifecycle.next_statuses(_facts(self))


def _model(view: Order) -> OrderModel:
    """The domain's order, of which a view is what resolvers receive."""
    return cast("OrderModel", view)


def _facts(view: Order) -> OrderFacts:
    return OrderFacts.of(_model(view))
