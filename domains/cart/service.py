"""CartService: the carts of customers and guests, their totals, and their expiry."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from domains.cart import data, locking, sql
from domains.cart.abandonment import Abandonment
from domains.cart.destinations import CartDestinations
from domains.cart.email_confirmation import CartEmails
from domains.cart.errors import CartEmpty, CartItemNotFound, CartLimitExceeded, CartNotFound
from domains.cart.events import CartChanged
from domains.cart.items import CartItems
from domains.cart.listing import CartListing
from domains.cart.models import Cart, CartContents, CartRef, ChangedCart, MergeResult, NewLine, PricedCart, cart_of
from domains.cart.promotions import CartPromotions
from domains.cart.quotas import CartQuotas
from domains.cart.quotes import CartQuotes
from domains.cart.tenders.cart_tenders import CartTenders
from domains.kernel.database import Reader, Tx
from domains.pricing.models import Quote

MAX_SYNCED_LINES: Final = 200
BATCH_SIZE: Final = 1_000


class CartService:
    """Manages carts. A reference gives access to one cart only."""

    def __init__(
        self,
        items: CartItems,
        promotions: CartPromotions,
        quotes: CartQuotes,
        tenders: CartTenders,
        quotas: CartQuotas,
        emails: CartEmails,
    ) -> None:
        self.items = items
        self.promotions = promotions
        self.quotes = quotes
        self.tenders = tenders
        self.quotas = quotas
        self.emails = emails
        self.shipping = quotes.shipping
        self.listing = CartListing()
        self.abandonment = Abandonment(items.settings, items.clock)
        self.destinations = CartDestinations(items.clock)
        self.settings = items.settings
        self._clock = items.clock

    # ---- reading

    async def get_cart(self, db: Reader, ref: CartRef) -> Cart:
        """The cart of a reference. Raises CartNotFound, also when it has expired. One statement."""
        cart = await sql.find(db, ref, self._clock.now())
        if cart is None:
            raise CartNotFound
        return cart

    async def carts_by_id(self, db: Reader, ref: CartRef, ids: Collection[UUID], *, sees_all: bool) -> list[Cart]:
        """The carts of these ids, in no order; only the cart of `ref` unless the actor `sees_all`. One statement."""
        if sees_all:
            return [cart_of(row) for row in await data.cart.find_many(db, where={"id": {"in": list(ids)}})]
        own = None if ref.is_empty_reference else await sql.find(db, ref, self._clock.now())
        return [own] if own is not None and own.id in ids else []

    async def contents(self, db: Reader, carts: Collection[Cart]) -> list[CartContents]:
        """The contents of carts, in their order, with current products and prices. One statement."""
        return await sql.contents_now(db, carts)

    async def count_units(self, db: Reader, carts: Collection[Cart]) -> list[int]:
        """The number of units of each cart, of all lines. One statement."""
        counts = await sql.units(db, [cart.id for cart in carts])
        return [counts.get(cart.id, 0) for cart in carts]

    async def calculate_total(self, db: Reader, contents: CartContents) -> Quote:
        """The current quote of a cart; see `quotes.of`."""
        (quoted,) = await self.quotes.of(db, [contents])
        return quoted

    # ---- changing

    async def add_item(self, tx: Tx, ref: CartRef, line: NewLine) -> ChangedCart:
        """Add units to a cart, which is created if needed; the same product and variant is one line.

        The price snapshot of the line becomes the current price. Raises ProductNotFound, VariantNotFound,
        VariantRequired, OutOfRange below one, CartLimitExceeded (units of a line, lines), InsufficientStock (for all
        units of the line). Emits CartChanged, CartItemAdded.
        """
        return await self.items.add_lines(tx, ref, [line], field=lambda _: ())

    async def update_item_quantity(self, tx: Tx, ref: CartRef, item_id: UUID, quantity: int) -> Cart:
        """Set the quantity of a line. Its price snapshot stays.

        Raises CartNotFound, CartItemNotFound, OutOfRange below one, CartLimitExceeded, InsufficientStock,
        NotForSale. Emits CartChanged.
        """
        cart = await locking.require(tx, ref, self._clock.now())
        await self.items.set_quantity(tx, cart, item_id, quantity)
        return cart

    async def remove_item(self, tx: Tx, ref: CartRef, item_id: UUID) -> Cart:
        """Remove a line. Raises CartNotFound, CartItemNotFound. Emits CartChanged."""
        cart = await locking.require(tx, ref, self._clock.now())
        if not await data.cart_item.delete_many(tx, where={"id": item_id, "cart_id": cart.id}):
            raise CartItemNotFound(item_id)
        tx.emit(CartChanged.of(cart))
        return cart

    async def clear_cart(self, tx: Tx, ref: CartRef) -> Cart:
        """Remove all lines, codes, gift cards and the shipping method; the cart and its token stay.

        Raises CartNotFound. Emits CartChanged.
        """
        cart = await locking.require(tx, ref, self._clock.now())
        await sql.clear(tx, cart.id)
        tx.emit(CartChanged.of(cart))
        return cart

    async def apply_promotion(self, tx: Tx, ref: CartRef, code: str, *, is_shown: bool = False) -> PricedCart:
        """Add a promotion's code to a cart; see `promotions.apply`."""
        return await self.promotions.apply(tx, ref, code, is_shown=is_shown)

    async def sync_from_local_storage(
        self, tx: Tx, ref: CartRef, lines: Sequence[NewLine], *, guest_token: str | None = None
    ) -> MergeResult:
        """Add what fits of lines that a frontend stored, and of a guest's cart, which is then deleted.

        Equal lines are combined. Returns the lines that did not fit. Raises CartLimitExceeded for more than 200
        lines. Emits CartChanged for each cart, and CartItemAdded for the lines of the frontend.
        """
        if len(lines) > MAX_SYNCED_LINES:
            raise CartLimitExceeded(
                f"At most {MAX_SYNCED_LINES} lines can be synchronized at once.", field=("items",)
            )
        return await self.items.merge(tx, ref, lines, guest_token=guest_token)

    # ---- checkout and expiry

    async def take_out(self, tx: Tx, ref: CartRef) -> CartContents:
        """Lock a cart until the transaction ends, remove all its contents and return them, to be ordered.

        The total that was shown, the wish to use store credit and the shipping method are removed. Raises
        CartNotFound, CartEmpty. Emits CartChanged. One statement.
        """
        contents = await sql.take_out(tx, ref, self._clock.now())
        if contents is None:
            raise CartNotFound
        if not contents.lines:
            raise CartEmpty
        cart = contents.cart
        if cart.shown_total is not None or cart.use_store_credit or cart.shipping_method_id is not None:
            sql.reset(tx, cart.id)
        tx.emit(CartChanged.of(cart))
        return contents

    async def delete_expired(self, tx: Tx) -> int:
        """Delete a batch of the company's expired carts; returns their number."""
        return await sql.delete_expired(tx, self._clock.now(), BATCH_SIZE)
