"""Exchange orders: created for the buyer of another order, with its addresses, currency and taxes."""

from collections.abc import Sequence

import asyncpg

from domains.company.service import CompanyService
from domains.inventory.allocation.allocations import OrderUnits
from domains.inventory.allocation.places import Place
from domains.inventory.allocation.stock import sources_part, stock_of
from domains.inventory.errors import InsufficientStock, SkuNotFound
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.prisma.runtime import fetch_parts
from domains.kernel.settings import SettingsTable
from domains.kernel.validation import prefix_errors
from domains.kernel.values.calendar import local_day
from domains.order import data, sql
from domains.order.checkout.buyers import address_copy
from domains.order.checkout.limits import pay_until
from domains.order.checkout.numbers import KEY, NumberTaken
from domains.order.editing.line_terms import LineTerms, destination_of
from domains.order.editing.new_lines import NewLines, NewOrderLine
from domains.order.events import OrderConfirmed, OrderCreated
from domains.order.exchanges import rows
from domains.order.exchanges.errors import ExchangeNotDeliverable, GiftCardNotExchanged
from domains.order.exchanges.models import ExchangeDraft
from domains.order.models import Order, OrderSettings, OrderStatus, OrderTicket


class ExchangeOrders:
    """Creates exchange orders, and reserves their units."""

    def __init__(
        self,
        new_lines: NewLines,
        inventory: InventoryService,
        company: CompanyService,
        settings: SettingsTable[OrderSettings],
        clock: Clock,
    ) -> None:
        self._new_lines = new_lines
        self._inventory = inventory
        self._company = company
        self._settings = settings
        self._clock = clock

    async def place(
        self, tx: Tx, actor: Actor, replaced: Order, ticket: OrderTicket, lines: Sequence[NewOrderLine]
    ) -> tuple[Order, ExchangeDraft]:
        """Create the order for the buyer of a locked order; `reserve` then reserves its units.

        It can be paid until the company's time limit. Raises those of `NewLines.build` at `lines`,
        ExchangeNotDeliverable, GiftCardNotExchanged, TaxPlaceUnknown, NumberTaken. Emits OrderCreated, and
        OrderConfirmed for a free one.
        """
        draft, terms = await self._draft(tx, replaced, ticket, lines)
        company, settings, at = await self._company.current(tx), await self._settings.current(tx), self._clock.now()
        row = rows.order(
            draft, terms, settings.order_number_pattern, local_day(at, company.time_zone), at, pay_until(settings, at)
        )
        placing = sql.placing(tx, row, rows.rows_of_order(tx, actor, draft, row))
        try:
            (placed,) = await fetch_parts(tx, [placing])
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == KEY:
                raise NumberTaken from error
            raise
        order = sql.placed_order(placed)
        _publish(tx, order)
        return order, draft

    async def reserve(self, tx: Tx, actor: Actor, order: Order, draft: ExchangeDraft) -> None:
        """Reserve the tracked units of the order, or put them on backorder as a checkout does; after all balances.

        Two statements, none without such units, two more when the stock changes meanwhile. Raises InsufficientStock
        and SkuNotFound at `lines`. Emits StockReserved, BackorderCreated, StockChanged, StockRanLow, StockRanOut.
        """
        if not draft.lines.units:
            return
        at, pickup = draft.place, order.pickup_warehouse_id
        place = None if at is None else Place.of(at.country, at.province, at.postal_code)
        units = OrderUnits(order.id, draft.lines.units, order.expires_at, place, pickup, draft.lines.digital)
        (stock,) = await fetch_parts(tx, [sources_part(tx, draft.lines.units)])
        try:
            reserving = await self._inventory.allocations.reserving(tx, actor, units, stock_of(stock))
            if reserving is not None:
                (reserved,) = await fetch_parts(tx, [reserving.part])
                await self._inventory.allocations.finish(tx, actor, units, reserving, reserved)
        except (InsufficientStock, SkuNotFound) as error:
            error.field = ("lines",)
            raise

    async def _draft(
        self, tx: Tx, replaced: Order, ticket: OrderTicket, lines: Sequence[NewOrderLine]
    ) -> tuple[ExchangeDraft, LineTerms]:
        shipping_id, billing_id = replaced.shipping_address_id, replaced.billing_address_id
        ids = [each for each in (shipping_id, billing_id) if each is not None]
        found = {each.id: each for each in await data.order_address.find_many(tx, where={"id": {"in": ids}})}
        copies = {each: address_copy(address) for each, address in found.items()}
        first = found[ids[0]]
        terms = await self._new_lines.terms(tx, replaced, first)
        with prefix_errors(("lines",)):
            built = await self._new_lines.build(tx, ticket.order_id, lines, terms)
        if any(item.get("is_gift_card") for item in built.items):
            raise GiftCardNotExchanged
        has_goods = built.ordered > built.digital_units
        if has_goods and replaced.shipping_address_id is None and replaced.pickup_warehouse_id is None:
            raise ExchangeNotDeliverable
        shipping = None if shipping_id is None else copies[shipping_id]
        billing = copies[ids[-1]]
        place = terms.place or destination_of(first, replaced.vat_number)
        return ExchangeDraft(ticket, replaced, built, shipping, billing, place), terms


def _publish(tx: Tx, order: Order) -> None:
    tx.emit(
        OrderCreated(
            order_id=order.id,
            order_number=order.order_number,
            user_id=order.user_id,
            email=order.email,
            total=order.total,
            currency=order.currency,
        )
    )
    if order.status is OrderStatus.CONFIRMED:
        tx.emit(OrderConfirmed(order_id=order.id, order_number=order.order_number, payment_method=None))
