"""Placing an order: the cart, checked and priced anew, becomes an order that holds its goods; in one transaction.

Locks in their order: the cart, the stock by SKU, the promotions by id. Whoever waits for one holds none that another
wants.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from domains.auth.emails.addresses import normalised
from domains.auth.sessions.tokens import digest
from domains.cart.models import Cart, CartContents, CartRef
from domains.company.models import Company
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.models import StockLine
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, Required, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.calendar import day_of
from domains.kernel.values.money import Money, require_amount
from domains.order import data, sql, transitions
from domains.order.below import Below
from domains.order.checkout import limits, snapshots
from domains.order.checkout.delivery_places import place_of
from domains.order.checkout.number_patterns import written
from domains.order.checkout.numbers import KEY, NumberTaken
from domains.order.data import OrderAddressCreate
from domains.order.errors import CodeRefused, EmailNotConfirmed, PriceChanged, ProductUnavailable
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.models import NewOrder, Order, OrderSettings, OrderStatus, OrderTicket, PlacedOrder
from domains.order.policy import guest_token
from domains.order.search import index
from domains.pricing.models import Quote, Terms
from domains.pricing.quote import quote
from domains.promotion.basket import Buyer, Claimant, PricedLine
from domains.promotion.eligibility import is_for_first_orders


@dataclass(frozen=True, slots=True)
class _Read:
    """What the buyer has given, read and found right; the first address is where the order is sent."""

    company: Company
    addresses: list[OrderAddressCreate]
    email: str
    is_confirmed: bool
    notes: str | None
    expected_total: Decimal | None


@dataclass(frozen=True, slots=True)
class _Purchase:
    """What is being ordered, by whom, and its figures; `seen` are those at the prices last seen, where one has moved.

    `shown` are the figures of the cart, which knows neither the delivery address nor an e-mail address that is not
    confirmed. `first_orders` are the promotions for first orders among those that may apply.
    """

    id: UUID
    ticket: OrderTicket
    company: Company
    settings: OrderSettings
    checkout: CartContents
    terms: Terms
    shown: Quote
    totals: Quote
    seen: Quote | None
    who: Claimant
    first_orders: frozenset[UUID]
    token: str | None
    at: datetime

    @property
    def user_id(self) -> UUID | None:
        """The customer, None for a guest."""
        return self.who.user_id

    @property
    def email(self) -> str:
        """Whom the shop writes to."""
        return self.who.email or ""

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay."""
        return not self.totals.total


async def place(below: Below, tx: Tx, actor: Actor, given: NewOrder, ticket: OrderTicket) -> PlacedOrder:
    """Order a cart; see OrderService.create_order."""
    company = await below.company.current(tx)
    settings = await below.settings.current(tx)
    limits.require_checkout(settings, actor)
    checkout = await below.cart.take_out(tx, CartRef.of(actor, given.cart_token))
    read = await _read(below, tx, actor, given, checkout, company)
    purchase = await _purchase(below, tx, actor, given, ticket, checkout, read, settings)
    lines = (await below.cart.settings.current(tx)).max_order_lines
    limits.require_size(settings, lines, checkout, Money(purchase.totals.total, company.currency))
    await _require_few_unpaid(tx, settings, actor, ticket, sum(line.quantity for line in checkout.lines))
    _require_expected(purchase, read)
    order = await _write(tx, actor, purchase, read)
    wanted = [
        StockLine(line.sku, line.quantity) for line in purchase.checkout.lines if line.sku and line.offer.is_tracked
    ]
    try:
        await below.inventory.reservations.reserve(tx, actor, wanted, order_id=order.id, expires_at=order.expires_at)
    except (InsufficientStock, SkuNotFound) as error:
        error.field = ("cart_token",)
        raise
    used = [discount.promotion_id for discount in purchase.totals.adjustments]
    await below.promotion.redemptions.claim(tx, used, order_id=order.id, who=purchase.who)
    _tell(tx, order)
    return PlacedOrder(order, purchase.token)


async def _read(
    below: Below, tx: Tx, actor: Actor, given: NewOrder, checkout: CartContents, company: Company
) -> _Read:
    """What is given, read whole. Raises all that is wrong with it, and each ProductUnavailable."""
    expected = given.expected_total
    with collect_errors() as each:
        for line in checkout.lines:
            with each:
                if not line.is_sold:
                    raise ProductUnavailable(line.name)
        with each:
            email, is_confirmed = await _email(below, tx, actor, given, checkout.cart)
        with each:
            addresses = await snapshots.addresses(below, tx, actor, given)
        with each:
            notes = optional_text(given.notes, field=("notes",), most=LINE_LENGTH)
        with each:
            if expected is not None:
                expected = require_amount(expected, company.currency, field=("expected_total",))
    return _Read(company, addresses, email, is_confirmed, notes, expected)


async def _purchase(
    below: Below,
    tx: Tx,
    actor: Actor,
    given: NewOrder,
    ticket: OrderTicket,
    checkout: CartContents,
    read: _Read,
    settings: OrderSettings,
) -> _Purchase:
    now = below.clock.now()
    keys = below.auth.fingerprints.of("delivery", place_of(read.addresses[0]))
    who = Claimant(user_id=actor.user_id, email=read.email, email_confirmed=read.is_confirmed, address_keys=keys)
    company = read.company
    promotions, buyer = await below.promotion.candidates_for(tx, checkout.promotion_ids, now, who)
    terms = await below.pricing.terms(tx)

    def figures(lines: Sequence[PricedLine], buyer: Buyer) -> Quote:
        return quote(lines, promotions, terms.taxes, terms.shipping, buyer, now)

    totals = shown = figures(checkout.priced, replace(buyer, spent={}))
    if not buyer.spent.keys().isdisjoint(adjustment.promotion_id for adjustment in shown.adjustments):
        totals = figures(checkout.priced, buyer)
    is_changed = any(line.is_price_changed for line in checkout.lines)
    seen = figures(_as_seen(checkout), buyer) if is_changed else None
    first_orders = frozenset(one.id for one in promotions if is_for_first_orders(one.type))
    for amount in (totals.subtotal, totals.total):
        require_amount(amount, company.currency)
    order_id = new_id()
    token = None
    if actor.user_id is None and given.cart_token:
        token = guest_token(given.cart_token, order_id)
    return _Purchase(
        order_id,
        ticket,
        company,
        settings,
        checkout,
        terms,
        shown,
        totals,
        seen,
        who,
        first_orders,
        token,
        now,
    )


async def _require_few_unpaid(tx: Tx, settings: OrderSettings, actor: Actor, ticket: OrderTicket, units: int) -> None:
    """Raise TooManyUnpaidOrders. Near the limit a buyer's orders are placed one after another, and counted again."""
    unpaid = await sql.unpaid(tx, ticket.network, actor.user_id)
    limits.require_few_unpaid(settings, unpaid, units)
    if limits.is_near_limit(settings, unpaid, units):
        await sql.hold_buyer(tx, ticket.network, actor.user_id)
        limits.require_few_unpaid(settings, await sql.unpaid(tx, ticket.network, actor.user_id), units)


def _as_seen(checkout: CartContents) -> list[PricedLine]:
    """The lines at the prices that the buyer last saw."""
    lines = zip(checkout.priced, checkout.lines, strict=True)
    return [replace(priced, unit_price=line.price_snapshot.amount) for priced, line in lines]


async def _email(below: Below, tx: Tx, actor: Actor, given: NewOrder, cart: Cart) -> tuple[str, bool]:
    """Whom the shop writes to, and whether the address is proven: a customer's is the account's, a guest says theirs.

    A cart whose address is confirmed is ordered at that address.
    """
    if actor.user_id is not None:
        me = await below.auth.users.me(tx, actor)
        return me.email, me.email_verified
    confirmed = cart.confirmed_email
    if not given.email and confirmed is None:
        raise Required("A guest's order needs an `email`.", field=("email",))
    email = normalised(given.email) if given.email else confirmed
    if confirmed is not None and email != confirmed:
        raise EmailNotConfirmed
    return email or "", confirmed is not None


def _require_expected(purchase: _Purchase, read: _Read) -> None:
    """Raise PriceChanged or CodeRefused when the order is not what the buyer was shown.

    With `expected_total` that alone decides, without it the total that the cart last showed to its buyer. Where none
    was ever shown, no price may have moved since things were put in, and every code must still apply.
    """
    totals, currency = purchase.totals, purchase.totals.currency
    shown = purchase.checkout.cart.quote
    if read.expected_total is not None:
        shown = Money(read.expected_total, currency)
    if shown is not None:
        if shown != Money(totals.total, currency):
            # What others have used up at an address is told to nobody who only guesses what an order comes to.
            is_guess = shown != Money(purchase.shown.total, currency)
            raise PriceChanged(shown.amount, (purchase.shown if is_guess else totals).total, currency)
        return
    if purchase.seen is not None:
        raise PriceChanged(purchase.seen.total, totals.total, currency)
    for refusal in totals.refused:
        if refusal.code is not None:
            raise CodeRefused(refusal.code, refusal.reason)


async def _write(tx: Tx, actor: Actor, purchase: _Purchase, read: _Read) -> Order:
    """The order with its addresses, lines, promotions, history and search terms, all by one statement."""
    currency = purchase.totals.currency
    totals = {total.key: total for total in purchase.totals.lines}
    items = [snapshots.item(purchase.id, line, totals[line.id], currency) for line in purchase.checkout.lines]
    row = _row(purchase, read)
    try:
        return await data.order.create(
            tx,
            row,
            alongside=[
                data.order_address.insertion(tx, read.addresses),
                data.order_item.insertion(tx, items),
                data.order_promotion.insertion(tx, snapshots.promotions(purchase.id, purchase.totals)),
                data.order_status_history.insertion(tx, _beginning(actor, purchase)),
                data.order_search.insertion(tx, [index.entry(purchase.company.id, row, read.addresses, items)]),
            ],
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == KEY:
            raise NumberTaken from error
        raise


def _beginning(actor: Actor, purchase: _Purchase) -> list[data.OrderStatusHistoryCreate]:
    first = transitions.entry(actor, purchase.id, None, OrderStatus.PENDING, None)
    if not purchase.is_free:
        return [first]
    accepted = transitions.entry(actor, purchase.id, OrderStatus.PENDING, OrderStatus.CONFIRMED, "Nothing to pay")
    return [first, accepted]


def _row(purchase: _Purchase, read: _Read) -> data.OrderCreate:
    totals, settings, taxes = purchase.totals, purchase.settings, purchase.terms.taxes
    day = day_of(purchase.at, purchase.company.time_zone)
    return {
        "id": purchase.id,
        "order_number": written(settings.order_number_pattern, purchase.ticket.number, day),
        "user_id": purchase.user_id,
        "email": purchase.email,
        "email_confirmed": purchase.who.email_confirmed,
        "card_limited": any(discount.promotion_id in purchase.first_orders for discount in totals.adjustments),
        "guest_token_hash": digest(purchase.token) if purchase.token else None,
        "status": OrderStatus.CONFIRMED if purchase.is_free else OrderStatus.PENDING,
        "currency": totals.currency,
        "subtotal": totals.subtotal,
        "tax_amount": totals.tax,
        "shipping_cost": totals.shipping.total,
        "discount_amount": totals.discount,
        "total": totals.total,
        "tax_rate": taxes.standard,
        "prices_include_tax": taxes.prices_include_tax,
        "shipping_address_id": read.addresses[0]["id"],
        "billing_address_id": read.addresses[-1]["id"],
        "notes": read.notes,
        "created_at": purchase.at,
        "expires_at": None if purchase.is_free else limits.pay_until(settings, purchase.at),
        "placed_from": purchase.ticket.network,
    }


def _tell(tx: Tx, order: Order) -> None:
    number = order.order_number
    tx.emit(
        OrderCreated(
            order_id=order.id,
            order_number=number,
            user_id=order.user_id,
            email=order.email,
            total=order.total,
            currency=order.currency,
        )
    )
    if order.status is OrderStatus.CONFIRMED:
        tx.emit(OrderConfirmed(order_id=order.id, order_number=number, payment_method=None))
