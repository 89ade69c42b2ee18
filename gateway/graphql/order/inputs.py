"""What the order domain's fields take."""

from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import strawberry

from domains.kernel.errors import InvalidInput
from domains.kernel.validation import collect_errors
from domains.order.models import (
    AddressFields,
    FulfilmentStatus,
    NewOrder,
    OrderFilter,
    OrderPaymentStatus,
    OrderStatus,
)
from domains.payment.models import PaymentMethod, PaymentStatus
from gateway.graphql.core.fields import given
from gateway.graphql.core.postal_address import PostalAddressInput
from gateway.graphql.order import types  # noqa: F401 - it describes the enums used here
from gateway.graphql.payment.inputs import CardInput

T = TypeVar("T")
MOST_VALUES = 20
KEY = (
    "A word of your own that makes sending it again safe: the same key gives the same answer, and nothing is done "
    "twice. Take a new one for each thing you mean to do; a UUID will do."
)
TOKEN = "A guest's order token, as `orderCreate` gave it. A customer needs none."  # noqa: S105 - a description


@strawberry.input(description="An address as it is typed in at the checkout.")
class OrderAddressInput(PostalAddressInput):
    """The order keeps a copy of it."""

    def as_fields(self) -> AddressFields:
        """The domain's address."""
        return AddressFields(**given(self))


@strawberry.input(description="What is needed to order a cart.")
class OrderCreateInput:
    """Addresses are typed in, or named by their id in the customer's address book."""

    idempotency_key: str = strawberry.field(description=KEY)
    cart_token: str | None = strawberry.field(
        default=None,
        description="A guest's cart token, unless `X-Cart-Token` has it. A customer's cart is found without one.",
    )
    email: str | None = strawberry.field(
        default=None,
        description=(
            "Where the shop writes to; needed of guests whose cart has no confirmed address, ignored for customers."
        ),
    )
    shipping_address: OrderAddressInput | None = strawberry.field(default=None, description="Where it is sent.")
    shipping_address_id: UUID | None = strawberry.field(
        default=None, description="Where it is sent: an address of the customer's book."
    )
    billing_address: OrderAddressInput | None = strawberry.field(
        default=None, description="Who is billed; without it, the shipping address."
    )
    billing_address_id: UUID | None = strawberry.field(
        default=None, description="Who is billed: an address of the customer's book."
    )
    notes: str | None = strawberry.field(
        default=None, description="What the buyer has to say, at most 1,000 letters."
    )
    expected_total: Decimal | None = strawberry.field(
        default=None,
        description=(
            "What the buyer was shown. An order that would come to another is refused, and says what to. Without it, "
            "the total that the cart last showed to its buyer counts, if it has shown one."
        ),
    )

    def as_new_order(self, cart_token: str | None) -> NewOrder:
        """The domain's new order. Raises InvalidInput for addresses that are given twice."""
        with collect_errors() as each:
            with each:
                shipping = _address(self.shipping_address, self.shipping_address_id, "shippingAddress")
            with each:
                billing = _address(self.billing_address, self.billing_address_id, "billingAddress")
        return NewOrder(
            shipping=shipping,
            billing=billing,
            cart_token=cart_token,
            email=self.email,
            notes=self.notes,
            expected_total=self.expected_total,
        )


def _address(typed: OrderAddressInput | None, known: UUID | None, name: str) -> AddressFields | UUID | None:
    if typed is not None and known is not None:
        raise InvalidInput(f"Give either `{name}` or `{name}Id`.", field=(name,))
    return typed.as_fields() if typed is not None else known


@strawberry.input(description="How an order is paid.")
class OrderPayInput:
    """A card is charged at once; an order by invoice or cash on delivery is accepted without."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="Which order.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    method: PaymentMethod = strawberry.field(default=PaymentMethod.CARD, description="How it is paid.")
    card: CardInput | None = strawberry.field(default=None, description="The card, for CARD.")


@strawberry.input(description="Which order is to be cancelled.")
class OrderCancelInput:
    """Possible until it is shipped."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="Which order.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    reason: str | None = strawberry.field(default=None, description="Why; it stands in the order's history.")


@strawberry.input(description="How an order moves on.")
class OrderStatusUpdateInput:
    """A step by hand."""

    order_id: UUID = strawberry.field(description="Which order.")
    status: OrderStatus = strawberry.field(description="CONFIRMED, PROCESSING, SHIPPED or DELIVERED.")
    comment: str | None = strawberry.field(default=None, description="Why; the buyer sees it in the history.")
    tracking_number: str | None = strawberry.field(default=None, description="The parcel's number, with SHIPPED.")


@strawberry.input(description="Which order was paid outside, by transfer or at the door.")
class OrderMarkPaidInput:
    """The whole total has come."""

    order_id: UUID = strawberry.field(description="Which order.")
    reference: str | None = strawberry.field(
        default=None,
        description="What the money came by, such as a line of a bank statement; the buyer sees it in the history.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What is given back.")
class OrderRefundInput:
    """Some of what was paid, or all that is left."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="Which order.")
    amount: Decimal | None = strawberry.field(
        default=None, description="How much, in the order's currency; all that is left when not given."
    )
    reason: str | None = strawberry.field(default=None, description="Why.")


@strawberry.input(description="Which orders; what is left out asks nothing.")
class OrderFilterInput:
    """Conditions that must all hold."""

    mine: bool = strawberry.field(default=False, description="One's own, for staff who see all.")
    statuses: list[OrderStatus] | None = strawberry.field(default=None, description="Standing at one of these.")
    user_id: UUID | None = strawberry.field(default=None, description="Of this customer.")
    created_from: datetime | None = strawberry.field(default=None, description="Placed then or later.")
    created_before: datetime | None = strawberry.field(default=None, description="Placed before then.")
    is_paid: bool | None = strawberry.field(
        default=None, description="Whether the whole amount was captured or marked as paid."
    )
    is_refunded: bool | None = strawberry.field(default=None, description="Whether some of it was given back.")
    is_guest: bool | None = strawberry.field(default=None, description="Of guests, or of customers.")
    total_at_least: Decimal | None = strawberry.field(default=None, description="Coming to so much, or more.")
    total_at_most: Decimal | None = strawberry.field(default=None, description="Coming to so much, or less.")
    payment_methods: list[PaymentMethod] | None = strawberry.field(
        default=None,
        description="Paid, or to be paid, in one of these ways. What is PENDING by INVOICE or CASH_ON_DELIVERY waits "
        "to be accepted.",
    )
    payment_statuses: list[OrderPaymentStatus] | None = strawberry.field(
        default=None, description="With one of these payment statuses."
    )
    fulfilment_statuses: list[FulfilmentStatus] | None = strawberry.field(
        default=None, description="With one of these fulfilment statuses."
    )
    payment_attempt_statuses: list[PaymentStatus] | None = strawberry.field(
        default=None, description="With a payment attempt of one of these statuses."
    )
    product_id: UUID | None = strawberry.field(default=None, description="With this product in it.")
    sku: str | None = strawberry.field(default=None, description="With a line of this SKU.")
    promotion_id: UUID | None = strawberry.field(default=None, description="That this promotion took something off.")

    def as_filter(self, search: str | None) -> OrderFilter:
        """The domain's filter. Raises InvalidInput for too long a list."""
        return OrderFilter(
            mine=self.mine,
            statuses=_several(self.statuses, "statuses"),
            user_id=self.user_id,
            created_from=self.created_from,
            created_before=self.created_before,
            is_paid=self.is_paid,
            is_refunded=self.is_refunded,
            is_guest=self.is_guest,
            total_at_least=self.total_at_least,
            total_at_most=self.total_at_most,
            payment_methods=_several(self.payment_methods, "paymentMethods"),
            payment_statuses=_several(self.payment_statuses, "paymentStatuses"),
            fulfilment_statuses=_several(self.fulfilment_statuses, "fulfilmentStatuses"),
            payment_attempt_statuses=_several(self.payment_attempt_statuses, "paymentAttemptStatuses"),
            product_id=self.product_id,
            sku=self.sku,
            promotion_id=self.promotion_id,
            search=search,
        )


def _several(values: list[T] | None, name: str) -> tuple[T, ...] | None:
    if values is not None and len(values) > MOST_VALUES:
        raise InvalidInput(f"At most {MOST_VALUES} values can be given.", field=("filter", name))
    return None if values is None else tuple(values)
