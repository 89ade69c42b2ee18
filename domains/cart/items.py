"""The lines of carts: added, which must fit, and taken over from elsewhere as far as they fit."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from domains.cart import data, locking, merge, sql
from domains.cart.errors import CartItemNotFound, CartLimitExceeded, NotForSale, VariantMissing
from domains.cart.models import (
    MOST_CODES,
    Addition,
    Cart,
    CartLimits,
    CartRef,
    CartSettings,
    FilledCart,
    LeftOver,
    OpenCart,
    TakenOver,
    WantedLine,
)
from domains.catalog.errors import ProductNotFound, VariantNotFound
from domains.catalog.products.offers import Offer, OfferKey
from domains.catalog.service import CatalogService
from domains.inventory.errors import InsufficientStock, Shortage
from domains.inventory.models import StockLevel
from domains.inventory.service import InventoryService
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.settings import SettingsTable
from domains.kernel.validation import collect_errors, prefix_errors

Path: TypeAlias = Callable[[int], Sequence[str]]
"""The field of the line at a place of the input."""
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
        self._clock = clock

    async def add(self, tx: Tx, ref: CartRef, wanted: Sequence[WantedLine]) -> FilledCart:
        """Add units of several products or variants, all or none; those of the same one add up.

        Raises as CartService.add_item does, the line in the error's field, InvalidInput for no line and
        CartLimitExceeded for more than a cart may have.
        """
        if not wanted:
            raise InvalidInput("Give at least one item.", field=ITEMS)
        limits = await self._limits(tx)
        if len(wanted) > limits.lines:
            raise CartLimitExceeded(f"A cart has at most {limits.lines} lines.", field=ITEMS)
        return await self.fill(tx, ref, wanted, field=lambda place: (*ITEMS, str(place)))

    async def fill(self, tx: Tx, ref: CartRef, wanted: Sequence[WantedLine], *, field: Path) -> FilledCart:
        """Add units of products or variants, all or none. Two statements, three for a user's new cart.

        Errors name the line by the `field` of its place.
        """
        limits, now = await self._limits(tx), self._clock.now()
        paths = {line.key: field(place) for place, line in reversed(list(enumerate(wanted)))}
        with collect_errors() as each:
            for place, line in enumerate(wanted):
                with each, prefix_errors(field(place)):
                    require_quantity(line.quantity, limits)
        lines = merge.added_up(wanted)
        found, cart = await sql.offers_and_cart(tx, ref, [line.key for line in lines], now)
        with collect_errors() as each:
            for line in lines:
                with each, prefix_errors(paths[line.key]):
                    _require_sold(found.get(line.key), line.key)
        additions = [Addition(line.key, line.quantity, found[line.key][0].price.amount) for line in lines]
        currency = found[lines[0].key][0].price.currency
        if cart is None and ref.user_id is None:
            with collect_errors() as each:
                for line in lines:
                    with each, prefix_errors(paths[line.key]):
                        _require_room(*found[line.key], line.quantity, line.quantity, limits)
            return await locking.start(tx, currency, additions, now)
        opened = OpenCart(cart) if cart else await locking.open_cart(tx, ref, currency, now)
        added = await sql.add(tx, opened.cart, additions, now)
        if added.lines > limits.lines:
            raise CartLimitExceeded(f"A cart has at most {limits.lines} lines.", field=())
        with collect_errors() as each:
            for item, line in zip(added.items, lines, strict=True):
                with each, prefix_errors(paths[line.key]):
                    _require_room(*found[line.key], item.quantity, line.quantity, limits)
        return FilledCart(opened.cart, opened.token, added.units)

    async def set_quantity(self, tx: Tx, cart: Cart, item_id: UUID, quantity: int) -> None:
        """Set the quantity of a line of a locked cart; see CartService.update_item_quantity. Three statements."""
        limits, now = await self._limits(tx), self._clock.now()
        require_quantity(quantity, limits)
        item = await sql.set_quantity(tx, cart.id, item_id, quantity, now)
        if item is None:
            raise CartItemNotFound(item_id)
        found = await sql.offer(tx, (item.product_id, item.variant_id))
        if found is None or not found[0].is_sold:
            raise NotForSale(found[0].name if found else "This", field=("id",))
        _require_stock(*found, quantity)

    async def accept_prices(self, tx: Tx, ref: CartRef) -> Cart:
        """Store today's prices as the prices of all lines, so that none is changed any more. Raises CartNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        (contents,) = await sql.contents_now(tx, [cart])
        moved = [(line.id, line.unit_price.amount) for line in contents.lines if line.is_price_changed]
        if moved:
            await sql.accept_prices(tx, moved)
        return cart

    async def take_over(
        self, tx: Tx, ref: CartRef, wanted: Sequence[WantedLine] = (), *, guest_token: str | None = None
    ) -> TakenOver:
        """Add what fits of a guest's cart, which is then deleted, and of wanted lines; and what did not fit.

        A token that opens no cart (any more) adds nothing. Both carts are locked in the order of their ids, the one
        that is created here after all others.
        """
        limits, now = await self._limits(tx), self._clock.now()
        guest = await sql.find(tx, CartRef.of_token(guest_token), now) if guest_token else None
        own = await sql.find(tx, ref, now)
        held = {cart.id: cart for cart in await sql.hold_all(tx, {cart.id for cart in (guest, own) if cart})}
        guest = held.get(guest.id) if guest and guest != own else None
        lines = [*(await self._lines(tx, guest) if guest else ()), *wanted]
        offers = await self._catalog.offers.find(tx, {line.key for line in lines})
        opened = await self._opened(tx, ref, offers.values(), now)
        if opened is None:
            return TakenOver(None, merge.plan(lines, {}, offers, {}, limits).left)
        left = await self._fill(tx, opened.cart, lines, offers, limits, now)
        if guest is not None:
            await _move_codes(tx, guest, opened.cart)
            if guest.quote is not None:
                await sql.quote(tx, opened.cart.id, guest.quote.amount, guest.quote.currency)
            await data.cart.delete_many(tx, where={"id": guest.id})
        return TakenOver(opened, left)

    async def _limits(self, db: Reader) -> CartLimits:
        """The company's limits of a cart; no statement when its settings were read in the last seconds."""
        return CartLimits.of(await self.settings.current(db))

    async def _opened(self, tx: Tx, ref: CartRef, offers: Collection[Offer], now: datetime) -> OpenCart | None:
        """The cart to fill; one is made only when there is something to put into it."""
        currency = next((offer.price.currency for offer in offers if offer.is_sold), None)
        if currency is not None:
            return await locking.open_cart(tx, ref, currency, now)
        cart = await sql.hold(tx, ref, now)
        return None if cart is None else OpenCart(cart)

    async def _fill(
        self,
        tx: Tx,
        cart: Cart,
        lines: Sequence[WantedLine],
        offers: dict[OfferKey, Offer],
        limits: CartLimits,
        now: datetime,
    ) -> Sequence[LeftOver]:
        items, _ = (await sql.contents(tx, [cart.id]))[cart.id]
        held = {(item.product_id, item.variant_id): item.quantity for item in items}
        plan = merge.plan(lines, held, offers, await self._levels(tx, offers.values()), limits)
        if plan.additions:
            await sql.add(tx, cart, plan.additions, now)
        return plan.left

    async def _lines(self, tx: Tx, cart: Cart) -> list[WantedLine]:
        items, _ = (await sql.contents(tx, [cart.id]))[cart.id]
        return [WantedLine(item.product_id, item.variant_id, item.quantity, item.price_snapshot) for item in items]

    async def _levels(self, tx: Tx, offers: Collection[Offer]) -> dict[str, StockLevel]:
        skus = {offer.sku for offer in offers if offer.sku and offer.is_tracked}
        return await self._inventory.listing.levels(tx, skus) if skus else {}


def _require_sold(found: tuple[Offer, StockLevel] | None, key: OfferKey) -> None:
    """Raise ProductNotFound, VariantNotFound or VariantMissing unless customers can buy this."""
    product_id, variant_id = key
    offer = found[0] if found else None
    if offer is None or not offer.is_listed:
        raise ProductNotFound(product_id, field=("product_id",))
    if variant_id is None and offer.needs_variant:
        raise VariantMissing(offer.name)
    if offer.key != key or not offer.is_sold:
        raise VariantNotFound(variant_id or product_id, field=("variant_id",))


def _require_room(offer: Offer, level: StockLevel, units: int, added: int, limits: CartLimits) -> None:
    """Raise CartLimitExceeded or InsufficientStock unless a line can have so many units, some of them just added."""
    if units > limits.units:
        already = f" {units - added} are in the cart." if units > added else ""
        raise CartLimitExceeded(f"A line has at most {limits.units} units.{already}", field=QUANTITY)
    _require_stock(offer, level, units)


def _require_stock(offer: Offer, level: StockLevel, quantity: int) -> None:
    if not level.covers(quantity):
        raise InsufficientStock(Shortage(offer.sku or offer.name, quantity, level.available))


def require_quantity(quantity: int, limits: CartLimits) -> int:
    """A number of units that a line can have. Raises InvalidInput, CartLimitExceeded."""
    if quantity < 1:
        raise InvalidInput("A quantity is at least 1. Use `cartItemRemove` to take a line out.", field=QUANTITY)
    if quantity > limits.units:
        raise CartLimitExceeded(f"A line has at most {limits.units} units.", field=QUANTITY)
    return quantity


async def _move_codes(tx: Tx, source: Cart, target: Cart) -> None:
    """Let a cart carry the codes of another too, as far as there is room."""
    both = await data.cart_promotion.find_many(
        tx, where={"cart_id": {"in": [source.id, target.id]}}, order_by=[{"applied_at": "asc"}]
    )
    has = {row.promotion_id for row in both if row.cart_id == target.id}
    codes = [row.promotion_id for row in both if row.cart_id == source.id and row.promotion_id not in has]
    rows: list[data.CartPromotionCreate] = [
        {"cart_id": target.id, "promotion_id": promotion_id} for promotion_id in codes[: MOST_CODES - len(has)]
    ]
    await data.cart_promotion.create_many(tx, rows)
