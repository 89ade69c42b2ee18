"""Carts of customers and guests: filled, changed, priced, and handed to the checkout."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from domains.cart import data, locking, sql
from domains.cart.email_confirmation import CartEmails
from domains.cart.errors import CartEmpty, CartItemNotFound, CartLimitExceeded, CartNotFound
from domains.cart.items import CartItems
from domains.cart.listing import CartListing
from domains.cart.models import Cart, CartContents, CartRef, FilledCart, PricedCart, TakenOver, WantedLine
from domains.cart.promotions import CartPromotions
from domains.cart.quotas import CartQuotas
from domains.cart.quotes import CartQuotes
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.pricing.models import Quote

MOST_SYNCED: Final = 200
BATCH: Final = 1_000


class CartService:
    """Keeps carts. A reference opens one cart; every other cart does not exist for its holder."""

    def __init__(
        self,
        items: CartItems,
        promotions: CartPromotions,
        quotes: CartQuotes,
        quotas: CartQuotas,
        emails: CartEmails,
        clock: Clock,
    ) -> None:
        self.items = items
        self.promotions = promotions
        self.quotes = quotes
        self.quotas = quotas
        self.emails = emails
        self.listing = CartListing()
        self.settings = items.settings
        self._clock = clock

    # ---- reading

    async def get_cart(self, db: Reader, ref: CartRef) -> Cart:
        """The cart that a reference opens. Raises CartNotFound, also when it has expired. One statement."""
        cart = await sql.find(db, ref, self._clock.now())
        if cart is None:
            raise CartNotFound
        return cart

    async def contents(self, db: Reader, carts: Collection[Cart]) -> list[CartContents]:
        """The contents of carts, in their order, with products and prices as they are now. One statement."""
        return await sql.contents_now(db, carts)

    async def units_in(self, db: Reader, carts: Collection[Cart]) -> list[int]:
        """How many units are in each cart, all lines together. One statement."""
        found = await sql.units(db, [cart.id for cart in carts])
        return [found.get(cart.id, 0) for cart in carts]

    async def calculate_total(self, db: Reader, contents: CartContents) -> Quote:
        """The figures of a cart now; see `quotes.of`."""
        (quoted,) = await self.quotes.of(db, [contents])
        return quoted

    # ---- changing

    async def add_item(self, tx: Tx, ref: CartRef, wanted: WantedLine) -> FilledCart:
        """Add units to a cart, which is created when there is none; the same product and variant is one line.

        The line's price is then today's. Raises ProductNotFound, VariantNotFound, VariantMissing, InvalidInput,
        CartLimitExceeded (units of a line, lines), InsufficientStock (for all units of the line).
        """
        return await self.items.fill(tx, ref, [wanted], field=lambda _: ())

    async def update_item_quantity(self, tx: Tx, ref: CartRef, item_id: UUID, quantity: int) -> Cart:
        """Set the quantity of a line. Its price snapshot stays.

        Raises CartNotFound, CartItemNotFound, InvalidInput, CartLimitExceeded, InsufficientStock, NotForSale.
        """
        cart = await locking.require(tx, ref, self._clock.now())
        await self.items.set_quantity(tx, cart, item_id, quantity)
        return cart

    async def remove_item(self, tx: Tx, ref: CartRef, item_id: UUID) -> Cart:
        """Remove a line. Raises CartNotFound, CartItemNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        if not await data.cart_item.delete_many(tx, where={"id": item_id, "cart_id": cart.id}):
            raise CartItemNotFound(item_id)
        return cart

    async def clear_cart(self, tx: Tx, ref: CartRef) -> Cart:
        """Remove all lines and codes; the cart and its token stay. Raises CartNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        await sql.empty(tx, cart.id)
        return cart

    async def apply_promotion(self, tx: Tx, ref: CartRef, code: str) -> PricedCart:
        """Add a promotion's code to a cart; see `promotions.apply`."""
        return await self.promotions.apply(tx, ref, code)

    async def sync_from_local_storage(
        self, tx: Tx, ref: CartRef, lines: Sequence[WantedLine], *, guest_token: str | None = None
    ) -> TakenOver:
        """Add what fits of lines that a frontend kept, and of a guest's cart, which is deleted; and what did not fit.

        The same line adds up. Raises CartLimitExceeded for more than 200 lines.
        """
        if len(lines) > MOST_SYNCED:
            raise CartLimitExceeded(f"At most {MOST_SYNCED} lines can be synchronised at once.", field=("items",))
        return await self.items.take_over(tx, ref, lines, guest_token=guest_token)

    # ---- checkout and expiry

    async def take_out(self, tx: Tx, ref: CartRef) -> CartContents:
        """Remove everything from a cart, which is locked until the transaction ends: the contents that are ordered.

        The total that was shown is forgotten. Raises CartNotFound, CartEmpty. One statement.
        """
        contents = await sql.take_out(tx, ref, self._clock.now())
        if contents is None:
            raise CartNotFound
        if not contents.lines:
            raise CartEmpty
        if contents.cart.quote is not None:
            sql.unquote(tx, contents.cart.id)
        return contents

    async def delete_expired(self, tx: Tx) -> int:
        """Delete a batch of the company's carts that have expired; how many."""
        return await sql.delete_expired(tx, self._clock.now(), BATCH)
