"""What a total is made of: the lines and terms that go into it, and the figures that come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Self, TypeAlias
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.company.models import Company
from domains.promotion.models import DiscountType, Promotion, PromotionType

NOTHING = Decimal(0)
BuyerKey: TypeAlias = UUID | str | None
"""What a buyer is known by: their account, or else the mailbox that they have confirmed, or nothing."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """So many units of something, at a price for one in the currency of the terms; `key` is the line's own id.

    `category_ids` are the product's category and those above it. The quantity is positive, the price not negative.
    """

    key: UUID
    product_id: UUID
    variant_id: UUID | None
    category_ids: frozenset[UUID]
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """A company's terms of sale: amounts in `currency`, the tax rate as a fraction (0.19 is 19 %)."""

    currency: str
    tax_rate: Decimal
    prices_include_tax: bool
    flat_shipping: Decimal
    free_shipping_threshold: Decimal | None

    @classmethod
    def of(cls, company: Company) -> Self:
        """The terms in a company's settings."""
        return cls(
            company.currency,
            company.tax_rate,
            company.prices_include_tax,
            company.flat_shipping,
            company.free_shipping_threshold,
        )


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as far as they have proven it: by an account, by a confirmed mailbox, or nobody known yet.

    `uses` counts theirs by promotion. `paid_orders` are those that stand, `unconfirmed_orders` those among them that
    were placed at their mailbox by somebody who had not proven it. `spent` says why promotions are used up for the
    address that was typed in, or for the delivery address; it belongs to nobody and shows in no cart.
    """

    user_id: UUID | None = None
    mailbox: str | None = None
    paid_orders: int = 0
    uses: Mapping[UUID, int] = field(default_factory=dict)
    unconfirmed_orders: int = 0
    spent: Mapping[UUID, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to know them by."""
        return self.user_id is not None or self.mailbox is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """Who orders, and to where: an account, an address that is normalised, and whether it is proven to be theirs.

    `address_keys` are keyed digests of the delivery address, the newest key's first.
    """

    user_id: UUID | None = None
    email: str | None = None
    email_confirmed: bool = False
    address_keys: Sequence[str] = ()

    @property
    def mailbox(self) -> str | None:
        """The mailbox of the address."""
        return None if self.email is None else mailbox_of(self.email)

    @property
    def confirmed_mailbox(self) -> str | None:
        """The same, if it is proven to be theirs."""
        return self.mailbox if self.email_confirmed else None

    @property
    def typed_mailbox(self) -> str | None:
        """The same, if it is not."""
        return None if self.email_confirmed else self.mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionTerms:
    """A promotion with what it is for. Without products and categories it is for everything."""

    id: UUID
    name: str
    type: PromotionType
    discount_type: DiscountType
    currency: str
    start_date: datetime
    end_date: datetime | None = None
    code: str | None = None
    discount_value: Decimal = NOTHING
    buy_quantity: int | None = None
    get_quantity: int | None = None
    required_orders: int | None = None
    priority: int = 0
    is_exclusive: bool = False
    is_automatic: bool = False
    is_active: bool = True
    min_purchase_amount: Decimal | None = None
    max_usage_count: int | None = None
    current_usage_count: int = 0
    max_usage_per_user: int | None = None
    product_ids: frozenset[UUID] = frozenset()
    category_ids: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, row: Promotion, product_ids: frozenset[UUID], category_ids: frozenset[UUID]) -> Self:
        """The terms of a stored promotion; whose categories were deleted, it is not active."""
        return cls(
            id=row.id,
            name=row.name,
            type=row.type,
            discount_type=row.discount_type,
            currency=row.currency,
            start_date=row.start_date,
            end_date=row.end_date,
            code=row.code,
            discount_value=row.discount_value,
            buy_quantity=row.buy_quantity,
            get_quantity=row.get_quantity,
            required_orders=row.required_orders,
            priority=row.priority,
            is_exclusive=row.is_exclusive,
            is_automatic=row.is_automatic,
            is_active=row.is_active and not row.targets_deleted,
            min_purchase_amount=row.min_purchase_amount,
            max_usage_count=row.max_usage_count,
            current_usage_count=row.current_usage_count,
            max_usage_per_user=row.max_usage_per_user,
            product_ids=product_ids,
            category_ids=category_ids,
        )

    @property
    def is_limited(self) -> bool:
        """Whether it is for some products or categories alone."""
        return bool(self.product_ids or self.category_ids)

    def covers(self, line: PricedLine) -> bool:
        """Whether it is for what stands on this line."""
        return (
            not self.is_limited
            or line.product_id in self.product_ids
            or not self.category_ids.isdisjoint(line.category_ids)
        )


@dataclass(frozen=True, slots=True)
class Discount:
    """What a promotion takes off, a line or the whole, and in words why."""

    promotion_id: UUID
    name: str
    code: str | None
    amount: Decimal
    explanation: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code that does not apply, and in a sentence why; it may apply once the buyer's address is confirmed."""

    promotion_id: UUID
    code: str | None
    reason: str
    needs_confirmed_email: bool = False


@dataclass(frozen=True, slots=True)
class LineTotal:
    """What a line comes to. Its total is what is paid for it: tax is within it, whether prices include it or not."""

    key: UUID
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal
    discounts: tuple[Discount, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a cart or an order comes to; all amounts at the scale of `currency`, none negative.

    The lines' totals and `shipping` add up to `total`. `subtotal` is the lines before discounts, `discount` what is
    taken off them; `shipping` is what is paid for it, after `shipping_discount` was taken off.
    """

    currency: str
    lines: tuple[LineTotal, ...]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_discount: Decimal
    tax: Decimal
    total: Decimal
    applied: tuple[Discount, ...]
    refused: tuple[Refusal, ...]
