"""Returns of gift cards: a refund takes back cards that were sold and not spent; others are disabled."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.ledger import chart
from domains.ledger.models import NewEntry, Source, credit, debit
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.audit import log
from domains.payment.gift_cards import validity
from domains.payment.gift_cards.events import GiftCardWasDisabled
from domains.payment.gift_cards.models import GiftCard, subject_of
from domains.payment.models import NOTHING, PaymentAuditEvent

RETURN: Final = "GIFT_CARD_RETURN"
RESTORATION: Final = "GIFT_CARD_RESTORATION"
REFUNDED: Final = "Refunded"
NOT_PAID: Final = "The payment was taken back"


class GiftCardReturns:
    """Takes the value of sold cards back for a refund, and gives it back when the refund fails."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def lock_unspent(self, tx: Tx, order_item_ids: Collection[UUID]) -> dict[UUID, list[GiftCard]]:
        """The cards sold with lines of orders of which nothing was spent, by line, the disabled ones first.

        All cards of the lines are locked by id, and then their balances, until `tx` ends. Two statements.
        """
        where: data.GiftCardWhere = {"order_item_id": {"in": list(order_item_ids)}}
        cards = await data.gift_card.find_many(tx, where=where, order_by=[{"id": "asc"}], lock=True)
        balances = await self._ledger.balances.lock(tx, chart.GIFT_CARDS, [card.id for card in cards])
        unspent: defaultdict[UUID, list[GiftCard]] = defaultdict(list)
        for card in sorted(cards, key=lambda card: (card.disabled_at is None, card.id)):
            if card.order_item_id is not None and balances[card.id] >= card.initial_amount:
                unspent[card.order_item_id].append(card)
        return dict(unspent)

    async def take_back(self, tx: Tx, refund_id: UUID, cards: Sequence[GiftCard]) -> None:
        """Take back cards that `lock_unspent` has returned, for a refund that is recorded, and disable them.

        One statement at most. Emits GiftCardWasDisabled.
        """
        if not cards:
            return
        await self._ledger.post(tx, _return_of(refund_id, cards))
        self._disable(tx, [card for card in cards if card.disabled_at is None], REFUNDED)

    async def hold(self, tx: Tx, order_item_ids: Collection[UUID], paid: Decimal) -> bool:
        """Disable the cards sold with lines of an order when they are worth more than what is paid; whether it did.

        Their value is the one with which they were sold: what is spent by now was not paid either. They are locked
        by id. One statement. Emits GiftCardWasDisabled.
        """
        where: data.GiftCardWhere = {"order_item_id": {"in": list(order_item_ids)}, "disabled_at": None}
        enabled = await data.gift_card.find_many(tx, where=where, order_by=[{"id": "asc"}], lock=True)
        if sum((card.initial_amount for card in enabled), NOTHING) <= paid:
            return False
        self._disable(tx, enabled, NOT_PAID)
        return True

    def _disable(self, tx: Tx, cards: Sequence[GiftCard], reason: str) -> None:
        log.record_all(tx, PaymentAuditEvent.GIFT_CARD_DISABLED, [subject_of(card) for card in cards])
        for card in cards:
            tx.emit(GiftCardWasDisabled(gift_card_id=card.id))
        where: data.GiftCardWhere = {"id": {"in": [card.id for card in cards]}}
        changes: data.GiftCardUpdate = {"disabled_at": self._clock.now(), "disabled_reason": reason}
        tx.defer(data.gift_card.alteration(tx, where=where, data=changes))

    async def restore(self, tx: Tx, refund_id: UUID) -> list[UUID]:
        """Give the cards of a refund that has failed their balance back; the ids of the cards. Idempotent.

        They stay disabled, and can be spent for 90 days at least once they are enabled. Two statements.
        """
        source = Source("refund", refund_id)
        lines = await self._ledger.entries.lines_of(tx, source, RETURN)
        if not lines or await self._ledger.entries.lines_of(tx, source, RESTORATION):
            return []
        taken = {line.subject_id: line.amount for line in lines if line.subject_id is not None}
        total = sum(taken.values(), NOTHING)
        given_back = [credit(chart.GIFT_CARDS, amount, subject_id=card_id) for card_id, amount in taken.items()]
        entry = NewEntry(
            kind=RESTORATION,
            source=source,
            currency=lines[0].currency,
            lines=[debit(chart.GIFT_CARDS_SOLD, total), *given_back],
        )
        await self._ledger.post(tx, entry)
        for card_id in taken:
            tx.defer(validity.extension(tx, card_id, self._clock.now()))
        return list(taken)


def _return_of(refund_id: UUID, cards: Sequence[GiftCard]) -> NewEntry:
    """The entry that makes the value of cards what was sold and not issued."""
    lines = [debit(chart.GIFT_CARDS, card.initial_amount, subject_id=card.id) for card in cards]
    total = sum((card.initial_amount for card in cards), NOTHING)
    return NewEntry(
        kind=RETURN,
        source=Source("refund", refund_id),
        currency=cards[0].currency,
        lines=[*lines, credit(chart.GIFT_CARDS_SOLD, total)],
    )
