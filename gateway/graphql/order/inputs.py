"""Inputs of the order domain's fields."""

from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import strawberry

from domains.kernel.errors import InvalidInput, TooMany
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
from gateway.graphql.core.fields import from_input
from gateway.graphql.core.postal_address import PostalAddressInput
from gateway.graphql.order import types  # noqa: F401 - it describes the enums used here
from gateway.graphql.payment.inputs import CardInput

T = TypeVar("T")
MAX_VALUES = 20
KEY = (
    "Makes retries safe: a repeated request with the same key gets the same answer and changes nothing. Use a new "
    "key, such as a UUID, for each operation."
)
TOKEN = "The order token of a guest, from `orderCreate`. A logged-in customer needs none."  # noqa: S105 - a description


@strawberry.input(description="An address that is entered at the checkout.")
class OrderAddressInput(PostalAddressInput):
    """The order keeps a copy of it."""

    def as_fields(self) -> AddressFields:
        """The domain's address."""
        return from_input(AddressFields, self)


@strawberry.input(description="The input of `orderCreate`.")
class OrderCreateInput:
    """Addresses are entered, or given by their id in the customer's address book."""

    idempotency_key: str = strawberry.field(description=KEY)
    cart_token: str | None = strawberry.field(
        default=None,
        description="A guest's cart token, unless the header `X-Cart-Token` has it. A customer's cart needs none.",
    )
    email: str | None = strawberry.field(
        default=None,
        description=(
            "The buyer's e-mail address. Required of guests whose cart has none confirmed, ignored for customers."
        ),
    )
    shipping_address: OrderAddressInput | None = strawberry.field(
        default=None, description="The entered shipping address; alternatively give `shippingAddressId`."
    )
    shipping_address_id: UUID | None = strawberry.field(
        default=None, description="The shipping address, from the customer's address book."
    )
    billing_address: OrderAddressInput | None = strawberry.field(
        default=None, description="The billing address; by default the shipping address."
    )
    billing_address_id: UUID | None = strawberry.field(
        default=None, description="The billing address, from the customer's address book."
    )
    notes: str | None = strawberry.field(default=None, description="A note of the buyer, at most 1,000 characters.")
    expected_total: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The total that the buyer was shown. An order with another total is refused, and the error has the new "
            "one. By default it is the total that the cart last showed to its buyer."
        ),
    )

    def as_new_order(self, cart_token: str | None) -> NewOrder:
        """The domain's new order. Raises InvalidInput for an address that is given twice."""
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


def _address(entered: OrderAddressInput | None, address_id: UUID | None, name: str) -> AddressFields | UUID | None:
    if entered is not None and address_id is not None:
        raise InvalidInput(f"Give either `{name}` or `{name}Id`.", field=(name,))
    return entered.as_fields() if entered is not None else address_id


@strawberry.input(description="The input of `orderPay`.")
class OrderPayInput:
    """A card is charged at once; an order by invoice or cash on delivery is accepted without."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order that is not paid in full.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    method: PaymentMethod = strawberry.field(default=PaymentMethod.CARD, description="The payment method.")
    card: CardInput | None = strawberry.field(default=None, description="The card, with the method CARD.")


@strawberry.input(description="The input of `orderCancel`.")
class OrderCancelInput:
    """An order that is not shipped yet."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order for which `isCancellable` holds.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    reason: str | None = strawberry.field(default=None, description="The reason, which the order's history shows.")


@strawberry.input(description="The input of `orderStatusUpdate`.")
class OrderStatusUpdateInput:
    """A status that staff set."""

    order_id: UUID = strawberry.field(description="The id of the order to move on, to one of its `nextStatuses`.")
    status: OrderStatus = strawberry.field(description="CONFIRMED, PROCESSING, SHIPPED or DELIVERED.")
    comment: str | None = strawberry.field(
        default=None, description="A comment, which the buyer sees in the history."
    )
    tracking_number: str | None = strawberry.field(
        default=None, description="The tracking number of the parcel, with SHIPPED."
    )


@strawberry.input(description="The input of `orderMarkPaid`: an order whose total was paid outside any provider.")
class OrderMarkPaidInput:
    """An order whose whole total was paid."""

    order_id: UUID = strawberry.field(description="The id of an order that is not paid in full.")
    reference: str | None = strawberry.field(
        default=None,
        description="A reference of the payment, such as a line of a bank statement. The history shows it.",
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="The input of `orderRefund`.")
class OrderRefundInput:
    """An amount, or all that is left."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order with a captured payment.")
    amount: Decimal | None = strawberry.field(
        default=None, description="The amount in the order's currency; by default all that is left."
    )
    reason: str | None = strawberry.field(
        default=None, description="The reason, which the history shows when the refund ends the order."
    )


@strawberry.input(description="A filter of orders; all given conditions must hold.")
class OrderFilterInput:
    """Conditions that must all hold."""

    mine: bool = strawberry.field(
        default=False, description="Only the caller's own orders, for staff who see all orders."
    )
    statuses: list[OrderStatus] | None = strawberry.field(default=None, description="With one of these statuses.")
    user_id: UUID | None = strawberry.field(default=None, description="Of this customer.")
    created_from: datetime | None = strawberry.field(default=None, description="Created at this time or later.")
    created_before: datetime | None = strawberry.field(default=None, description="Created before this time.")
    is_paid: bool | None = strawberry.field(
        default=None, description="Whether captures have reached the total, or the order was marked as paid."
    )
    is_refunded: bool | None = strawberry.field(default=None, description="Whether a refund succeeded.")
    is_guest: bool | None = strawberry.field(default=None, description="Of guests (true) or of customers (false).")
    total_at_least: Decimal | None = strawberry.field(
        default=None, description="Orders of this amount or more, in the company's currency."
    )
    total_at_most: Decimal | None = strawberry.field(
        default=None, description="Orders of this amount or less, in the company's currency."
    )
    payment_methods: list[PaymentMethod] | None = strawberry.field(
        default=None,
        description="With one of these payment methods. A PENDING order with INVOICE or CASH_ON_DELIVERY waits to be "
        "accepted.",
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
    product_id: UUID | None = strawberry.field(default=None, description="With a line of this product.")
    sku: str | None = strawberry.field(default=None, description="With a line of this SKU.")
    promotion_id: UUID | None = strawberry.field(default=None, description="Discounted by this promotion.")

    def as_filter(self, search: str | None) -> OrderFilter:
        """The domain's filter. Raises InvalidInput for a list that is too long."""
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
    if values is not None and len(values) > MAX_VALUES:
        raise TooMany(f"At most {MAX_VALUES} values can be given.", field=("filter", name))
    return None if values is None else tuple(values)
