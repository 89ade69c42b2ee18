"""The lines of carts: added in full, or merged from another cart or a frontend as far as they fit."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from domains.cart import code_sql, data, locking, merge, sql
from domains.cart.destinations import CartDestinations
from domains.cart.errors import CartItemNotFound, CartLimitExceeded, NotForSale, VariantRequired
from domains.cart.events import CartChanged, CartItemAdded
from domains.cart.merge import Plan
from domains.cart.models import (
    Addition,
    Cart,
    CartLimits,
    CartRef,
    CartSettings,
    ChangedCart,
    MergeResult,
    NewLine,
    OpenCart,
)
from domains.cart.tenders import sql as tenders_sql
from domains.catalog.errors import ProductNotFound, VariantNotFound
from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.service import CatalogService
from domains.inventory.errors import InsufficientStock, Shortage
from domains.inventory.models import StockLevel
from domains.inventory.service import InventoryService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import Money

FieldPath: TypeAlias = Callable[[int], Sequence[str]]
"""The path of the line at an index of the input."""
ITEMS: Final = ("items",)
QUANTITY: Final = ("quantity",)


class CartItems:
    """The lines of carts, within the limits of a cart and of the stock."""

    def __init__(
        self,
        catalog: CatalogService,
        inventory: InventoryService,
        settings: SettingsTable[CartSettings],
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._inventory = inventory
        self.settings = settings
        self.clock = clock

    async def add(self, tx: Tx, ref: CartRef, new_lines: Sequence[NewLine]) -> ChangedCart:
        """Add units of several products or variants, all or none; equal ones are added up.

        Raises as CartService.add_item, with the line in the error's field, Required for no line and
        CartLimitExceeded for more lines than a cart can have. Emits CartChanged, and CartItemAdded for each line.
        """
        if not new_lines:
            raise Required("Give at least one item.", field=ITEMS)
        limits = await self._limits(tx)
        if len(new_lines) > limits.lines:
            raise CartLimitExceeded(f"A cart has at most {limits.lines} lines.", field=ITEMS)
        return await self.add_lines(tx, ref, new_lines, field=lambda index: (*ITEMS, str(index)))

    async def add_lines(self, tx: Tx, ref: CartRef, new_lines: Sequence[NewLine], *, field: FieldPath) -> ChangedCart:
        """Add units of products or variants, all or none. Two statements, three for a new cart of a user.

        `field` gives the path of the line at an index, for errors. Emits as `add`.
        """
        limits, now = await self._limits(tx), self.clock.now()
        paths = {line.key: field(index) for index, line in reversed(list(enumerate(new_lines)))}
        with collect_errors() as each:
            for index, line in enumerate(new_lines):
                with each, prefix_errors(field(index)):
                    require_quantity(line.quantity, limits)
        lines = merge.combined(new_lines)
        offers, cart = await sql.offers_and_cart(tx, ref, [line.key for line in lines], now)
        with collect_errors() as each:
            for line in lines:
                with each, prefix_errors(paths[line.key]):
                    _require_sold(offers.get(line.key), line.key)
        additions = [Addition(line.key, line.quantity, offers[line.key][0].price.amount) for line in lines]
        currency = offers[lines[0].key][0].price.currency
        if cart is None and ref.user_id is None:
            with collect_errors() as each:
                for line in lines:
                    with each, prefix_errors(paths[line.key]):
                        _require_capacity(*offers[line.key], line.quantity, line.quantity, limits)
            cart_id = new_id()
            tx.emit(CartChanged(cart_id=cart_id, user_id=None))
            _emit_added(tx, cart_id, None, currency, additions)
            return await locking.create_with_lines(tx, cart_id, currency, additions, now)
        opened = OpenCart(cart) if cart else await locking.open_cart(tx, ref, currency, now)
        tx.emit(CartChanged.of(opened.cart))
        _emit_added(tx, opened.cart.id, ref.user_id, currency, additions)
        added = await sql.add(tx, opened.cart, additions, now)
        if added.lines > limits.lines:
            raise CartLimitExceeded(f"A cart has at most {limits.lines} lines.", field=())
        with collect_errors() as each:
            for item, line in zip(added.items, lines, strict=True):
                with each, prefix_errors(paths[line.key]):
                    _require_capacity(*offers[line.key], item.quantity, line.quantity, limits)
        return ChangedCart(opened.cart, opened.token, added.units)

    async def set_quantity(self, tx: Tx, cart: Cart, item_id: UUID, quantity: int) -> None:
        """Set the quantity of a line of a locked cart; see CartService.update_item_quantity. Three statements.

        Emits CartChanged.
        """
        limits, now = await self._limits(tx), self.clock.now()
        require_quantity(quantity, limits)
        item = await sql.set_quantity(tx, cart.id, item_id, quantity, now)
        if item is None:
            raise CartItemNotFound(item_id)
        found = await sql.offer(tx, (item.product_id, item.variant_id))
        if found is None or not found[0].is_sold:
            raise NotForSale(found[0].name if found else "The product", field=("id",))
        _require_stock(*found, quantity)
        tx.emit(CartChanged.of(cart))

    async def accept_prices(self, tx: Tx, ref: CartRef) -> Cart:
        """Store the current prices as the price snapshots of all lines. Raises CartNotFound.

        Emits CartChanged when one of them differs.
        """
        cart = await locking.require(tx, ref, self.clock.now())
        (contents,) = await sql.contents_now(tx, [cart])
        changed = [(line.id, line.unit_price.amount) for line in contents.lines if line.is_price_changed]
        if changed:
            await sql.accept_prices(tx, changed)
            tx.emit(CartChanged.of(cart))
        return cart

    async def merge(
        self, tx: Tx, ref: CartRef, new_lines: Sequence[NewLine] = (), *, guest_token: str | None = None
    ) -> MergeResult:
        """Add what fits of a guest's cart, which is then deleted, and of new lines. Returns those that did not fit.

        An invalid or expired token adds nothing. Both carts are locked in the order of their ids; a cart that is
        created here is locked last. Emits CartChanged for each cart, and CartItemAdded for the new lines.
        """
        limits, now = await self._limits(tx), self.clock.now()
        guest = await sql.find(tx, CartRef.of_token(guest_token), now) if guest_token else None
        own = await sql.find(tx, ref, now)
        locked = {cart.id: cart for cart in await sql.lock_all(tx, {cart.id for cart in (guest, own) if cart})}
        guest = locked.get(guest.id) if guest and guest != own else None
        return await self._merge_cart(tx, ref, guest, new_lines, limits)

    async def merge_carts(self, tx: Tx, ref: CartRef, cart_ids: Collection[UUID]) -> None:
        """Add what fits of other carts, expired or not, to the cart of a reference, and delete them.

        Emits CartChanged for each cart.
        """
        limits, now = await self._limits(tx), self.clock.now()
        own = await sql.find(tx, ref, now)
        for source in await sql.lock_all(tx, {*cart_ids, *([own.id] if own else ())}):
            if own is None or source.id != own.id:
                await self._merge_cart(tx, ref, source, (), limits)
                await _delete(tx, source)

    async def _merge_cart(
        self, tx: Tx, ref: CartRef, source: Cart | None, new_lines: Sequence[NewLine], limits: CartLimits
    ) -> MergeResult:
        """Add what fits of a locked cart, which is then deleted, and of new lines; and what did not fit."""
        now = self.clock.now()
        moved = await self._lines(tx, source) if source else []
        lines = [*moved, *new_lines]
        offers = await self._catalog.offers.find(tx, {line.key for line in lines})
        opened = await self._open(tx, ref, offers.values(), now)
        if opened is None:
            return MergeResult(None, merge.plan(lines, {}, offers, {}, limits).rejected)
        plan = await self._add_fitting(tx, opened.cart, lines, offers, limits, now)
        added, to = merge.without(moved, plan.additions), opened.cart
        _emit_added(tx, to.id, to.user_id, to.currency, added)
        codes = (
            await code_sql.move(tx, source.id, to.id) + await tenders_sql.move(tx, source.id, to.id) if source else 0
        )
        if plan.additions or codes:
            tx.emit(CartChanged.of(to))
        if source is not None and to.destination is None and source.destination is not None:
            opened = replace(opened, cart=await CartDestinations(self.clock).take_over(tx, to, source))
        if source is not None:
            if source.shown_total is not None:
                await sql.store_shown_total(
                    tx, opened.cart.id, source.shown_total.amount, source.shown_total.currency
                )
            await _delete(tx, source)
        return MergeResult(opened, plan.rejected)

    async def _limits(self, db: Reader) -> CartLimits:
        """The company's limits of a cart; no statement when its settings were read in the last seconds."""
        return CartLimits.of(await self.settings.current(db))

    async def _open(self, tx: Tx, ref: CartRef, offers: Collection[Offer], now: datetime) -> OpenCart | None:
        """The cart to add lines to; it is created only if a line can be added."""
        currency = next((offer.price.currency for offer in offers if offer.is_sold), None)
        if currency is not None:
            return await locking.open_cart(tx, ref, currency, now)
        cart = await sql.lock(tx, ref, now)
        return None if cart is None else OpenCart(cart)

    async def _add_fitting(
        self,
        tx: Tx,
        cart: Cart,
        lines: Sequence[NewLine],
        offers: dict[OfferKey, Offer],
        limits: CartLimits,
        now: datetime,
    ) -> Plan:
        items, _ = (await sql.contents(tx, [cart.id]))[cart.id]
        quantities = {(item.product_id, item.variant_id): item.quantity for item in items}
        plan = merge.plan(lines, quantities, offers, await self._levels(tx, offers.values()), limits)
        if plan.additions:
            await sql.add(tx, cart, plan.additions, now)
        return plan

    async def _lines(self, tx: Tx, cart: Cart) -> list[NewLine]:
        items, _ = (await sql.contents(tx, [cart.id]))[cart.id]
        return [NewLine(item.product_id, item.variant_id, item.quantity, item.price_snapshot) for item in items]

    async def _levels(self, tx: Tx, offers: Collection[Offer]) -> dict[str, StockLevel]:
        skus = {offer.sku for offer in offers if offer.sku and offer.is_tracked}
        return await self._inventory.listing.levels(tx, skus) if skus else {}


def _emit_added(tx: Tx, cart_id: UUID, user_id: UUID | None, currency: str, additions: Sequence[Addition]) -> None:
    """Emit CartItemAdded for each addition to a cart."""
    for addition in additions:
        product_id, variant_id = addition.key
        tx.emit(
            CartItemAdded(
                cart_id=cart_id,
                user_id=user_id,
                product_id=product_id,
                variant_id=variant_id,
                quantity=addition.quantity,
                unit_price=Money(addition.price, currency).shown(),
                currency=currency,
            )
        )


def _require_sold(found: tuple[Offer, StockLevel] | None, key: OfferKey) -> None:
    """Raise ProductNotFound, VariantNotFound or VariantRequired unless customers can buy this."""
    product_id, variant_id = key
    offer = found[0] if found else None
    if offer is None or not offer.is_listed:
        raise ProductNotFound(product_id, field=("product_id",))
    if variant_id is None and offer.needs_variant:
        raise VariantRequired(offer.name)
    if offer.key != key or not offer.is_sold:
        raise VariantNotFound(variant_id or product_id, field=("variant_id",))


def _require_capacity(offer: Offer, level: StockLevel, units: int, added: int, limits: CartLimits) -> None:
    """Raise CartLimitExceeded or InsufficientStock unless a line can have these units, `added` of them new."""
    if units > limits.units:
        in_cart = f" {units - added} are in the cart." if units > added else ""
        raise CartLimitExceeded(f"A line has at most {limits.units} units.{in_cart}", field=QUANTITY)
    _require_stock(offer, level, units)


def _require_stock(offer: Offer, level: StockLevel, quantity: int) -> None:
    if not level.covers(quantity):
        raise InsufficientStock(Shortage(offer.sku or offer.name, quantity, level.sellable))


def require_quantity(quantity: int, limits: CartLimits) -> int:
    """A number of units that a line can have. Raises OutOfRange below one, CartLimitExceeded."""
    if quantity < 1:
        raise OutOfRange("A quantity is at least 1. To buy none, remove the line.", field=QUANTITY)
    if quantity > limits.units:
        raise CartLimitExceeded(f"A line has at most {limits.units} units.", field=QUANTITY)
    return quantity


async def _delete(tx: Tx, cart: Cart) -> None:
    """Delete a locked cart, unless it is deleted already."""
    if await data.cart.delete_many(tx, where={"id": cart.id}):
        tx.emit(CartChanged.of(cart))
