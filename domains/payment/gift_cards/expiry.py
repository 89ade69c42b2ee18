"""The expiry of gift cards: what is left on them is booked as breakage, by a job."""

from typing import Final

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.ledger import chart
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.audit import log
from domains.payment.gift_cards import postings
from domains.payment.gift_cards.events import GiftCardBalanceExpired
from domains.payment.gift_cards.models import subject_of
from domains.payment.models import NOTHING, PaymentAuditEvent

BATCH: Final = 200
# The condition is that of the index gift_cards_unswept. A card that is being spent is left to the next run.
DUE: Final = f"""
select {data.gift_card.columns()} from gift_cards
where company_id = $1 and swept_at is null and expires_at <= $2
order by id limit $3 for no key update skip locked
"""  # noqa: S608 - the names of columns


class Expiry:
    """Books the balances of cards that have expired, each once: a card that is swept has none."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self._clock = clock
        self._ledger = ledger

    async def sweep(self, tx: Tx) -> int:
        """Book what is left on expired cards of the company, at most 200; how many cards have expired.

        Three statements, one when there is none; the entries and the log are written by the last one of `tx`. Emits
        GiftCardBalanceExpired for each card with a balance.
        """
        now = self._clock.now()
        cards = [data.gift_card.from_record(row) for row in await tx.fetch(DUE, tx.company_id, now, BATCH)]
        if not cards:
            return 0
        balances = await self._ledger.balances.lock(tx, chart.GIFT_CARDS, [card.id for card in cards])
        left = [(card, balances[card.id]) for card in cards if balances[card.id] > NOTHING]
        if left:
            subjects = [subject_of(card, balance) for card, balance in left]
            entry_ids = log.record_all(tx, PaymentAuditEvent.GIFT_CARD_EXPIRED, subjects)
            posted = zip(left, entry_ids, strict=True)
            await self._ledger.post(tx, *[postings.expiry_of(card, rest, each) for (card, rest), each in posted])
        for card, balance in left:
            tx.emit(GiftCardBalanceExpired(gift_card_id=card.id, amount=balance, currency=card.currency))
        where: data.GiftCardWhere = {"id": {"in": [card.id for card in cards]}}
        return await data.gift_card.update_many(tx, where=where, data={"swept_at": now})
