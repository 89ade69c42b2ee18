"""Carts as the rest of the house sees them: whose they are, what is in them, what could not be taken over."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domains.auth.emails.mailboxes import mailbox_of
from domains.auth.sessions.tokens import digest
from domains.cart.data import CartItemRow as CartItem
from domains.cart.data import CartRow
from domains.catalog.models import Product, Variant
from domains.catalog.products.offers import Offer, OfferKey
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.prisma.rows import RowMaker
from domains.kernel.values.money import Money
from domains.promotion.basket import BuyerKey
from domains.promotion.totals import PricedLine, Totals, subtotals

__all__ = [
    "MOST_CODES",
    "Added",
    "Addition",
    "Cart",
    "CartContents",
    "CartFilter",
    "CartItem",
    "CartLimits",
    "CartLine",
    "CartRef",
    "FilledCart",
    "LeftOver",
    "LeftReason",
    "OpenCart",
    "PricedCart",
    "TakenOver",
    "WantedLine",
    "cart_from_record",
    "cart_of",
]

MOST_CODES: Final = 10
_OF_GUESTS: Final = timedelta(days=30)
_OF_USERS: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CartLimits:
    """How many units a line of a cart may have, and how many lines the cart: settings of the company."""

    units: int
    lines: int

    @classmethod
    def of(cls, company: Company) -> Self:
        """What the company's settings say."""
        return cls(company.max_line_units, company.max_order_lines)


@dataclass(frozen=True, slots=True)
class CartRef:
    """Whose cart is meant: a user's, or the one that a guest's token opens, by its hash; or nobody's."""

    user_id: UUID | None = None
    token_hash: str | None = None

    @classmethod
    def of(cls, actor: Actor, token: str | None) -> Self:
        """The cart of an actor: a signed-in user's own, whatever token they hold; else the token's."""
        if actor.user_id is not None:
            return cls(user_id=actor.user_id)
        return cls.of_token(token)

    @classmethod
    def of_token(cls, token: str | None) -> Self:
        """The guest cart that a token opens."""
        return cls(token_hash=digest(token) if token else None)

    @property
    def is_nobodys(self) -> bool:
        """Whether it opens no cart: a guest who has none yet."""
        return self.user_id is None and self.token_hash is None

    def expiry(self, now: datetime) -> datetime:
        """Until when the cart stays if nothing more is done: 30 days for guests, 90 for users."""
        return now + (_OF_USERS if self.user_id is not None else _OF_GUESTS)


class Cart(CartRow):
    """A cart as stored. Nothing is copied: a row read is a cart."""

    __slots__ = ()

    @property
    def itself(self) -> Self:
        """The cart, as what its contents are found by."""
        return self

    @property
    def quote(self) -> Money | None:
        """The total that its buyer was last shown."""
        if self.quoted_total is None or self.quoted_currency is None:
            return None
        return Money(self.quoted_total, self.quoted_currency)

    @property
    def buyer_key(self) -> BuyerKey:
        """Whom it is for: its user, or the mailbox that its guest has confirmed; None when that is not known."""
        if self.user_id is not None or self.confirmed_email is None:
            return self.user_id
        return mailbox_of(self.confirmed_email)

    def is_of(self, actor: Actor) -> bool:
        """Whether the actor is its buyer; who is not signed in reaches no cart but by its token."""
        return self.user_id == actor.user_id


cart_from_record = RowMaker(Cart, ())


def cart_of(row: CartRow) -> Cart:
    """A cart by its row."""
    return Cart(*(getattr(row, field.name) for field in fields(row)))


@dataclass(frozen=True, slots=True)
class OpenCart:
    """A cart that is held, and the token that opens it if it was made for a guest just now: it is told this once."""

    cart: Cart
    token: str | None = None


@dataclass(frozen=True, slots=True)
class FilledCart(OpenCart):
    """The same after an addition, with how many units are in it, all lines together."""

    units: int = 0


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart, with what is bought as it is now."""

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
        """The variant; None when the product has none."""
        return self.item.variant_id

    @property
    def quantity(self) -> int:
        """How many units."""
        return self.item.quantity

    @property
    def name(self) -> str:
        """What it is called now."""
        return self.offer.name

    @property
    def sku(self) -> str | None:
        """What it is stocked under."""
        return self.offer.sku

    @property
    def added_at(self) -> datetime:
        """When it was first put in."""
        return self.item.added_at

    @property
    def product(self) -> Product | None:
        """The product, while customers see it."""
        return self.offer.product if self.offer.is_listed else None

    @property
    def variant(self) -> Variant | None:
        """The variant, while it is on sale."""
        return self.offer.variant if self.offer.is_sold else None

    @property
    def unit_price(self) -> Money:
        """What one unit costs now; totals are made of this."""
        return self.offer.price

    @property
    def price_snapshot(self) -> Money:
        """What one unit cost when it was put in, or when the buyer last accepted the prices."""
        return Money(self.item.price_snapshot, self.item.currency)

    @property
    def is_price_changed(self) -> bool:
        """Whether the price has moved since then."""
        return self.unit_price != self.price_snapshot

    @property
    def is_sold(self) -> bool:
        """Whether customers can still buy it, as far as the catalogue goes."""
        return self.offer.is_sold

    @property
    def total_key(self) -> tuple[Cart, UUID]:
        """What its part of the cart's total is found by."""
        return (self.cart, self.item.id)

    @property
    def level_key(self) -> tuple[str | None, bool]:
        """What the inventory knows it by, and whether it is counted."""
        return (self.offer.sku, self.offer.is_tracked)

    @property
    def availability_key(self) -> tuple[str | None, bool, bool, int]:
        """The same, with whether it is sold, and how many units are wanted."""
        return (self.offer.sku, self.offer.is_tracked, self.offer.is_sold, self.item.quantity)


@dataclass(frozen=True, slots=True)
class CartContents:
    """A cart with its lines in the order they were put in, and the promotions whose codes it carries."""

    cart: Cart
    lines: list[CartLine]
    promotion_ids: list[UUID]

    @property
    def subtotal(self) -> Decimal:
        """What the lines that can be bought cost before discounts."""
        return sum(subtotals(self.priced, self.cart.currency), Decimal(0))

    @property
    def on_sale(self) -> list[CartLine]:
        """The lines that can be bought, as far as the catalogue goes; only these cost anything."""
        return [line for line in self.lines if line.is_sold]

    @property
    def priced(self) -> list[PricedLine]:
        """The same as totals are made of them, at today's prices; the key of each is the line's id."""
        return [
            PricedLine(
                key=line.id,
                product_id=line.product_id,
                variant_id=line.variant_id,
                category_ids=line.offer.category_ids,
                quantity=line.quantity,
                unit_price=line.unit_price.amount,
            )
            for line in self.on_sale
        ]


@dataclass(frozen=True, slots=True)
class PricedCart:
    """What is in a cart, and what it comes to."""

    contents: CartContents
    totals: Totals


@dataclass(frozen=True, slots=True)
class WantedLine:
    """So many units of a product or variant, as a frontend kept it or another cart holds it.

    `price` is the price it was put in at, where that is known.
    """

    product_id: UUID
    variant_id: UUID | None
    quantity: int
    price: Decimal | None = None

    @property
    def key(self) -> OfferKey:
        """What is wanted."""
        return (self.product_id, self.variant_id)


@dataclass(frozen=True, slots=True)
class Addition:
    """Units of something to be added to a cart, and what one costs."""

    key: OfferKey
    quantity: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Added:
    """Lines to which units were added, in the order of the additions, and what the cart then has of both."""

    items: Sequence[CartItem]
    lines: int
    units: int


class LeftReason(StrEnum):
    """Why something was not taken over, or not all of it."""

    NOT_FOR_SALE = "NOT_FOR_SALE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    QUANTITY_LIMIT = "QUANTITY_LIMIT"
    LINE_LIMIT = "LINE_LIMIT"


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What was not taken over: of `requested` units only `taken`."""

    product_id: UUID
    variant_id: UUID | None
    requested: int
    taken: int
    reason: LeftReason


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The cart into which lines were taken (None: there is none, and nothing to make one for), and what was left."""

    opened: OpenCart | None
    left: Sequence[LeftOver] = ()


@dataclass(frozen=True, slots=True)
class CartFilter:
    """Which carts staff want to see; everything given must hold."""

    is_guest: bool | None = None
    is_empty: bool | None = None
    user_id: UUID | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
