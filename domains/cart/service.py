"""Carts of customers and guests: filled, changed, merged, priced, and handed to the checkout."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domains.auth.emails.email_verification import EmailVerification
from domains.auth.models import Origin
from domains.cart import data, email_confirmation, listing, locking, sql
from domains.cart.errors import CartEmpty, CartItemNotFound, CartLimitExceeded, CartNotFound, CodeNotCarried
from domains.cart.items import Filling
from domains.cart.listing import CartSort
from domains.cart.models import (
    MOST_CODES,
    Cart,
    CartContents,
    CartFilter,
    CartLimits,
    CartRef,
    FilledCart,
    OpenCart,
    PricedCart,
    TakenOver,
    WantedLine,
)
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import Cache
from domains.kernel.quotas import Quota
from domains.kernel.values.money import Money
from domains.promotion.service import PromotionService
from domains.promotion.totals import Terms, Totals, calculate

MOST_SYNCED: Final = 200
HOUR: Final = timedelta(hours=1)
NEW_CARTS: Final = Quota("new carts", 100, HOUR)
NEW_LINES: Final = Quota("things put into carts", 2_000, HOUR)
ITEMS: Final = ("items",)
BATCH: Final = 1_000


class CartService:
    """Keeps carts. Everybody reaches their own alone: what a reference does not open, does not exist."""

    def __init__(
        self,
        catalog: CatalogService,
        inventory: InventoryService,
        companies: CompanyService,
        promotions: PromotionService,
        clock: Clock,
        cache: Cache,
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._companies = companies
        self._promotions = promotions
        self._filling = Filling(catalog, inventory)
        self._clock = clock

    # ---- reading

    async def get_cart(self, db: Reader, ref: CartRef) -> Cart:
        """Somebody's cart. Raises CartNotFound, also when it has expired. One statement."""
        cart = await sql.find(db, ref, self._clock.now())
        if cart is None:
            raise CartNotFound
        return cart

    async def find_carts(
        self,
        db: Reader,
        args: PageArgs,
        wanted: CartFilter,
        *,
        search: str | None = None,
        sort: CartSort = CartSort.UPDATED_AT,
        descending: bool = True,
    ) -> Page[Cart]:
        """One page of the company's carts, expired ones that are not deleted yet included.

        `search` looks in names and addresses of customers. Raises InvalidInput, TooLong.
        """
        return await listing.find_page(db, args, wanted, search, sort, descending=descending)

    async def contents(self, db: Reader, carts: Collection[Cart]) -> list[CartContents]:
        """What is in carts, in their order, with products and prices as they are now. One statement."""
        return await sql.contents_now(db, carts)

    async def units_in(self, db: Reader, carts: Collection[Cart]) -> list[int]:
        """How many units are in each cart, all lines together. One statement."""
        found = await sql.units(db, [cart.id for cart in carts])
        return [found.get(cart.id, 0) for cart in carts]

    async def calculate_total(self, db: Reader, contents: CartContents) -> Totals:
        """What a cart comes to now; see `totals`."""
        (totals,) = await self.totals(db, [contents])
        return totals

    async def totals(self, db: Reader, carts: Collection[CartContents]) -> list[Totals]:
        """What carts come to now, in their order, by the same rules as orders; what is off sale costs nothing.

        Amounts are in the company's currency. Two statements.
        """
        now, terms = self._clock.now(), Terms.of(await self._companies.current(db))
        promotions = await self._promotions.candidates(
            db, {code for each in carts for code in each.promotion_ids}, now
        )
        buyers = await self._promotions.buyers_of(db, {each.cart.buyer_key for each in carts})
        return [
            calculate(
                each.priced,
                [one for one in promotions if one.is_automatic or one.id in each.promotion_ids],
                terms,
                buyers[each.cart.buyer_key],
                now,
            )
            for each in carts
        ]

    async def note_shown(self, db: Database, actor: Actor, contents: CartContents, totals: Totals) -> None:
        """Keep the total that is shown to a cart's own buyer; nothing for anybody else, and when it is the last one.

        No statement, or one that is a transaction by itself.
        """
        cart = contents.cart
        quote = Money(totals.total, totals.currency) if contents.lines else None
        if cart.is_of(actor) and quote != cart.quote:
            shown = (quote.amount, quote.currency) if quote else (None, None)
            await db.run_alone(lambda tx: sql.quote(tx, cart.id, *shown), actor)

    # ---- filling

    @asynccontextmanager
    async def admitted(self, actor: Actor, ref: CartRef, address: str, lines: int) -> AsyncIterator[None]:
        """Count what a guest puts into carts inside, outside any transaction; what is refused does not count.

        Raises RateLimited beyond 100 new carts or 2,000 lines an hour from one network address. Customers have one
        cart each.
        """
        async with AsyncExitStack() as counted:
            if not actor.is_authenticated:
                company_id = actor.company_id
                await counted.enter_async_context(NEW_LINES.storing(self._cache, company_id, address, lines))
                if ref.is_nobodys:
                    await counted.enter_async_context(NEW_CARTS.storing(self._cache, company_id, address))
            yield

    async def admit_made(self, actor: Actor, ref: CartRef, opened: OpenCart | None, address: str) -> None:
        """Count a cart that was made for a guest whose token opened none, which anybody can invent.

        In the transaction that made it, so that a refusal undoes it. Raises RateLimited as `admitted` does.
        """
        if opened is not None and opened.token is not None and not ref.is_nobodys:
            await NEW_CARTS.take(self._cache, actor.company_id, address)

    async def add_item(self, tx: Tx, ref: CartRef, wanted: WantedLine) -> FilledCart:
        """Add units to a cart, which is made when there is none; the same product and variant is one line.

        The line's price is then today's. Raises ProductNotFound, VariantNotFound, VariantMissing, InvalidInput,
        CartLimitExceeded (units of a line, lines), InsufficientStock (for all units of the line).
        """
        limits = await self._limits(tx)
        return await self._filling.add(tx, ref, [wanted], limits, self._clock.now(), field=lambda _: ())

    async def add_items(self, tx: Tx, ref: CartRef, wanted: Sequence[WantedLine]) -> FilledCart:
        """The same of several things, all or none; those of the same thing add up.

        Raises as `add_item` does, the line in the error's path, InvalidInput for none and CartLimitExceeded for more
        than a cart may have.
        """
        if not wanted:
            raise InvalidInput("Give at least one item.", field=ITEMS)
        limits = await self._limits(tx)
        if len(wanted) > limits.lines:
            raise CartLimitExceeded(f"A cart has at most {limits.lines} lines.", field=ITEMS)
        return await self._filling.add(tx, ref, wanted, limits, self._clock.now(), field=lambda n: (*ITEMS, str(n)))

    async def update_item_quantity(self, tx: Tx, ref: CartRef, item_id: UUID, quantity: int) -> Cart:
        """Let a line have so many units. Its price snapshot stays.

        Raises CartNotFound, CartItemNotFound, InvalidInput, CartLimitExceeded, InsufficientStock, NotForSale.
        """
        now = self._clock.now()
        cart = await locking.require(tx, ref, now)
        await self._filling.set_quantity(tx, cart, item_id, quantity, await self._limits(tx), now)
        return cart

    async def remove_item(self, tx: Tx, ref: CartRef, item_id: UUID) -> Cart:
        """Take a line out. Raises CartNotFound, CartItemNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        if not await data.cart_item.delete_many(tx, where={"id": item_id, "cart_id": cart.id}):
            raise CartItemNotFound(item_id)
        return cart

    async def clear_cart(self, tx: Tx, ref: CartRef) -> Cart:
        """Take all lines and codes out; the cart and its token stay. Raises CartNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        await sql.empty(tx, cart.id)
        return cart

    async def accept_prices(self, tx: Tx, ref: CartRef) -> Cart:
        """Take today's prices as seen: no line's price is changed any more. Raises CartNotFound."""
        cart = await locking.require(tx, ref, self._clock.now())
        (contents,) = await self.contents(tx, [cart])
        moved = [(line.id, line.unit_price.amount) for line in contents.lines if line.is_price_changed]
        if moved:
            await sql.accept_prices(tx, moved)
        return cart

    async def sync_from_local_storage(
        self, tx: Tx, ref: CartRef, lines: Sequence[WantedLine], *, guest_token: str | None = None
    ) -> TakenOver:
        """Add what fits of lines that a frontend kept, and of a guest's cart, which is then gone; what did not fit.

        The same line adds up. Raises CartLimitExceeded for more than 200 lines.
        """
        if len(lines) > MOST_SYNCED:
            raise CartLimitExceeded(f"At most {MOST_SYNCED} lines can be taken over at once.", field=("items",))
        return await self._filling.take_over(tx, ref, guest_token, lines, await self._limits(tx), self._clock.now())

    async def merge(self, tx: Tx, ref: CartRef, guest_token: str) -> TakenOver:
        """Add what fits of a guest's cart to a user's, after a login; the guest's is then gone, and what did not fit.

        A token that opens nothing (any more) merges nothing.
        """
        return await self._filling.take_over(tx, ref, guest_token, (), await self._limits(tx), self._clock.now())

    async def _limits(self, db: Reader) -> CartLimits:
        """The company's limits of a cart; no statement when its settings were read in the last seconds."""
        return CartLimits.of(await self._companies.current(db))

    # ---- codes

    async def apply_promotion(self, tx: Tx, ref: CartRef, code: str) -> PricedCart:
        """Let a cart carry a promotion's code that its buyer can use on it now; carrying it twice is once.

        One that waits for a guest's address to be confirmed is carried, and takes nothing off until then.

        What is in the cart and what it comes to then. It writes once and holds nothing before that, so it needs no
        transaction (`Database.run_alone`). Tries go through `guesses.one` of the promotions. Raises
        CartNotFound, CartEmpty, PromoCodeInvalid with the reason, CartLimitExceeded beyond ten codes. Three
        statements, and one more for a user.
        """
        now, terms = self._clock.now(), Terms.of(await self._companies.current(tx))
        contents = await self._own_contents(tx, ref, now)
        cart = contents.cart
        if not contents.lines:
            raise CartEmpty
        buyer = (await self._promotions.buyers_of(tx, {cart.buyer_key}))[cart.buyer_key]
        promotions = await self._promotions.candidates(tx, contents.promotion_ids, now, code=code)
        promotion = self._promotions.require_usable(promotions, code, buyer, contents.subtotal)
        if promotion.id not in contents.promotion_ids:
            if not await sql.carry(tx, cart.id, promotion.id, now, ref.expiry(now)):
                return await self._carried_already(tx, ref, code, promotion.id)
            contents.promotion_ids.append(promotion.id)
        return PricedCart(contents, calculate(contents.priced, promotions, terms, buyer, now))

    async def _carried_already(self, tx: Tx, ref: CartRef, code: str, promotion_id: UUID) -> PricedCart:
        """The same again for a code that somebody else has just applied; else the cart carries too many."""
        contents = await self._own_contents(tx, ref, self._clock.now())
        if promotion_id not in contents.promotion_ids:
            raise CartLimitExceeded(f"A cart carries at most {MOST_CODES} codes.", field=("code",))
        return await self.apply_promotion(tx, ref, code)

    async def _own_contents(self, db: Reader, ref: CartRef, now: datetime) -> CartContents:
        contents = await sql.own_contents(db, ref, now)
        if contents is None:
            raise CartNotFound
        return contents

    async def remove_promotion(self, tx: Tx, ref: CartRef, promotion_id: UUID) -> Cart:
        """Let a cart carry a code no more. Raises CartNotFound, CodeNotCarried."""
        cart = await locking.require(tx, ref, self._clock.now())
        where: data.CartPromotionWhere = {"cart_id": cart.id, "promotion_id": promotion_id}
        if not await data.cart_promotion.delete_many(tx, where=where):
            raise CodeNotCarried(promotion_id)
        return cart

    # ---- checkout

    async def take_out(self, tx: Tx, ref: CartRef) -> CartContents:
        """Everything out of a cart, which is held until the transaction ends: what is being ordered, as it is now.

        With it goes the total that was shown. Raises CartNotFound, CartEmpty. One statement.
        """
        contents = await sql.take_out(tx, ref, self._clock.now())
        if contents is None:
            raise CartNotFound
        if not contents.lines:
            raise CartEmpty
        if contents.cart.quote is not None:
            sql.unquote(tx, contents.cart.id)
        return contents

    # ---- a guest's address

    async def request_email_code(
        self, verification: EmailVerification, db: Database, actor: Actor, origin: Origin, ref: CartRef, email: str
    ) -> None:
        """Mail a code to an address that a guest says is theirs; it replaces an earlier code of the cart.

        Who has an account, or orders, plays no part in it. Raises InvalidInput, CartNotFound, RateLimited,
        EmailOfAccount for a signed-in user.
        """
        await email_confirmation.request(verification, db, actor, origin, ref, email, self._clock.now())

    async def confirm_email(
        self, verification: EmailVerification, db: Database, actor: Actor, origin: Origin, ref: CartRef, digits: str
    ) -> Cart:
        """Confirm the address of a guest's cart by the mailed code, once; what it has earned counts from then on.

        An order of the cart is at this address. Raises CartNotFound, RateLimited, EmailOfAccount, and InvalidCode,
        which commits: the try counts, and five end the code.
        """
        return await email_confirmation.confirm(verification, db, actor, origin, ref, digits, self._clock.now())

    # ---- ends

    async def delete_expired(self, tx: Tx) -> int:
        """Delete a batch of the company's carts that have expired; how many."""
        return await sql.delete_expired(tx, self._clock.now(), BATCH)
