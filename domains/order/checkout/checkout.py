"""The checkout: one transaction checks and prices a cart, makes an order of it and reserves its units.

Locks are taken in this order: the cart, the stock by SKU, the promotions by id.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import asyncpg

from domains.auth.sessions.tokens import digest
from domains.cart.models import CartContents, CartRef
from domains.cart.service import CartService
from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import Money, require_amount
from domains.kernel.values.networks import network_of
from domains.order import data, sql, summary, transitions
from domains.order.checkout import limits, numbers, snapshots
from domains.order.checkout.buyers import Buyers
from domains.order.checkout.claims import Claims
from domains.order.checkout.number_patterns import written
from domains.order.checkout.numbers import KEY, NumberTaken
from domains.order.checkout.quotes import CheckoutQuote, Quotes
from domains.order.data import OrderAddressCreate
from domains.order.errors import CodeRefused, PriceChanged, ProductUnavailable
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.models import NewOrder, Order, OrderSettings, OrderStatus, OrderTicket, PlacedOrder
from domains.order.policy import guest_token
from domains.order.search import index
from domains.order.summary import OrderFacts
from domains.pricing.models import Quote
from domains.promotion.rules import BuyerIdentity


@dataclass(frozen=True, slots=True)
class _Read:
    """The validated input of the buyer; the first address is the shipping address."""

    company: Company
    addresses: list[OrderAddressCreate]
    email: str
    is_confirmed: bool
    notes: str | None
    expected_total: Decimal | None


@dataclass(frozen=True, slots=True)
class _Purchase:
    """The cart, its buyer and its quote."""

    id: UUID
    ticket: OrderTicket
    company: Company
    settings: OrderSettings
    checkout: CartContents
    quote: CheckoutQuote
    who: BuyerIdentity
    token: str | None

    @property
    def totals(self) -> Quote:
        """The amounts of the order."""
        return self.quote.totals

    @property
    def user_id(self) -> UUID | None:
        """The customer; None for a guest."""
        return self.who.user_id

    @property
    def email(self) -> str:
        """The buyer's e-mail address."""
        return self.who.email or ""

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay."""
        return not self.totals.total


class Checkout:
    """Creates orders from carts."""

    def __init__(
        self,
        buyers: Buyers,
        quotes: Quotes,
        claims: Claims,
        cart: CartService,
        company: CompanyService,
        settings: SettingsTable[OrderSettings],
    ) -> None:
        self._buyers = buyers
        self._quotes = quotes
        self._claims = claims
        self._cart = cart
        self._company = company
        self._settings = settings

    async def take_ticket(self, db: Database, actor: Actor, address: str | None = None) -> OrderTicket:
        """Take what `place` needs, in a transaction before the order's own. One statement.

        No other order of the company has its number; a number that is not used leaves a gap. Orders that wait to be
        paid are limited by the client's `address`. Raises Busy.
        """
        number = await db.run_statement(numbers.next_number, actor)
        return OrderTicket(number, network_of(address) if address else None)

    async def place(self, tx: Tx, actor: Actor, given: NewOrder, ticket: OrderTicket) -> PlacedOrder:
        """Order a cart; see OrderService.create_order."""
        company, settings = await self._company.current(tx), await self._settings.current(tx)
        limits.require_checkout(settings, actor)
        checkout = await self._cart.take_out(tx, CartRef.of(actor, given.cart_token))
        read = await self._read(tx, actor, given, checkout, company)
        purchase = await self._purchase(tx, actor, given, ticket, checkout, read, settings)
        lines = (await self._cart.settings.current(tx)).max_order_lines
        limits.require_size(settings, lines, checkout, Money(purchase.totals.total, company.currency))
        await _require_few_unpaid(tx, settings, actor, ticket, sum(line.quantity for line in checkout.lines))
        _require_expected(purchase, read)
        order = await _write(tx, actor, purchase, read)
        used = [adjustment.promotion_id for adjustment in purchase.totals.adjustments]
        await self._claims.claim(tx, actor, order, purchase.checkout.lines, used, purchase.who)
        _publish(tx, order)
        return PlacedOrder(order, purchase.token)

    async def _read(self, tx: Tx, actor: Actor, given: NewOrder, checkout: CartContents, company: Company) -> _Read:
        """The validated input. Raises all of its errors at once, and each ProductUnavailable."""
        expected = given.expected_total
        with collect_errors() as each:
            for line in checkout.lines:
                with each:
                    if not line.is_sold:
                        raise ProductUnavailable(line.name)
            with each:
                email, is_confirmed = await self._buyers.email(tx, actor, given, checkout.cart)
            with each:
                addresses = await self._buyers.addresses(tx, actor, given)
            with each:
                notes = optional_text(given.notes, field=("notes",), max_length=LINE_LENGTH)
            with each:
                if expected is not None:
                    expected = require_amount(expected, company.currency, field=("expected_total",))
        return _Read(company, addresses, email, is_confirmed, notes, expected)

    async def _purchase(
        self,
        tx: Tx,
        actor: Actor,
        given: NewOrder,
        ticket: OrderTicket,
        checkout: CartContents,
        read: _Read,
        settings: OrderSettings,
    ) -> _Purchase:
        who = self._buyers.claimant(actor, read.email, read.addresses[0], is_confirmed=read.is_confirmed)
        quote = await self._quotes.of(tx, checkout, who)
        for amount in (quote.totals.subtotal, quote.totals.total):
            require_amount(amount, read.company.currency)
        order_id = new_id()
        token = None
        if actor.user_id is None and given.cart_token:
            token = guest_token(given.cart_token, order_id)
        return _Purchase(order_id, ticket, read.company, settings, checkout, quote, who, token)


async def _require_few_unpaid(tx: Tx, settings: OrderSettings, actor: Actor, ticket: OrderTicket, units: int) -> None:
    """Raise TooManyUnpaidOrders. Near the limit a buyer's orders are created one at a time, and counted again."""
    unpaid = await sql.unpaid(tx, ticket.network, actor.user_id)
    limits.require_few_unpaid(settings, unpaid, units)
    if limits.is_near_limit(settings, unpaid, units):
        await sql.lock_buyer(tx, ticket.network, actor.user_id)
        limits.require_few_unpaid(settings, await sql.unpaid(tx, ticket.network, actor.user_id), units)


def _require_expected(purchase: _Purchase, read: _Read) -> None:
    """Raise PriceChanged or CodeRefused when the order differs from what the buyer was shown.

    The total is compared with `expected_total`, or without it with the total that the cart last showed. If neither
    exists, no price may have changed since the products were added, and every code must still apply.
    """
    totals, currency = purchase.totals, purchase.totals.currency
    expected = purchase.checkout.cart.shown_total
    if read.expected_total is not None:
        expected = Money(read.expected_total, currency)
    if expected is not None:
        if expected != Money(totals.total, currency):
            # A guessed total must not reveal what other buyers have used up at an address.
            is_guess = expected != Money(purchase.quote.shown.total, currency)
            raise PriceChanged(expected.amount, (purchase.quote.shown if is_guess else totals).total, currency)
        return
    if purchase.quote.seen is not None:
        raise PriceChanged(purchase.quote.seen.total, totals.total, currency)
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
    totals, taxes, facts = purchase.totals, purchase.quote.terms.taxes, _facts(purchase)
    settings, at = purchase.settings, purchase.quote.at
    day = local_day(at, purchase.company.time_zone)
    return {
        "id": purchase.id,
        "order_number": written(settings.order_number_pattern, purchase.ticket.number, day),
        "user_id": purchase.user_id,
        "email": purchase.email,
        "email_confirmed": purchase.who.email_confirmed,
        "card_limited": any(each.promotion_id in purchase.quote.first_orders for each in totals.adjustments),
        "guest_token_hash": digest(purchase.token) if purchase.token else None,
        "status": summary.status(facts),
        "payment_status": summary.payment_status(facts),
        "fulfilment_status": summary.fulfilment_status(facts),
        "units_ordered": facts.ordered,
        "accepted_at": facts.accepted_at,
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
        "created_at": at,
        "expires_at": None if purchase.is_free else limits.pay_until(settings, at),
        "placed_from": purchase.ticket.network,
    }


def _facts(purchase: _Purchase) -> OrderFacts:
    """The facts of a new order; a free one is accepted at once."""
    units = sum(line.quantity for line in purchase.checkout.lines)
    return OrderFacts(
        total=purchase.totals.total, ordered=units, accepted_at=purchase.quote.at if purchase.is_free else None
    )


def _publish(tx: Tx, order: Order) -> None:
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
