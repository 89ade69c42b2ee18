"""Models of orders, the input of the checkout and the filter of lists."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.order.data import FulfilmentStatus, OrderAdjustmentSource, OrderPaymentStatus, OrderStatus
from domains.order.data import OrderAddressRow as OrderAddress
from domains.order.data import OrderAdjustmentRow as OrderAdjustment
from domains.order.data import OrderEditRow as OrderEdit
from domains.order.data import OrderItemRow as OrderItem
from domains.order.data import OrderNoteRow as OrderNote
from domains.order.data import OrderPromotionRow as OrderPromotion
from domains.order.data import OrderRow as Order
from domains.order.data import OrderSettingsRow as OrderSettings
from domains.order.data import OrderStatusHistoryRow as OrderStatusHistory
from domains.order.data import OrderTaxRow as OrderTax
from domains.payment.models import PaymentMethod, PaymentStatus

__all__ = [
    "AddressFields",
    "CreatedOrder",
    "FulfilmentStatus",
    "NewOrder",
    "Order",
    "OrderAddress",
    "OrderAdjustment",
    "OrderAdjustmentSource",
    "OrderEdit",
    "OrderFilter",
    "OrderItem",
    "OrderNote",
    "OrderPaymentStatus",
    "OrderPromotion",
    "OrderSettings",
    "OrderStatus",
    "OrderStatusHistory",
    "OrderTax",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFields:
    """An address that was entered at the checkout; `country` is an ISO 3166-1 alpha-2 code."""

    full_name: str
    address_line_1: str
    country: str
    city: str | None = None
    postal_code: str | None = None
    province: str | None = None
    company_name: str | None = None
    address_line_2: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """The input of the checkout. Addresses are entered, or given by their id in the buyer's address book.

    The billing address is the shipping address by default. `email` is used for guests only.
    `expected_total` is the total that the buyer was shown, and `expected_amount_due` what gift cards and store credit
    leave of it to pay in money. `shipping_method_id` replaces the choice of the cart; without both the cheapest
    method ships the order. Goods that are collected, or not shipped at all, need a billing address only. `vat_number`
    is the buyer's VAT number in the country of the shipping address, otherwise of the billing address: None for that
    of the cart, an empty text for none. `language` is that of documents and mails, a tag of BCP 47.
    """

    shipping: AddressFields | UUID | None = None
    billing: AddressFields | UUID | None = None
    cart_token: str | None = None
    shipping_method_id: UUID | None = None
    email: str | None = None
    notes: str | None = None
    vat_number: str | None = None
    language: str | None = None
    expected_total: Decimal | None = None
    expected_amount_due: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnpaidOrders:
    """The numbers of a buyer's orders that are not paid, accepted or (if free) processed yet, and of their units."""

    orders: int
    units: int


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """The id and number of an order, taken before its transaction begins, and the network that it comes from."""

    order_id: UUID
    number: int
    network: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """A new order. A guest reads it with `token`, which is returned only once."""

    order: Order
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """A filter of orders; all given conditions must hold. `search` is the beginning of a number or e-mail address.

    For staff it also matches the indexed terms (`search.index_terms`), and for those who may read users a part of the
    customer's name. Ranges of totals include both ends.
    """

    ids: tuple[UUID, ...] | None = None
    mine: bool = False
    statuses: tuple[OrderStatus, ...] | None = None
    user_id: UUID | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    is_paid: bool | None = None
    is_refunded: bool | None = None
    is_guest: bool | None = None
    total_at_least: Decimal | None = None
    total_at_most: Decimal | None = None
    payment_methods: tuple[PaymentMethod, ...] | None = None
    payment_statuses: tuple[OrderPaymentStatus, ...] | None = None
    fulfilment_statuses: tuple[FulfilmentStatus, ...] | None = None
    is_on_hold: bool | None = None
    payment_attempt_statuses: tuple[PaymentStatus, ...] | None = None
    product_id: UUID | None = None
    sku: str | None = None
    promotion_id: UUID | None = None
    search: str | None = None
