"""Placing an order: the cart, checked and priced anew, becomes an order that holds its goods; in one transaction.

Locks in their order: the cart, the stock by SKU, the promotions by id. Whoever waits for one holds none that another
wants.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from domains.auth.emails import normalised
from domains.auth.tokens import digest
from domains.cart.models import CartContents, CartRef
from domains.company.models import Company
from domains.company.order_numbers import written
from domains.inventory.errors import InsufficientStock
from domains.inventory.models import StockLine
from domains.kernel.actor import Actor
from domains.kernel.calendar import day_of
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.money import require_amount
from domains.kernel.text import LINE_LENGTH, Required, optional_text
from domains.order import changing, checkout_policy, data, freezing, queries
from domains.order.below import Below
from domains.order.data import OrderAddressCreate
from domains.order.errors import CodeRefused, PriceChanged, ProductUnavailable
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.models import NewOrder, Order, OrderStatus, OrderTicket, PlacedOrder
from domains.order.numbering import KEY, NumberTaken
from domains.order.permissions import guest_token
from domains.promotion.totals import PricedLine, Terms, Totals, calculate


@dataclass(frozen=True, slots=True)
class _Purchase:
    """What is being ordered, by whom, and what it comes to; `seen` at the prices last seen, where one has moved."""

    id: UUID
    ticket: OrderTicket
    company: Company
    checkout: CartContents
    totals: Totals
    seen: Totals | None
    user_id: UUID | None
    email: str
    token: str | None
    at: datetime

    @property
    def is_free(self) -> bool:
        """Whether there is nothing to pay."""
        return not self.totals.total


async def place(below: Below, tx: Tx, actor: Actor, given: NewOrder, ticket: OrderTicket) -> PlacedOrder:
    """Order a cart; see OrderService.create_order."""
    purchase = await _purchase(below, tx, actor, given, ticket)
    _require_expected(purchase, given)
    addresses = await freezing.addresses(below, tx, actor, given)
    order = await _write(tx, actor, purchase, addresses, given)
    wanted = [
        StockLine(line.sku, line.quantity) for line in purchase.checkout.lines if line.sku and line.offer.is_tracked
    ]
    try:
        await below.inventory.reserve(tx, actor, wanted, order_id=order.id, expires_at=order.expires_at)
    except InsufficientStock as error:
        error.path = ("input", "cartToken")
        raise
    used = [discount.promotion_id for discount in purchase.totals.applied]
    await below.promotion.claim(tx, used, order_id=order.id, user_id=order.user_id, email=order.email)
    _tell(tx, order)
    return PlacedOrder(order, purchase.token)


async def _purchase(below: Below, tx: Tx, actor: Actor, given: NewOrder, ticket: OrderTicket) -> _Purchase:
    company = await below.company.current(tx)
    checkout_policy.require_checkout(company, actor)
    unpaid = await queries.unpaid(tx, ticket.network, actor.user_id)
    checkout = await below.cart.take_out(tx, CartRef.of(actor, given.cart_token))
    for line in checkout.lines:
        if not line.is_sold:
            raise ProductUnavailable(line.name)
    now = below.clock.now()
    email = await _email(below, tx, actor, given)
    promotions, buyer = await below.promotion.candidates_for(
        tx, checkout.promotion_ids, now, user_id=actor.user_id, email=email
    )
    terms = Terms.of(company)
    totals = calculate(checkout.priced, promotions, terms, buyer, now)
    is_changed = any(line.is_price_changed for line in checkout.lines)
    seen = calculate(_as_seen(checkout), promotions, terms, buyer, now) if is_changed else None
    for amount in (totals.subtotal, totals.total):
        require_amount(amount, company.currency)
    checkout_policy.require_size(company, checkout, totals.total)
    checkout_policy.require_few_unpaid(company, unpaid, sum(line.quantity for line in checkout.lines))
    order_id = new_id()
    token = None
    if actor.user_id is None and given.cart_token:
        token = guest_token(given.cart_token, order_id)
    return _Purchase(order_id, ticket, company, checkout, totals, seen, actor.user_id, email, token, now)


def _as_seen(checkout: CartContents) -> list[PricedLine]:
    """The lines at the prices that the buyer last saw."""
    lines = zip(checkout.priced, checkout.lines, strict=True)
    return [replace(priced, unit_price=line.price_snapshot.amount) for priced, line in lines]


async def _email(below: Below, tx: Tx, actor: Actor, given: NewOrder) -> str:
    """Whom the shop writes to: a customer at the account's address, a guest where they say."""
    if actor.user_id is not None:
        return (await below.auth.me(tx, actor)).email
    if not given.email:
        raise Required("A guest's order needs an `email`.", path=("input", "email"))
    return normalised(given.email)


def _require_expected(purchase: _Purchase, given: NewOrder) -> None:
    """Raise PriceChanged or CodeRefused when the order is not what the buyer was shown.

    With `expected_total` that alone decides. Without it no price may have moved since the buyer last saw the cart,
    and every code in it must still apply.
    """
    totals, currency = purchase.totals, purchase.totals.currency
    if given.expected_total is not None:
        expected = require_amount(given.expected_total, currency, path=("input", "expectedTotal"))
        if expected != totals.total:
            raise PriceChanged(expected, totals.total, currency)
        return
    if purchase.seen is not None:
        raise PriceChanged(purchase.seen.total, totals.total, currency)
    for refusal in totals.refused:
        if refusal.code is not None:
            raise CodeRefused(refusal.code, refusal.reason)


async def _write(
    tx: Tx, actor: Actor, purchase: _Purchase, addresses: list[OrderAddressCreate], given: NewOrder
) -> Order:
    """The order with its addresses, lines, promotions and history, all by one statement."""
    currency = purchase.totals.currency
    totals = {total.key: total for total in purchase.totals.lines}
    items = [freezing.item(purchase.id, line, totals[line.id], currency) for line in purchase.checkout.lines]
    try:
        return await data.order.create(
            tx,
            _row(purchase, addresses, given),
            alongside=[
                data.order_address.insertion(tx, addresses),
                data.order_item.insertion(tx, items),
                data.order_promotion.insertion(tx, freezing.promotions(purchase.id, purchase.totals)),
                data.order_status_history.insertion(tx, _beginning(actor, purchase)),
            ],
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == KEY:
            raise NumberTaken from error
        raise


def _beginning(actor: Actor, purchase: _Purchase) -> list[data.OrderStatusHistoryCreate]:
    first = changing.entry(actor, purchase.id, None, OrderStatus.PENDING, None)
    if not purchase.is_free:
        return [first]
    accepted = changing.entry(actor, purchase.id, OrderStatus.PENDING, OrderStatus.CONFIRMED, "Nothing to pay")
    return [first, accepted]


def _row(purchase: _Purchase, addresses: list[OrderAddressCreate], given: NewOrder) -> data.OrderCreate:
    totals, company = purchase.totals, purchase.company
    day = day_of(purchase.at, company.time_zone)
    return {
        "id": purchase.id,
        "order_number": written(company.order_number_pattern, purchase.ticket.number, day),
        "user_id": purchase.user_id,
        "email": purchase.email,
        "guest_token_hash": digest(purchase.token) if purchase.token else None,
        "status": OrderStatus.CONFIRMED if purchase.is_free else OrderStatus.PENDING,
        "currency": totals.currency,
        "subtotal": totals.subtotal,
        "tax_amount": totals.tax,
        "shipping_cost": totals.shipping,
        "discount_amount": totals.discount,
        "total": totals.total,
        "tax_rate": company.tax_rate,
        "prices_include_tax": company.prices_include_tax,
        "shipping_address_id": addresses[0]["id"],
        "billing_address_id": addresses[-1]["id"],
        "notes": optional_text(given.notes, path=("input", "notes"), most=LINE_LENGTH),
        "created_at": purchase.at,
        "expires_at": None if purchase.is_free else checkout_policy.pay_until(company, purchase.at),
        "placed_from": None if purchase.is_free else purchase.ticket.network,
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
