"""The shipping of carts: the options for a place, the choice of the buyer, and what applies without one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.cart import data, locking, sql
from domains.cart.destinations import NewDestination, checked_destination
from domains.cart.errors import CartNotFound
from domains.cart.events import CartChanged
from domains.cart.models import Cart, CartContents, CartRef, PricedCart, cart_of
from domains.cart.shipping.choices import rate_digest
from domains.cart.shipping.errors import ShippingRateUnavailable
from domains.cart.shipping.live_rates import NO_PRICE, Asking, LiveRates
from domains.cart.shipping.models import AppliedShipping, CartShippingOption, CartShippingOptions
from domains.cart.shipping.problems import NOT_COLLECTED, ShippingProblem, ShippingProblemCode, problem_of
from domains.inventory.warehouses.places import KnownPlaces, known_places, known_places_of
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.values.money import Money
from domains.pricing.models import Quote, ShippingChoice, Terms
from domains.pricing.quote import quote
from domains.pricing.service import PricingService
from domains.promotion.rules import Buyer
from domains.shipping.delivery_dates import DeliveryCalendar, DeliveryDates
from domains.shipping.models import SaleShipping, ShippingOption
from domains.shipping.service import ShippingService

RATE_TIME: Final = timedelta(minutes=30)
ANYONE: Final = Buyer()
NO_METHOD: Final = UUID(int=0)


class CartShipping:
    """Quotes the shipping of carts, and keeps what their buyers choose."""

    def __init__(
        self,
        pricing: PricingService,
        shipping: ShippingService,
        live_rates: LiveRates,
        clock: Clock,
    ) -> None:
        self._pricing = pricing
        self.methods = shipping
        self._live_rates = live_rates
        self._clock = clock

    async def options(
        self, db: Reader, ref: CartRef, place: NewDestination | None = None, *, asking: Asking | None = None
    ) -> CartShippingOptions:
        """The methods that ship the goods of a cart to a place, by default its destination, before discounts.

        Carriers with live prices are asked, which takes seconds: not in a transaction. `asking` is called before.
        Five statements at most, one when settings, zones, taxes and carriers were read in the last seconds. Raises
        CartNotFound, and the errors of `checked_destination`.
        """
        given = None if place is None else checked_destination(place)
        now, (contents, places) = self._clock.now(), await self._contents(db, ref)
        destination = own = contents.cart.destination
        if given is not None:
            is_same_country = own is not None and own.country == given.country
            destination = replace(given, vat_number=contents.cart.vat_number if is_same_country else None)
        terms = await self._pricing.terms(db, ShippingChoice(destination))
        consignment = _quoted(contents, terms, now).shipping.consignment
        if consignment is None:
            return CartShippingOptions((), is_shipped=False, problem=None)
        live = await self._live_rates.prices(db, terms.shipping, consignment, destination, places.default, asking)
        prices = {method_id: price for method_id, price in live.items() if isinstance(price, Decimal)}
        found = replace(terms.shipping, carrier_prices=prices).options(consignment)
        choices = [
            ShippingChoice(destination, option.method_id, prices.get(option.method_id or NO_METHOD))
            for option in found
        ]
        terms_of, calendar = await self._pricing.terms_of(db, choices, places.points), await self.methods.calendar(db)
        options = [
            _option(option, _quoted(contents, terms_of[choice], now), calendar, now)
            for option, choice in zip(found, choices, strict=True)
            if not _is_closed(terms_of[choice].shipping)
        ]
        noted = [replace(each, note=_note(each, live)) for each in options]
        problem = None if noted else ShippingProblem.of(ShippingProblemCode.SHIPPING_UNAVAILABLE)
        return CartShippingOptions(noted, is_shipped=True, problem=problem)

    async def choose(
        self, db: Database, actor: Actor, ref: CartRef, method_id: UUID | None, *, asking: Asking | None = None
    ) -> Cart:
        """Choose the method by which the goods of a cart are sent, or None for the cheapest one. Idempotent.

        Raises CartNotFound, ShippingMethodUnavailable when it is not offered for the cart's destination,
        ShippingMethodUnsuitable when it does not carry the goods, and ShippingRateUnavailable when its carrier gives
        no price, which holds for thirty minutes. Emits CartChanged when the choice changes. Not in a transaction:
        a carrier may be asked, `asking` is called before. Seven statements at most.
        """
        changes: data.CartUpdate = {
            "shipping_method_id": method_id,
            "shipping_rate": None,
            "shipping_rate_digest": None,
            "shipping_rate_until": None,
        }
        if method_id is not None:
            changes |= await self._checked(db.reader(actor.company_id), ref, method_id, asking)
        return await db.run(lambda tx: self._store(tx, ref, changes), actor)

    async def applied(self, db: Reader, carts: Sequence[PricedCart]) -> list[AppliedShipping]:
        """The shipping that the quotes of carts have, in their order. No statement for known settings."""
        calendar, now = await self.methods.calendar(db), self._clock.now()
        return [_applied(cart, calendar, now) for cart in carts]

    async def _contents(self, db: Reader, ref: CartRef) -> tuple[CartContents, KnownPlaces]:
        """The contents of a cart, and the places of warehouses. One statement. Raises CartNotFound."""
        rows, places = await fetch_parts(db, [sql.own_contents(db, ref, self._clock.now()), known_places(db)])
        contents = sql.contents_of(db, rows)
        if contents is None:
            raise CartNotFound
        return contents, known_places_of(places)

    async def _checked(self, db: Reader, ref: CartRef, method_id: UUID, asking: Asking | None) -> data.CartUpdate:
        """The price of a carrier's method, as it is stored. Raises as `choose`."""
        now, (contents, places) = self._clock.now(), await self._contents(db, ref)
        destination = contents.cart.destination
        choice = ShippingChoice(destination, method_id)
        terms = (await self._pricing.terms_of(db, [choice], places.points))[choice]
        method = next((each for each in terms.shipping.methods if each.id == method_id), None)
        if method is None:
            raise ShippingProblem.of(ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE).error()
        if method.is_closed:
            raise ShippingProblem(ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE, NOT_COLLECTED).error()
        consignment = _quoted(contents, terms, now).shipping.consignment
        if consignment is None:
            return {}
        problem = problem_of(terms.shipping, consignment)
        if problem is None:
            return {}
        if problem.code is not ShippingProblemCode.SHIPPING_RATE_OUTDATED:
            raise problem.error()
        offered = replace(terms.shipping, methods=(method,))
        prices = await self._live_rates.prices(db, offered, consignment, destination, places.default, asking)
        price = prices.get(method_id, NO_PRICE)
        if not isinstance(price, Decimal):
            raise ShippingRateUnavailable(f"{price} Choose another method, or try again later.")
        return {
            "shipping_rate": price,
            "shipping_rate_digest": rate_digest(contents, destination),
            "shipping_rate_until": now + RATE_TIME,
        }

    async def _store(self, tx: Tx, ref: CartRef, changes: data.CartUpdate) -> Cart:
        cart = await locking.require(tx, ref, self._clock.now())
        if all(getattr(cart, name) == value for name, value in changes.items()):
            return cart
        tx.emit(CartChanged.of(cart))
        return cart_of(await data.cart.update(tx, id=cart.id, data=changes))


def _is_closed(chosen: SaleShipping) -> bool:
    """Whether the goods of the chosen method cannot be collected now."""
    return any(method.is_closed for method in chosen.methods if method.id == chosen.chosen_id)


def _note(option: CartShippingOption, live: Mapping[UUID, Decimal | str]) -> str | None:
    """Why a method has no price."""
    method_id = option.option.method_id
    if option.price is not None or method_id is None:
        return None
    reason = live.get(method_id, NO_PRICE)
    return reason if isinstance(reason, str) else None


def _quoted(contents: CartContents, terms: Terms, now: datetime) -> Quote:
    """The quote of a cart without discounts."""
    return quote(contents.priced, (), terms.taxes, terms.shipping, ANYONE, now)


def _applied(cart: PricedCart, calendar: DeliveryCalendar, now: datetime) -> AppliedShipping:
    shipping = cart.quote.shipping
    option = None if shipping.option is None else _option(shipping.option, cart.quote, calendar, now)
    problem = problem_of(cart.terms.shipping, shipping.consignment)
    return AppliedShipping(shipping.consignment is not None, option, problem)


def _option(option: ShippingOption, quoted: Quote, calendar: DeliveryCalendar, now: datetime) -> CartShippingOption:
    """An option with its price in a quote of it."""
    dates = delivery_dates(option, calendar, now)
    if option.price is None:
        return CartShippingOption(option, None, None, dates)
    shipping, currency = quoted.shipping, quoted.currency
    return CartShippingOption(option, Money(shipping.subtotal, currency), Money(shipping.total, currency), dates)


def delivery_dates(option: ShippingOption, calendar: DeliveryCalendar, now: datetime) -> DeliveryDates | None:
    """The days on which goods arrive that are ordered now; None where the method has no estimate."""
    days = option.estimated_days
    return None if days is None else calendar.dates(now, days.minimum, days.maximum)
