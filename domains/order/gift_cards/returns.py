"""Returns of the gift cards that an order has sold, when their units are refunded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.events import Envelope
from domains.order import data, transitions
from domains.order.errors import GiftCardsSpent
from domains.order.gift_cards.issuance import issue_missing
from domains.order.models import Order
from domains.order.transitions import Step
from domains.payment.events import RefundFailed
from domains.payment.gift_cards.models import GiftCard
from domains.payment.models import NewRefundLine
from domains.payment.service import PaymentService

RESTORED = "The refund has failed. Its gift cards have their value again and stay disabled."
ISSUED = "The refund has failed. The gift cards of its units were sent by e-mail."


@dataclass(frozen=True, slots=True)
class UnspentCards:
    """The cards of an order that refunds can take back, by its lines; all of its cards are locked."""

    by_item: Mapping[UUID, list[GiftCard]] = field(default_factory=dict)

    @classmethod
    async def lock(cls, tx: Tx, payment: PaymentService, order: Order) -> Self:
        """Those of a locked order, which has cards once it was paid. No statement without, otherwise three.

        Cards are locked before stock: a cancellation does it first.
        """
        if not order.units_digital or order.paid_at is None:
            return cls()
        items = await data.order_item.find_many(tx, where={"order_id": order.id, "is_gift_card": True})
        unspent = await payment.gift_card_returns.lock_unspent(tx, [item.id for item in items])
        return cls({item.id: unspent.get(item.id, []) for item in items})

    def require(self, lines: Sequence[NewRefundLine]) -> None:
        """Raise GiftCardsSpent unless there is an unspent card for each unit of a gift card."""
        for line in lines:
            unspent, units = self._of(line), line.quantity or 0
            if unspent is not None and units > len(unspent):
                raise GiftCardsSpent(units, len(unspent))

    async def take_back(
        self, tx: Tx, payment: PaymentService, refund_id: UUID, lines: Sequence[NewRefundLine]
    ) -> None:
        """Take back a card for each unit of a refund that is recorded; see `GiftCardReturns.take_back`."""
        taken: list[GiftCard] = []
        for line in lines:
            unspent, units = self._of(line), line.quantity or 0
            if unspent is not None:
                taken += unspent[:units]
                del unspent[:units]
        await payment.gift_card_returns.take_back(tx, refund_id, taken)

    def _of(self, line: NewRefundLine) -> list[GiftCard] | None:
        """The unspent cards of a line; None for a line of goods."""
        return None if line.order_item_id is None else self.by_item.get(line.order_item_id)


class FailedReturns:
    """Gives gift cards their value back when the refund that took it has failed, or issues those it kept from it."""

    topics = (RefundFailed.topic,)

    def __init__(self, payment: PaymentService) -> None:
        self._payment = payment

    async def restore(self, tx: Tx, envelope: Envelope) -> None:
        """Restore the cards of one refund, and note it in the history of its order. Idempotent.

        Units that were being refunded when their order was paid have no cards: they are issued now. Emits
        GiftCardIssued.
        """
        payload = envelope.payload
        order = await transitions.lock_known(tx, UUID(payload["order_id"]))
        if await self._payment.gift_card_returns.restore(tx, UUID(payload["refund_id"])):
            comment = RESTORED
        elif await issue_missing(tx, self._payment, order):
            comment = ISSUED
        else:
            return
        await transitions.record(tx, Actor.system(order.company_id), order, Step({}, comment, is_noted=True))
