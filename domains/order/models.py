"""Orders as the rest of the house sees them, and what makes and finds them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domains.order.data import OrderAddressRow as OrderAddress
from domains.order.data import OrderItemRow as OrderItem
from domains.order.data import OrderPromotionRow as OrderPromotion
from domains.order.data import OrderRow as Order
from domains.order.data import OrderSettingsRow as OrderSettings
from domains.order.data import OrderStatus
from domains.order.data import OrderStatusHistoryRow as OrderStatusHistory
from domains.payment.models import PaymentMethod, PaymentStatus

__all__ = [
    "AddressFields",
    "NewOrder",
    "Order",
    "OrderAddress",
    "OrderFilter",
    "OrderItem",
    "OrderPromotion",
    "OrderSettings",
    "OrderStatus",
    "OrderStatusHistory",
    "PlacedOrder",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFields:
    """An address as it is typed in at the checkout; `country` in ISO 3166-1's two letters."""

    full_name: str
    address_line_1: str
    country: str
    city: str | None = None
    postal_code: str | None = None
    province: str | None = None
    address_line_2: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a buyer gives to order their cart: addresses typed in, or by their id in the buyer's address book.

    Without a billing address the shipping address is billed. `email` is a guest's; of a customer it is the account's.
    `expected_total` is what the buyer was shown.
    """

    shipping: AddressFields | UUID | None = None
    billing: AddressFields | UUID | None = None
    cart_token: str | None = None
    email: str | None = None
    notes: str | None = None
    expected_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnpaidOrders:
    """Orders of one buyer that wait to be paid or accepted, or cost nothing and were not begun; the units in them."""

    orders: int
    units: int


@dataclass(frozen=True, slots=True)
class OrderTicket:
    """What is settled before an order's transaction begins: its number, and the network that it comes from."""

    number: int
    network: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """A new order; `token` is what a guest finds it by, and is shown once."""

    order: Order
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders; everything given must hold. `search` is how the number or the e-mail address begins.

    For staff it is also what `search_terms` knows of an order, and for those who may read users a part of the
    customer's name. A range of totals has both its ends.
    """

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
    payment_statuses: tuple[PaymentStatus, ...] | None = None
    product_id: UUID | None = None
    sku: str | None = None
    promotion_id: UUID | None = None
    search: str | None = None
