"""The checkout: one transaction checks and prices a cart, creates an order from it and reserves its units.

Locks are taken in this order: the cart, the balances of gift cards and store credit, the stock by SKU, then the
promotions, the coupons and their unique codes, each by id.
"""

from collections.abc import Sequence
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
from domains.kernel.fail_points import reach
from domains.kernel.ids import new_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.prisma.statements import Statement
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.calendar import local_day
from domains.kernel.values.money import Money, require_amount
from domains.kernel.values.networks import network_of
from domains.order import data, sql, summary, transitions
from domains.order.checkout import limits, numbers, snapshots
from domains.order.checkout.buyers import Buyers, vat_number_of
from domains.order.checkout.number_patterns import format_number
from domains.order.checkout.numbers import KEY, NumberTaken
from domains.order.checkout.quotes import CheckoutQuote, Quotes
from domains.order.checkout.reservation import OrderReservation
from domains.order.data import OrderAddressCreate
from domains.order.errors import PriceChanged, ProductUnavailable, PromoCodeRefused
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.models import CreatedOrder, NewOrder, Order, OrderSettings, OrderStatus, OrderTicket, UnpaidOrders
from domains.order.policy import guest_token
from domains.order.sales.sold_order import SoldOrder
from domains.order.search import index
from domains.order.summary import OrderFacts
from domains.payment.tenders.models import TenderSpend
from domains.pricing.models import LineQuote, Quote
from domains.promotion.rules import BuyerIdentity
from domains.tax.models import Destination, rate_of


@dataclass(frozen=True, slots=True)
class _CheckoutInput:
    """The validated input of the buyer; the first address is the shipping address."""

    company: Company
    addresses: list[OrderAddressCreate]
    email: str
    is_confirmed: bool
    notes: str | None
    vat_number: str | None
    expected_total: Decimal | None
    expected_amount_due: Decimal | None

    @property
    def destination(self) -> Destination:
        """Where the goods are sent, by which the order is taxed."""
        shipping = self.addresses[0]
        place = (shipping["country"], shipping.get("province"), shipping["postal_code"] or None)
        return Destination(*place, self.vat_number)


@dataclass(frozen=True, slots=True)
class _OrderDraft:
    """The cart, its buyer and its quote."""

    ticket: OrderTicket
    company: Company
    settings: OrderSettings
    contents: CartContents
    quote: CheckoutQuote
    buyer: BuyerIdentity
    token: str | None

    @property
    def id(self) -> UUID:
        """The id of the order."""
        return self.ticket.order_id

    @property
    def totals(self) -> Quote:
        """The amounts of the order."""
        return self.quote.totals

    @property
    def user_id(self) -> UUID | None:
        """The customer; None for a guest."""
        return self.buyer.user_id

    @property
    def email(self) -> str:
        """The buyer's e-mail address."""
        return self.buyer.email or ""

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
        reservation: OrderReservation,
        cart: CartService,
        company: CompanyService,
        settings: SettingsTable[OrderSettings],
    ) -> None:
        self._buyers = buyers
        self._quotes = quotes
        self._reservation = reservation
        self._cart = cart
        self._company = company
        self._settings = settings

    async def take_ticket(self, db: Database, actor: Actor, address: str | None = None) -> OrderTicket:
        """The id, number and network of an order, in a transaction before that of `complete`. One statement.

        The number is unique in the company; an unused number leaves a gap. Unpaid orders are limited by the network
        of the client's `address`. Raises Busy.
        """
        number = await db.run_statement(numbers.next_number, actor)
        return OrderTicket(new_id(), number, network_of(address) if address else None)

    async def complete(self, tx: Tx, actor: Actor, new_order: NewOrder, ticket: OrderTicket) -> CreatedOrder:
        """Create an order from a cart; see OrderService.create_order."""
        company, settings = await self._company.current(tx), await self._settings.current(tx)
        limits.require_checkout(settings, actor)
        contents = await self._cart.take_out(tx, CartRef.of(actor, new_order.cart_token))
        reach("checkout.locked")
        validated = await self._validate(tx, actor, new_order, contents, company)
        draft, unpaid = await self._draft(tx, actor, new_order, ticket, contents, validated, settings)
        lines = (await self._cart.settings.current(tx)).max_order_lines
        limits.require_size(settings, lines, contents, Money(draft.totals.total, company.currency))
        await _require_few_unpaid(tx, actor, draft, unpaid)
        _require_expected(draft, validated)
        spends = await self._reservation.tenders.spends(tx, contents, draft.totals, validated.expected_amount_due)
        order = await self._write(tx, actor, draft, validated, spends)
        reach("checkout.stock_reserved")
        return CreatedOrder(order, draft.token)

    async def _validate(
        self, tx: Tx, actor: Actor, new_order: NewOrder, contents: CartContents, company: Company
    ) -> _CheckoutInput:
        """The validated input. Raises all errors at once, with ProductUnavailable for each such line."""
        expected, expected_due = new_order.expected_total, new_order.expected_amount_due
        with collect_errors() as each:
            for line in contents.lines:
                with each:
                    if not line.is_sold:
                        raise ProductUnavailable(line.name)
            with each:
                email, is_confirmed = await self._buyers.email(tx, actor, new_order, contents.cart)
            with each:
                addresses = await self._buyers.addresses(tx, actor, new_order)
                vat_number = vat_number_of(new_order, contents.cart, addresses[0])
            with each:
                notes = optional_text(new_order.notes, field=("notes",), max_length=LINE_LENGTH)
            with each:
                if expected is not None:
                    expected = require_amount(expected, company.currency, field=("expected_total",))
            with each:
                if expected_due is not None:
                    expected_due = require_amount(expected_due, company.currency, field=("expected_amount_due",))
        return _CheckoutInput(company, addresses, email, is_confirmed, notes, vat_number, expected, expected_due)

    async def _draft(
        self,
        tx: Tx,
        actor: Actor,
        new_order: NewOrder,
        ticket: OrderTicket,
        contents: CartContents,
        validated: _CheckoutInput,
        settings: OrderSettings,
    ) -> tuple[_OrderDraft, UnpaidOrders]:
        """The order to be, and the unpaid orders of its buyer so far."""
        buyer = self._buyers.identity(
            actor, validated.email, validated.addresses[0], is_confirmed=validated.is_confirmed
        )
        unpaid = sql.unpaid(tx, ticket.network, actor.user_id)
        quote, rows = await self._quotes.of(tx, contents, buyer, validated.destination, unpaid)
        for amount in (quote.totals.subtotal, quote.totals.total):
            require_amount(amount, validated.company.currency)
        token = None
        if actor.user_id is None and new_order.cart_token:
            token = guest_token(new_order.cart_token, ticket.order_id)
        draft = _OrderDraft(ticket, validated.company, settings, contents, quote, buyer, token)
        return draft, sql.unpaid_orders(rows)

    async def _write(
        self,
        tx: Tx,
        actor: Actor,
        draft: _OrderDraft,
        validated: _CheckoutInput,
        spends: Sequence[TenderSpend],
    ) -> Order:
        """The order with its rows and its reserved stock, in one statement, then its uses of promotions and coupons.

        What tenders pay is captured with the last of them. Raises and emits as `OrderReservation.finish` and
        `CheckoutTenders.capture`, after OrderCreated. Raises NumberTaken.
        """
        row, lines = _row(draft, validated), draft.contents.lines
        used = snapshots.redemptions(draft.totals, draft.contents)
        stock = self._reservation.stock(tx, actor, draft.id, row.get("expires_at"), lines)
        items = _items(draft)
        placing = sql.placing(tx, row, _rows_of_order(tx, actor, draft, validated, row, items))
        try:
            placed, *reserved = await fetch_parts(tx, [placing, stock.part] if stock else [placing])
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == KEY:
                raise NumberTaken from error
            raise
        reach("checkout.order_written")
        order = sql.placed_order(placed)
        _publish(tx, order)
        sold = SoldOrder.of_items(items, draft.totals.shipping.parts, validated.addresses[0]["country"])
        order = await self._reservation.tenders.capture(tx, actor, order, spends, sold)
        reserved_stock = (stock, reserved[0]) if stock else None
        await self._reservation.finish(tx, reserved_stock, used, draft.id, draft.buyer)
        return order


async def _require_few_unpaid(tx: Tx, actor: Actor, draft: _OrderDraft, unpaid: UnpaidOrders) -> None:
    """Raise TooManyUnpaidOrders. Near the limit, orders of a buyer are created one at a time and counted again."""
    settings, network = draft.settings, draft.ticket.network
    units = sum(line.quantity for line in draft.contents.lines)
    limits.require_few_unpaid(settings, unpaid, units)
    if limits.is_near_limit(settings, unpaid, units):
        await sql.lock_buyer(tx, network, actor.user_id)
        (rows,) = await fetch_parts(tx, [sql.unpaid(tx, network, actor.user_id)])
        limits.require_few_unpaid(settings, sql.unpaid_orders(rows), units)


def _require_expected(draft: _OrderDraft, validated: _CheckoutInput) -> None:
    """Raise PriceChanged or PromoCodeRefused when the order differs from what the buyer was shown.

    The total is compared with `expected_total`, or without it with the total that the cart last showed. If neither
    exists, no price may have changed since the products were added, and every code must still apply.
    """
    totals, currency = draft.totals, draft.totals.currency
    expected = draft.contents.cart.shown_total
    if validated.expected_total is not None:
        expected = Money(validated.expected_total, currency)
    if expected is not None:
        if expected != Money(totals.total, currency):
            # A guessed total must not reveal the promotion uses of other buyers at an address.
            is_guess = expected != Money(draft.quote.shown.total, currency)
            raise PriceChanged(expected.amount, (draft.quote.shown if is_guess else totals).total, currency)
        return
    if draft.quote.seen is not None:
        raise PriceChanged(draft.quote.seen.total, totals.total, currency)
    for refusal in totals.refused:
        if refusal.code is not None:
            raise PromoCodeRefused(refusal.code, refusal.reason)


def _items(draft: _OrderDraft) -> list[data.OrderItemCreate]:
    """The rows of the lines of an order."""
    currency = draft.totals.currency
    totals = {total.key: total for total in draft.totals.lines}
    return [snapshots.item(draft.id, line, totals[line.id], currency) for line in draft.contents.lines]


def _quotes_of(draft: _OrderDraft, items: Sequence[data.OrderItemCreate]) -> list[tuple[UUID, LineQuote]]:
    """The ids of the order's lines, each with its quote."""
    totals = {total.key: total for total in draft.totals.lines}
    return [(item["id"], totals[line.id]) for item, line in zip(items, draft.contents.lines, strict=True)]


def _rows_of_order(
    tx: Tx,
    actor: Actor,
    draft: _OrderDraft,
    validated: _CheckoutInput,
    row: data.OrderCreate,
    items: Sequence[data.OrderItemCreate],
) -> list[Statement]:
    """The addresses, lines, taxes, promotions, adjustments, history and search terms of an order."""
    quotes = _quotes_of(draft, items)
    return [
        data.order_address.insertion(tx, validated.addresses),
        data.order_item.insertion(tx, items),
        data.order_tax.insertion(tx, snapshots.taxes(draft.id, quotes, draft.totals)),
        data.order_promotion.insertion(tx, snapshots.promotions(draft.id, draft.totals)),
        data.order_adjustment.insertion(tx, snapshots.adjustments(draft.id, quotes, draft.totals)),
        data.order_status_history.insertion(tx, _initial_history(actor, draft)),
        data.order_search.insertion(tx, [index.entry(draft.company.id, row, validated.addresses, items)]),
    ]


def _initial_history(actor: Actor, draft: _OrderDraft) -> list[data.OrderStatusHistoryCreate]:
    first = transitions.entry(actor, draft.id, None, OrderStatus.PENDING, None)
    if not draft.is_free:
        return [first]
    accepted = transitions.entry(actor, draft.id, OrderStatus.PENDING, OrderStatus.CONFIRMED, "Nothing to pay")
    return [first, accepted]


def _row(draft: _OrderDraft, validated: _CheckoutInput) -> data.OrderCreate:
    totals, facts = draft.totals, _facts(draft)
    settings, at = draft.settings, draft.quote.at
    day = local_day(at, draft.company.time_zone)
    return {
        "id": draft.id,
        "order_number": format_number(settings.order_number_pattern, draft.ticket.number, day),
        "user_id": draft.user_id,
        "email": draft.email,
        "email_confirmed": draft.buyer.email_confirmed,
        "card_limited": any(each.source_id in draft.quote.first_orders for each in totals.adjustments),
        "guest_token_hash": digest(draft.token) if draft.token else None,
        "status": summary.status(facts),
        "payment_status": summary.payment_status(facts),
        "fulfilment_status": summary.fulfilment_status(facts),
        "units_ordered": facts.ordered,
        "units_digital": facts.digital,
        "accepted_at": facts.accepted_at,
        "currency": totals.currency,
        "subtotal": totals.subtotal,
        "tax_amount": totals.tax,
        "shipping_cost": totals.shipping.total,
        "discount_amount": totals.discount,
        "total": totals.total,
        "tax_rate": rate_of(draft.quote.terms.taxes.standard),
        "prices_include_tax": totals.prices_include_tax,
        "vat_number": validated.vat_number,
        "tax_exemption": totals.exemption,
        "shipping_address_id": validated.addresses[0]["id"],
        "billing_address_id": validated.addresses[-1]["id"],
        "notes": validated.notes,
        "created_at": at,
        "expires_at": None if draft.is_free else limits.pay_until(settings, at),
        "placed_from": draft.ticket.network,
    }


def _facts(draft: _OrderDraft) -> OrderFacts:
    """The facts of a new order; a free one is accepted at once."""
    lines, totals = draft.contents.lines, {total.key: total for total in draft.totals.lines}
    gift_cards = [line for line in lines if snapshots.is_gift_card(line, totals[line.id], draft.totals.currency)]
    return OrderFacts(
        total=draft.totals.total,
        ordered=sum(line.quantity for line in lines),
        digital=sum(line.quantity for line in gift_cards),
        accepted_at=draft.quote.at if draft.is_free else None,
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
