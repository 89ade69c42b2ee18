"""Issuing of the gift cards that an order has sold, in the transaction that pays it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.personal_data import is_erased
from domains.kernel.values.money import allocate
from domains.order import data
from domains.order.models import Order, OrderItem
from domains.payment.gift_cards.models import GiftCardOrigin, NewGiftCard
from domains.payment.service import PaymentService

ONE: Final = Decimal(1)


async def issue(tx: Tx, payment: PaymentService, before: Order, order: Order) -> None:
    """Issue a card for each unit that a locked order has sold and that was not refunded, if it is paid now.

    The value of a card is what was paid for its unit; the buyer gets the codes by e-mail. No statement for an order
    without gift cards or one that was paid before, four otherwise. Emits GiftCardIssued.
    """
    if not order.units_digital or order.paid_at is None or before.paid_at is not None:
        return
    await _issue(tx, payment, order, await _items(tx, order), {})


async def issue_missing(tx: Tx, payment: PaymentService, order: Order) -> bool:
    """Issue the cards of a locked, paid order whose units were being refunded by what has failed; whether it did.

    No statement for an order without gift cards, three otherwise, and one when a card is missing. Idempotent. Emits
    GiftCardIssued.
    """
    if not order.units_digital or order.paid_at is None:
        return False
    items = await _items(tx, order)
    issued = Counter(
        card.order_item_id for card in await payment.gift_cards.of_order_items(tx, [i.id for i in items])
    )
    return await _issue(tx, payment, order, items, issued)


async def _items(tx: Tx, order: Order) -> list[OrderItem]:
    where: data.OrderItemWhere = {"order_id": order.id, "is_gift_card": True}
    return await data.order_item.find_many(tx, where=where, order_by=[{"id": "asc"}])


async def _issue(
    tx: Tx,
    payment: PaymentService,
    order: Order,
    items: Sequence[OrderItem],
    issued: Mapping[UUID | None, int],
) -> bool:
    """Issue the cards of lines beyond the units that were refunded and those with a card; whether there are any."""
    refunded: defaultdict[UUID | None, int] = defaultdict(int)
    for line in await payment.refunds.lines_of_orders(tx, [order.id]):
        refunded[line.order_item_id] += line.quantity or 0
    email = None if is_erased(order.email) else order.email
    new = [
        NewGiftCard(amount=value, origin=GiftCardOrigin.ORDER, recipient_email=email, order_item_id=item.id)
        for item in items
        for value in values(item)[refunded[item.id] + issued.get(item.id, 0) :]
    ]
    return bool(await payment.issuance.issue(tx, new))


def values(item: OrderItem) -> list[Decimal]:
    """The value of each unit of a line, which add up to what is paid for it."""
    return allocate(item.total_price, [ONE] * (item.quantity - item.dropped_quantity), item.currency)
