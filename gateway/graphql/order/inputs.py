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
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.payment.models import PaymentMethod, PaymentStatus, RefundDestination
from gateway.graphql.core.fields import from_input
from gateway.graphql.core.postal_address import PostalAddressInput
from gateway.graphql.order import types  # noqa: F401 - it describes the enums used here
from gateway.graphql.payment.inputs import CardInput

T = TypeVar("T")
MAX_VALUES = 20
KEY = (
    "Makes retries safe: a repeated request with the same key gets the same answer, also a refusal, and changes "
    "nothing. Use a new key, such as a UUID, for each operation."
)
TOKEN = "The order token of a guest, from `orderCreate`. A logged-in customer needs none."  # noqa: S105 - a description


@strawberry.input(description="A postal address that is entered at the checkout; the order keeps a copy of it.")
class OrderAddressInput(PostalAddressInput):
    """The order keeps a copy of it."""

    def as_fields(self) -> AddressFields:
        """The domain's address."""
        return from_input(AddressFields, self)


@strawberry.input(description="The addresses and the expected total of an order. The lines are those of the cart.")
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
            "The buyer's e-mail address, at most 254 characters. Required of guests whose cart has no "
            "confirmed one; ignored for customers."
        ),
    )
    shipping_address: OrderAddressInput | None = strawberry.field(
        default=None,
        description=(
            "The entered address of the delivery. Give either this or `shippingAddressId`. Goods that the buyer "
            "collects, or that are not shipped, need only a billing address."
        ),
    )
    shipping_address_id: UUID | None = strawberry.field(
        default=None,
        description=(
            "The id of an address of the customer's address book for the delivery. Give either this or "
            "`shippingAddress`."
        ),
    )
    billing_address: OrderAddressInput | None = strawberry.field(
        default=None,
        description=(
            "The entered address of the invoice; by default that of the delivery. Not together with "
            "`billingAddressId`."
        ),
    )
    billing_address_id: UUID | None = strawberry.field(
        default=None,
        description=(
            "The id of an address of the customer's address book for the invoice; by default that of the delivery."
        ),
    )
    shipping_method_id: UUID | None = strawberry.field(
        default=None,
        description=(
            "The id of the shipping method, from `cartShippingOptions`; by default that of `Cart.shippingMethod`. "
            "Another method with a live price must be chosen with `cartShippingMethodSet` before."
        ),
    )
    notes: str | None = strawberry.field(
        default=None,
        description="A note from the buyer to the shop, at most 1,000 characters; null or absent for none.",
    )
    vat_number: str | None = strawberry.field(
        default=None,
        description=(
            "The buyer's VAT number in the country of the shipping address, otherwise of the billing address, at "
            "most 40 characters. By default it is that of `Cart.destination`; an empty text for none."
        ),
    )
    language: str | None = strawberry.field(
        default=None,
        description=(
            "The language of invoices and messages about the order, a tag of BCP 47 such as `de` or `pt-BR`; by "
            "default that of the shop's documents."
        ),
    )
    expected_total: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The total that the buyer was shown, in the shop's currency. An order with another total is "
            "refused, and the error has the new one. By default it is the total that the cart last showed "
            "to its buyer."
        ),
    )

    expected_amount_due: Decimal | None = strawberry.field(
        default=None,
        description=(
            "What the buyer was shown as left to pay after gift cards and store credit, in the shop's currency. If "
            "more is left, the order is refused, and the error has the amount. By default it is what the cart last "
            "showed to its buyer."
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
            shipping_method_id=self.shipping_method_id,
            email=self.email,
            notes=self.notes,
            vat_number=self.vat_number,
            language=self.language,
            expected_total=self.expected_total,
            expected_amount_due=self.expected_amount_due,
        )


def _address(entered: OrderAddressInput | None, address_id: UUID | None, name: str) -> AddressFields | UUID | None:
    if entered is not None and address_id is not None:
        raise InvalidInput(f"Give either `{name}` or `{name}Id`.", field=(name,))
    return entered.as_fields() if entered is not None else address_id


@strawberry.input(description="The order to pay, and how.")
class OrderPayInput:
    """A card is charged at once; an order by invoice or cash on delivery is accepted without."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order that is not paid in full.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    method: PaymentMethod = strawberry.field(
        default=PaymentMethod.CARD,
        description="How the order is paid; CARD by default. `paymentMethods` lists what the shop offers.",
    )
    card: CardInput | None = strawberry.field(
        default=None, description="The card; required for the method CARD, not used by other methods."
    )


@strawberry.input(description="The order to cancel. Staff need ORDERS:MANAGE to cancel a paid one.")
class OrderCancelInput:
    """An order that is not shipped yet."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order for which `isCancellable` holds.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "The reason, at most 1,000 characters, which the buyer sees in the history; null or absent for none."
        ),
    )


@strawberry.input(description="The status to set on an order, with a comment and a tracking number.")
class OrderStatusUpdateInput:
    """A status that staff set."""

    order_id: UUID = strawberry.field(description="The id of the order to move on, to one of its `nextStatuses`.")
    status: OrderStatus = strawberry.field(description="CONFIRMED, PROCESSING, SHIPPED or DELIVERED.")
    comment: str | None = strawberry.field(
        default=None,
        description=(
            "A comment, at most 1,000 characters, which the buyer sees in the history; null or absent for none."
        ),
    )
    tracking_number: str | None = strawberry.field(
        default=None,
        description=(
            "The tracking number of the parcel, at most 255 characters, usually given with SHIPPED. Null "
            "or absent changes nothing."
        ),
    )


@strawberry.input(description="The input of `orderMarkPaid`: an order whose total was paid outside any provider.")
class OrderMarkPaidInput:
    """An order whose whole total was paid."""

    order_id: UUID = strawberry.field(description="The id of an order that is not paid in full.")
    reference: str | None = strawberry.field(
        default=None,
        description=(
            "A reference of the payment, such as a line of a bank statement, at most 255 characters. The "
            "history shows it; null or absent for none."
        ),
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="The number of units of an order's line to refund.")
class OrderRefundLineInput:
    """Units of a line."""

    order_item_id: UUID = strawberry.field(description="The id of a line of the order; each may be given once.")
    quantity: int = strawberry.field(description="The number of units, from 1 to `OrderItem.refundableQuantity`.")


@strawberry.input(
    description="What to refund of an order: an amount; lines, shipping and an adjustment; or else all that is left."
)
class OrderRefundInput:
    """An amount, parts of the order, or all that is left."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order with a captured payment.")
    amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The amount above 0 in the order's currency that belongs to no line, at most "
            "`OrderBalance.refundable`; leave it out to refund lines, shipping and an adjustment."
        ),
    )
    lines: list[OrderRefundLineInput] | None = strawberry.field(
        default=None,
        description=(
            "The units to refund, with their tax and after discounts: their share of what earlier refunds left "
            "of the line. The last unit takes the remainder."
        ),
    )
    shipping: bool = strawberry.field(
        default=False, description="Whether to refund all of `Order.refundableShipping`."
    )
    shipping_amount: Decimal | None = strawberry.field(
        default=None,
        description="The part of `Order.refundableShipping` to refund, with tax; leave it out with `shipping`.",
    )
    adjustment: Decimal | None = strawberry.field(
        default=None,
        description=(
            "An amount that is added to the lines and shipping, such as goodwill, or deducted when it is "
            "negative, such as a fee. It has no tax."
        ),
    )
    overpayment: bool = strawberry.field(default=False, description="Whether `Order.amountOverpaid` is refunded.")
    payment_id: UUID | None = strawberry.field(
        default=None,
        description="The only payment to refund; by default all captured ones of the order, the oldest first.",
    )
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "The reason, at most 1,000 characters, which the history shows when the refund ends the "
            "order; null or absent for none."
        ),
    )

    destination: RefundDestination | None = strawberry.field(
        default=None,
        description=(
            "STORE_CREDIT for the store credit of the customer, at once, except for what a gift card or store credit "
            "paid, which goes back there. ORIGINAL_PAYMENT for what paid; the value of an exchange is then paid out "
            "by hand. By default the latter, but the value of an exchange becomes store credit of a customer."
        ),
    )

    def as_new_refund(self) -> NewRefund:
        """The domain's input."""
        lines = self.lines
        return NewRefund(
            amount=self.amount,
            lines=None if lines is None else [RefundedUnits(each.order_item_id, each.quantity) for each in lines],
            shipping=self.shipping,
            shipping_amount=self.shipping_amount,
            adjustment=self.adjustment,
            overpayment=self.overpayment,
            payment_id=self.payment_id,
            reason=self.reason,
            destination=self.destination,
        )


@strawberry.input(
    description="Conditions on orders, all of which must hold. Null and absent fields set no condition."
)
class OrderFilterInput:
    """Conditions that must all hold."""

    mine: bool = strawberry.field(
        default=False,
        description=(
            "True: only the caller's own orders, also for staff who may see all; false: all that the caller may see."
        ),
    )
    statuses: list[OrderStatus] | None = strawberry.field(
        default=None, description="Orders with one of these statuses; at most 20."
    )
    user_id: UUID | None = strawberry.field(
        default=None, description="Orders of this customer. Another user's require ORDERS:READ."
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Orders created at this time or later."
    )
    created_before: datetime | None = strawberry.field(default=None, description="Orders created before this time.")
    is_paid: bool | None = strawberry.field(
        default=None,
        description=(
            "True: orders whose captures reached the total, or that were marked as paid; false: all others."
        ),
    )
    is_refunded: bool | None = strawberry.field(
        default=None, description="True: orders with at least one succeeded refund; false: all others."
    )
    is_guest: bool | None = strawberry.field(
        default=None, description="True: orders of guests; false: orders of customers."
    )
    total_at_least: Decimal | None = strawberry.field(
        default=None, description="Orders with this total or more, in the company's currency."
    )
    total_at_most: Decimal | None = strawberry.field(
        default=None, description="Orders with this total or less, in the company's currency."
    )
    payment_methods: list[PaymentMethod] | None = strawberry.field(
        default=None,
        description=(
            "Orders with one of these payment methods. A PENDING order with INVOICE or CASH_ON_DELIVERY "
            "waits to be accepted."
        ),
    )
    payment_statuses: list[OrderPaymentStatus] | None = strawberry.field(
        default=None, description="Orders with one of these payment statuses; at most 20."
    )
    fulfilment_statuses: list[FulfilmentStatus] | None = strawberry.field(
        default=None, description="Orders with one of these fulfilment statuses; at most 20."
    )
    payment_attempt_statuses: list[PaymentStatus] | None = strawberry.field(
        default=None, description="Orders with at least one payment attempt of one of these statuses; at most 20."
    )
    product_id: UUID | None = strawberry.field(
        default=None, description="Orders with a line of this product, in any variant."
    )
    sku: str | None = strawberry.field(default=None, description="Orders with a line of exactly this SKU.")
    promotion_id: UUID | None = strawberry.field(default=None, description="Orders that this promotion discounts.")
    is_on_hold: bool | None = strawberry.field(
        default=None, description="True: orders whose shipment staff hold back; false: all others."
    )

    def as_filter(self, search: str | None) -> OrderFilter:
        """The domain's filter. Raises TooMany for a list that is too long."""
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
            is_on_hold=self.is_on_hold,
            search=search,
        )


def _several(values: list[T] | None, name: str) -> tuple[T, ...] | None:
    if values is not None and len(values) > MAX_VALUES:
        raise TooMany(f"At most {MAX_VALUES} values can be given.", field=("filter", name))
    return None if values is None else tuple(values)
