"""Holds on the gift cards of orders whose money was taken back without their units."""

from typing import Final

from domains.kernel.database import Tx
from domains.order import data
from domains.order.models import Order
from domains.order.transitions import Step
from domains.payment.models import Amounts
from domains.payment.service import PaymentService

HELD: Final = "Less is paid than the gift cards are worth: they are disabled."


async def hold(tx: Tx, payment: PaymentService, order: Order, change: Amounts) -> list[Step]:
    """Disable the cards of a locked order that are worth more than a change leaves paid; the step that notes it.

    So a refund of an amount, one that is made at the provider, and a chargeback leave nobody with the money and the
    cards. They keep their balances, and staff can enable them. No statement for an order that is paid in full or has
    no cards, two otherwise. Cards are locked before stock. Emits GiftCardWasDisabled.
    """
    if not order.units_digital or order.paid_at is None or change.refunded + change.charged_back <= 0:
        return []
    left = order.amount_captured - order.amount_refunded - order.amount_charged_back
    left -= change.refunded + change.charged_back
    if left >= order.total:
        return []
    items = await data.order_item.find_many(tx, where={"order_id": order.id, "is_gift_card": True})
    held = await payment.gift_card_returns.hold(tx, [item.id for item in items], left)
    return [Step({}, HELD, is_noted=True)] if held else []
