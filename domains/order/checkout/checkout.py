"""The checkout: one transaction checks and prices a cart, creates an order from it and reserves its units.

Locks are taken in this order: the cart, the balances of gift cards and store credit, the stock by SKU, then the
promotions, the coupons and their unique codes, each by id.
"""

from collections.abc import Sequence

import asyncpg

from domains.cart.models import CartContents, CartRef
from domains.cart.service import CartService
from domains.cart.shipping.cart_shipping import delivery_dates
from domains.cart.shipping.problems import ShippingProblemCode, problem_of
from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.fail_points import reach
from domains.kernel.ids import new_id
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.settings import SettingsTable
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import Money, require_amount
from domains.kernel.values.networks import network_of
from domains.order import sql
from domains.order.checkout import limits, numbers, order_rows, snapshots
from domains.order.checkout.buyers import Buyers, shipping_address_required, vat_number_of
from domains.order.checkout.drafts import CheckoutInput, OrderDraft
from domains.order.checkout.numbers import KEY, NumberTaken
from domains.order.checkout.quotes import Quotes
from domains.order.checkout.reservation import OrderReservation
from domains.order.errors import PriceChanged, ProductUnavailable, PromoCodeRefused
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.invoices.languages import require_language
from domains.order.models import CreatedOrder, NewOrder, Order, OrderSettings, OrderStatus, OrderTicket, UnpaidOrders
from domains.order.policy import guest_token
from domains.order.sales.sold_order import SoldOrder
from domains.payment.tenders.models import TenderSpend
from domains.shipping.models import ShippingMethodType


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
        _require_shipping(draft)
        _require_expected(draft, validated)
        spends = await self._reservation.tenders.spends(tx, contents, draft.totals, validated.expected_amount_due)
        order = await self._write(tx, actor, draft, validated, spends)
        reach("checkout.stock_reserved")
        return CreatedOrder(order, draft.token)

    async def _validate(
        self, tx: Tx, actor: Actor, new_order: NewOrder, contents: CartContents, company: Company
    ) -> CheckoutInput:
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
                is_required = await self._quotes.is_address_required(tx, new_order, contents)
                addresses = await self._buyers.addresses(tx, actor, new_order, is_shipping_required=is_required)
                vat_number = vat_number_of(new_order, contents.cart, addresses.first)
            with each:
                notes = optional_text(new_order.notes, field=("notes",), max_length=LINE_LENGTH)
            with each:
                language = None if new_order.language is None else require_language(new_order.language)
            with each:
                if expected is not None:
                    expected = require_amount(expected, company.currency, field=("expected_total",))
            with each:
                if expected_due is not None:
                    expected_due = require_amount(expected_due, company.currency, field=("expected_amount_due",))
        choice = self._quotes.choice(new_order, contents, addresses, vat_number)
        return CheckoutInput(
            company, addresses, choice, email, is_confirmed, notes, vat_number, language, expected, expected_due
        )

    async def _draft(
        self,
        tx: Tx,
        actor: Actor,
        new_order: NewOrder,
        ticket: OrderTicket,
        contents: CartContents,
        validated: CheckoutInput,
        settings: OrderSettings,
    ) -> tuple[OrderDraft, UnpaidOrders]:
        """The order to be, and the unpaid orders of its buyer so far."""
        addresses = validated.addresses
        buyer = self._buyers.identity(actor, validated.email, addresses.first, is_confirmed=validated.is_confirmed)
        unpaid = sql.unpaid(tx, ticket.network, actor.user_id)
        stock = self._reservation.stock_read(tx, contents.lines)
        quote, (unpaid_rows, stock_rows) = await self._quotes.of(tx, contents, buyer, validated.choice, unpaid, stock)
        for amount in (quote.totals.subtotal, quote.totals.total):
            require_amount(amount, validated.company.currency)
        token = None
        if actor.user_id is None and new_order.cart_token:
            token = guest_token(new_order.cart_token, ticket.order_id)
        option = quote.totals.shipping.option
        calendar = await self._cart.shipping.methods.calendar(tx)
        dates = None if option is None else delivery_dates(option, calendar, quote.at)
        if option is not None and option.type is ShippingMethodType.PICKUP:
            addresses = addresses.without_shipping()
        draft = OrderDraft(
            ticket, validated.company, settings, contents, addresses, quote, dates, buyer, token, stock_rows
        )
        return draft, sql.unpaid_orders(unpaid_rows)

    async def _write(
        self,
        tx: Tx,
        actor: Actor,
        draft: OrderDraft,
        validated: CheckoutInput,
        spends: Sequence[TenderSpend],
    ) -> Order:
        """The order with its rows and its reserved stock, in one statement, then its uses of promotions and coupons.

        What tenders pay is captured before the last of them, and free digital goods are delivered. Raises and emits
        as the parts of `OrderReservation`, after OrderCreated. Raises NumberTaken.
        """
        row, lines = order_rows.order(draft, validated), draft.contents.lines
        used = snapshots.redemptions(draft.totals, draft.contents)
        until, to, collected = row.get("expires_at"), validated.choice.destination, row.get("pickup_warehouse_id")
        items = order_rows.items(draft)
        digital = {item["sku"] for item in items if item["sku"] and not item["requires_shipping"]}
        stock = await self._reservation.stock(
            tx, actor, draft.id, until, lines, draft.stock, to, pickup_warehouse_id=collected, digital=digital
        )
        placing = sql.placing(tx, row, order_rows.rows_of_order(tx, actor, draft, row, items))
        try:
            placed, *reserved = await fetch_parts(tx, [placing, stock.part] if stock else [placing])
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == KEY:
                raise NumberTaken from error
            raise
        reach("checkout.order_written")
        order = sql.placed_order(placed)
        _publish(tx, order)
        sold = SoldOrder.of_items(items, draft.totals.shipping.parts, draft.country)
        if stock:
            await self._reservation.finish_stock(tx, actor, stock, reserved[0])
        order = await self._reservation.tenders.settle(tx, actor, order, spends, sold)
        await self._reservation.redemptions.redeem(tx, used, order_id=draft.id, buyer=draft.buyer)
        return order


async def _require_few_unpaid(tx: Tx, actor: Actor, draft: OrderDraft, unpaid: UnpaidOrders) -> None:
    """Raise TooManyUnpaidOrders. Near the limit, orders of a buyer are created one at a time and counted again."""
    settings, network = draft.settings, draft.ticket.network
    units = sum(line.quantity for line in draft.contents.lines)
    limits.require_few_unpaid(settings, unpaid, units)
    if limits.is_near_limit(settings, unpaid, units):
        await sql.lock_buyer(tx, network, actor.user_id)
        (rows,) = await fetch_parts(tx, [sql.unpaid(tx, network, actor.user_id)])
        limits.require_few_unpaid(settings, sql.unpaid_orders(rows), units)


def _require_shipping(draft: OrderDraft) -> None:
    """Raise why no method ships the goods, or not the chosen one; see `problem_of`.

    Raises Required when the method, which may have changed since the addresses were checked, needs an address.
    """
    problem = problem_of(draft.quote.terms.shipping, draft.totals.shipping.consignment)
    if problem is not None:
        is_place = problem.code is ShippingProblemCode.SHIPPING_UNAVAILABLE
        raise problem.error(("shipping_address",) if is_place else ("shipping_method_id",))
    option = draft.shipping_option
    if draft.addresses.shipping is None and option is not None and option.type is not ShippingMethodType.PICKUP:
        raise shipping_address_required()


def _require_expected(draft: OrderDraft, validated: CheckoutInput) -> None:
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
