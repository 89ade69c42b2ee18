"""The rules of discounts, and the lines and buyers that they apply to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeAlias
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.promotion.models import DiscountType, Promotion, PromotionType, StoredStatus
from domains.promotion.promotion_rules.models import Rule
from domains.promotion.segments.conditions import Segment

NOTHING = Decimal(0)


class DiscountSource(StrEnum):
    """What gives a discount."""

    PROMOTION = "PROMOTION"
    COUPON = "COUPON"


@dataclass(frozen=True, slots=True)
class Redemption:
    """A promotion or coupon that an order redeems, and the amount that it takes off lines and shipping.

    `code_id` is the unique code of a coupon.
    """

    source: DiscountSource
    source_id: UUID
    amount: Decimal
    code_id: UUID | None = None


BuyerKey: TypeAlias = UUID | str | None
"""The identity of a buyer: the account, otherwise the confirmed mailbox, or None."""


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A quantity of a product or variant at a unit price, which may have more decimals than its currency.

    `key` is the line's own id. `category_ids` are the product's category and its ancestors. The quantity is
    positive, the price not negative. A gift card is sold without tax, discounts and shipping. `weight` is that of a
    unit in kilograms, 0 if it is not known. Without a `shipping_profile_id` it has the company's default profile.
    """

    key: UUID
    product_id: UUID
    variant_id: UUID | None
    category_ids: frozenset[UUID]
    quantity: int
    unit_price: Decimal
    is_gift_card: bool = False
    tax_class_id: UUID | None = None
    weight: Decimal = NOTHING
    is_shipped: bool = True
    shipping_profile_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer whose identity is proven by an account, by a confirmed mailbox, or not at all.

    `uses` counts their uses by promotion. `paid_orders` counts the paid orders that were not cancelled or refunded,
    and `unconfirmed_orders` those among them whose mailbox was not confirmed; the first and the last of them were
    paid at `first_paid_at` and `last_paid_at`. `spent` gives the reason for each promotion that is used up for the
    unconfirmed address or the delivery address; carts do not show it. `lists` are the customer segments on whose
    lists the account is.
    """

    user_id: UUID | None = None
    mailbox: str | None = None
    paid_orders: int = 0
    uses: Mapping[UUID, int] = field(default_factory=dict)
    unconfirmed_orders: int = 0
    spent: Mapping[UUID, str] = field(default_factory=dict)
    first_paid_at: datetime | None = None
    last_paid_at: datetime | None = None
    lists: frozenset[UUID] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether the identity is proven."""
        return self.user_id is not None or self.mailbox is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerIdentity:
    """The identity of a buyer: an account, a normalized e-mail address, and whether that address is confirmed.

    `address_keys` are keyed digests of the delivery address, the digest by the newest key first.
    """

    user_id: UUID | None = None
    email: str | None = None
    email_confirmed: bool = False
    address_keys: Sequence[str] = ()

    @property
    def mailbox(self) -> str | None:
        """The mailbox of the e-mail address."""
        return None if self.email is None else mailbox_of(self.email)

    @property
    def confirmed_mailbox(self) -> str | None:
        """The mailbox, if the address is confirmed."""
        return self.mailbox if self.email_confirmed else None

    @property
    def unconfirmed_mailbox(self) -> str | None:
        """The mailbox, if the address is not confirmed."""
        return None if self.email_confirmed else self.mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountRule:
    """The rule of a promotion or coupon with its targets.

    A coupon has no `type`; `code_id` is the unique code by which a cart has it.
    Without products and categories it applies to all products. It does not apply to excluded ones, nor to excluded
    categories and their descendants. `maximum_discount` bounds what it takes off an order. `rules` are in the order
    in which they apply; they may name products of their own. With a `segment` it is for the customers in it.
    """

    source: DiscountSource = DiscountSource.PROMOTION
    id: UUID
    name: str
    type: PromotionType | None = None
    discount_type: DiscountType
    currency: str
    start_date: datetime
    end_date: datetime | None = None
    code: str | None = None
    code_id: UUID | None = None
    discount_value: Decimal = NOTHING
    rules: tuple[Rule, ...] = ()
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
    excluded_product_ids: frozenset[UUID] = frozenset()
    excluded_category_ids: frozenset[UUID] = frozenset()
    maximum_discount: Decimal | None = None
    segment: Segment | None = None

    @classmethod
    def of(
        cls,
        row: Promotion,
        product_ids: frozenset[UUID] = frozenset(),
        category_ids: frozenset[UUID] = frozenset(),
        rules: tuple[Rule, ...] = (),
        segment: Segment | None = None,
    ) -> Self:
        """The rule of a stored promotion, which is not active if its categories were deleted."""
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
            rules=rules,
            required_orders=row.required_orders,
            priority=row.priority,
            is_exclusive=row.is_exclusive,
            is_automatic=row.is_automatic,
            is_active=row.status == StoredStatus.ACTIVE and not row.targets_deleted,
            min_purchase_amount=row.min_purchase_amount,
            max_usage_count=row.max_usage_count,
            current_usage_count=row.current_usage_count,
            max_usage_per_user=row.max_usage_per_user,
            product_ids=product_ids,
            category_ids=category_ids,
            segment=segment,
        )

    @property
    def is_limited(self) -> bool:
        """Whether it applies to some products or categories only."""
        return bool(self.product_ids or self.category_ids or self.excluded_product_ids or self.excluded_category_ids)

    def covers(self, line: PricedLine) -> bool:
        """Whether it applies to a line, or a rule of it needs the line."""
        if line.product_id in self.excluded_product_ids:
            return False
        if not self.excluded_category_ids.isdisjoint(line.category_ids):
            return False
        if not self.rules:
            return self.is_target(line)
        selections = [selection for rule in self.rules for selection in rule.selections]
        return any(each.names(line) if each.is_own else self.is_target(line) for each in selections)

    def is_target(self, line: PricedLine) -> bool:
        """Whether its products and categories contain a line, which they do if there are none."""
        return (
            not (self.product_ids or self.category_ids)
            or line.product_id in self.product_ids
            or not self.category_ids.isdisjoint(line.category_ids)
        )
