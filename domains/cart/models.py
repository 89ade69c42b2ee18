"""Models of carts: references, contents, filters, and lines that could not be added."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.sessions.tokens import digest
from domains.cart.data import CartItemRow as CartItem
from domains.cart.data import CartRow
from domains.cart.data import CartSettingsRow as CartSettings
from domains.catalog.models import Product, Variant
from domains.catalog.products.offers import Offer, OfferKey
from domains.kernel.actor import Actor
from domains.kernel.prisma.rows import RowFactory
from domains.kernel.values.money import Money
from domains.pricing.models import Quote, Terms
from domains.pricing.quote import subtotals
from domains.promotion.rules import BuyerKey, DiscountRule, DiscountSource, PricedLine
from domains.tax.models import Destination

__all__ = [
    "MAX_CODES",
    "Added",
    "Addition",
    "Cart",
    "CartContents",
    "CartFilter",
    "CartItem",
    "CartLimits",
    "CartLine",
    "CartRef",
    "CartSettings",
    "ChangedCart",
    "MergeResult",
    "NewLine",
    "OpenCart",
    "PricedCart",
    "RejectedLine",
    "RejectionReason",
    "cart_from_record",
    "cart_of",
]

MAX_CODES: Final = 10
_GUEST_LIFETIME: Final = timedelta(days=30)
_USER_LIFETIME: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CartLimits:
    """The maximum units of a line, and the maximum lines of a cart."""

    units: int
    lines: int

    @classmethod
    def of(cls, settings: CartSettings) -> Self:
        """The limits of a company's settings."""
        return cls(settings.max_line_units, settings.max_order_lines)


@dataclass(frozen=True, slots=True)
class CartRef:
    """A reference to a cart: of a user, or of a guest by the hash of the cart's token, or to no cart."""

    user_id: UUID | None = None
    token_hash: str | None = None

    @classmethod
    def of(cls, actor: Actor, token: str | None) -> Self:
        """The cart of an actor: a logged-in user's own, regardless of the token; otherwise that of the token."""
        if actor.user_id is not None:
            return cls(user_id=actor.user_id)
        return cls.of_token(token)

    @classmethod
    def of_token(cls, token: str | None) -> Self:
        """The guest's cart of a token."""
        return cls(token_hash=digest(token) if token else None)

    @property
    def is_empty_reference(self) -> bool:
        """Whether it refers to no cart: a guest without a token."""
        return self.user_id is None and self.token_hash is None

    def expiry(self, now: datetime) -> datetime:
        """When the cart expires if it does not change: after 30 days for guests, 90 for users."""
        return now + (_USER_LIFETIME if self.user_id is not None else _GUEST_LIFETIME)


class Cart(CartRow):
    """A stored cart. Rows are read as this class directly, without a copy."""

    __slots__ = ()

    @property
    def itself(self) -> Self:
        """The cart, as the key of its contents."""
        return self

    @property
    def shown_total(self) -> Money | None:
        """The total that was last shown to its buyer; None if there is none."""
        if self.quoted_total is None or self.quoted_currency is None:
            return None
        return Money(self.quoted_total, self.quoted_currency)

    @property
    def buyer_key(self) -> BuyerKey:
        """The buyer: the user, or the mailbox that the guest has confirmed; None if the guest has confirmed none."""
        if self.user_id is not None or self.confirmed_email is None:
            return self.user_id
        return mailbox_of(self.confirmed_email)

    @property
    def destination(self) -> Destination | None:
        """Where its goods are to be sent; None before its buyer has said so."""
        if self.destination_country is None:
            return None
        place = (self.destination_country, self.destination_province, self.destination_postal_code)
        return Destination(*place, self.vat_number)

    def is_of(self, actor: Actor) -> bool:
        """Whether the actor is its buyer; a guest reaches a cart by its token only."""
        return self.user_id == actor.user_id


cart_from_record = RowFactory(Cart, ())


def cart_of(row: CartRow) -> Cart:
    """The cart of a row."""
    return Cart(*(getattr(row, field.name) for field in fields(row)))


@dataclass(frozen=True, slots=True)
class OpenCart:
    """A locked cart, and its token if it was just created for a guest: the token is returned only once."""

    cart: Cart
    token: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedCart(OpenCart):
    """A locked cart after an addition, with the number of units of all lines."""

    units: int = 0


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart, with its product or variant as it can be bought now."""

    cart: Cart
    item: CartItem
    offer: Offer

    @property
    def id(self) -> UUID:
        """The line's id."""
        return self.item.id

    @property
    def product_id(self) -> UUID:
        """The product."""
        return self.item.product_id

    @property
    def variant_id(self) -> UUID | None:
        """The variant; None if the product has none."""
        return self.item.variant_id

    @property
    def quantity(self) -> int:
        """The number of units."""
        return self.item.quantity

    @property
    def name(self) -> str:
        """The current name of product and variant."""
        return self.offer.name

    @property
    def sku(self) -> str | None:
        """The stock-keeping unit."""
        return self.offer.sku

    @property
    def added_at(self) -> datetime:
        """When the line was first added."""
        return self.item.added_at

    @property
    def product(self) -> Product | None:
        """The product; None if customers cannot see it."""
        return self.offer.product if self.offer.is_listed else None

    @property
    def variant(self) -> Variant | None:
        """The variant; None if it is not for sale."""
        return self.offer.variant if self.offer.is_sold else None

    @property
    def unit_price(self) -> Money:
        """The current price of a unit, from which totals are computed."""
        return self.offer.price

    @property
    def price_snapshot(self) -> Money:
        """The price of a unit when the line was added, or when the buyer last accepted the prices."""
        return Money(self.item.price_snapshot, self.item.currency)

    @property
    def is_price_changed(self) -> bool:
        """Whether the current price differs from the snapshot."""
        return self.unit_price != self.price_snapshot

    @property
    def is_sold(self) -> bool:
        """Whether it is for sale, regardless of its stock."""
        return self.offer.is_sold

    @property
    def total_key(self) -> tuple[Cart, UUID]:
        """The key of its totals: the cart and the line."""
        return (self.cart, self.item.id)

    @property
    def level_key(self) -> tuple[str | None, bool]:
        """The key of its stock: the SKU, and whether the stock is tracked."""
        return (self.offer.sku, self.offer.is_tracked)

    @property
    def availability_key(self) -> tuple[str | None, bool, bool, int]:
        """The key of its availability: that of its stock, whether it is for sale, and the quantity."""
        return (self.offer.sku, self.offer.is_tracked, self.offer.is_sold, self.item.quantity)


@dataclass(frozen=True, slots=True)
class CartContents:
    """A cart with its lines in the order of addition, the discounts of its codes, and its gift cards in order.

    `coupons` are its coupons, each with the unique code by which it has it, None for the code that buyers share.
    """

    cart: Cart
    lines: list[CartLine]
    promotion_ids: list[UUID]
    gift_card_ids: list[UUID] = field(default_factory=list)
    coupons: dict[UUID, UUID | None] = field(default_factory=dict)

    def shown(self, total: Money) -> "CartContents":
        """The same contents after this total was stored as the one that the buyer is shown."""
        cart = replace(self.cart, quoted_total=total.amount, quoted_currency=total.currency, quoted_due=None)
        return replace(self, cart=cart, lines=[replace(line, cart=cart) for line in self.lines])

    def may_have(self, rule: DiscountRule) -> bool:
        """Whether a discount may apply to it: it needs no code, or the cart has its code."""
        return rule.is_automatic or self.has_code(rule)

    def has_code(self, rule: DiscountRule) -> bool:
        """Whether the cart has the code of a discount; of a coupon, the same unique one."""
        if rule.source is DiscountSource.COUPON:
            return (rule.id, rule.code_id) in self.coupons.items()
        return rule.id in self.promotion_ids

    def add_code(self, rule: DiscountRule) -> None:
        """Add the code of a discount to these contents; it replaces another one of the same coupon."""
        if rule.source is DiscountSource.COUPON:
            self.coupons[rule.id] = rule.code_id
        elif rule.id not in self.promotion_ids:
            self.promotion_ids.append(rule.id)

    @property
    def has_tenders(self) -> bool:
        """Whether gift cards or store credit are to pay for it."""
        return bool(self.gift_card_ids) or self.cart.use_store_credit

    @property
    def goods_subtotal(self) -> Decimal:
        """The sum of the lines that are for sale, without gift cards, before discounts."""
        goods = [line for line in self.priced if not line.is_gift_card]
        return sum(subtotals(goods, self.cart.currency), Decimal(0))

    @property
    def on_sale(self) -> list[CartLine]:
        """The lines that are for sale; only these have a price."""
        return [line for line in self.lines if line.is_sold]

    @property
    def priced(self) -> list[PricedLine]:
        """The lines that are for sale at current prices, for a quote; the key of each is the line's id."""
        return [
            PricedLine(
                key=line.id,
                product_id=line.product_id,
                variant_id=line.variant_id,
                category_ids=line.offer.category_ids,
                quantity=line.quantity,
                unit_price=line.unit_price.amount,
                is_gift_card=line.offer.product.is_gift_card,
                tax_class_id=line.offer.product.tax_class_id,
                weight=line.offer.weight or Decimal(0),
                is_shipped=line.offer.requires_shipping,
                shipping_profile_id=line.offer.shipping_profile_id,
            )
            for line in self.on_sale
        ]


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The contents of a cart, its quote, and the terms of that."""

    contents: CartContents
    quote: Quote
    terms: Terms


@dataclass(frozen=True, slots=True)
class NewLine:
    """A quantity of a product or variant to add, from a frontend or from another cart.

    `price` is the price snapshot of a line of another cart; None takes the current price.
    """

    product_id: UUID
    variant_id: UUID | None
    quantity: int
    price: Decimal | None = None

    @property
    def key(self) -> OfferKey:
        """The product and variant."""
        return (self.product_id, self.variant_id)


@dataclass(frozen=True, slots=True)
class Addition:
    """Units to add to a cart, at a unit price."""

    key: OfferKey
    quantity: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Added:
    """The lines after an addition, in the order of the additions, and the numbers of lines and units of the cart."""

    items: Sequence[CartItem]
    lines: int
    units: int


class RejectionReason(StrEnum):
    """Why a line was not added, or not in full."""

    NOT_FOR_SALE = "NOT_FOR_SALE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    QUANTITY_LIMIT = "QUANTITY_LIMIT"
    LINE_LIMIT = "LINE_LIMIT"


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line of which only `added` of the `requested` units were added."""

    product_id: UUID
    variant_id: UUID | None
    requested: int
    added: int
    reason: RejectionReason


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The cart to which lines were added (None if there is none and no line fits), and the lines that did not fit."""

    opened: OpenCart | None
    rejected: Sequence[RejectedLine] = ()


@dataclass(frozen=True, slots=True)
class CartFilter:
    """Conditions on carts, all of which must hold."""

    is_guest: bool | None = None
    is_empty: bool | None = None
    user_id: UUID | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
