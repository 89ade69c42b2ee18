"""Postings: what moves at the provider of a payment, or in the balance of a gift card, is an entry of the ledger.

A capture settles the receivable of its order; a refund and a chargeback open it again, until the order's own entries
reverse the sale.
"""

from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.ledger import chart
from domains.ledger.models import Account, NewEntry, NewLine, Source, credit, debit
from domains.ledger.service import LedgerService
from domains.payment.gift_cards.validity import extension
from domains.payment.models import NOTHING, Payment
from domains.payment.providers.recorded_provider import GIFT_CARD, MANUAL, STORE_CREDIT

PAYMENT: Final = "PAYMENT"
REFUND: Final = "REFUND"
CHARGEBACK: Final = "CHARGEBACK"
# Providers whose money is not held by an outside service.
ACCOUNTS: Final = {MANUAL: chart.UNDEPOSITED, GIFT_CARD: chart.GIFT_CARDS, STORE_CREDIT: chart.STORE_CREDIT}


def account_of(provider: str) -> Account:
    """The account from which a provider's payments come: its clearing account, or that of a tender."""
    return ACCOUNTS.get(provider) or chart.clearing(provider)


class Postings:
    """Posts the movements of payments; the source of an entry is the transaction at the provider."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def captured(self, tx: Tx, payment: Payment, transaction_id: UUID | None, before: Payment) -> None:
        """Post the change of the captured amount; no statement of its own."""
        amount = payment.amount_captured - before.amount_captured
        money = debit(account_of(payment.provider), amount, subject_id=payment.tender_id)
        await self._post(tx, PAYMENT, payment, transaction_id, money)

    async def reversed(
        self, tx: Tx, payment: Payment, refund_id: UUID | None, chargeback_id: UUID | None, before: Payment
    ) -> None:
        """Post the changes of the refunded and charged-back amounts; the ids are those of transactions.

        A gift card that gets a refund can be spent for 90 days more at least.
        """
        account, tender_id = account_of(payment.provider), payment.tender_id
        refunded = payment.amount_refunded - before.amount_refunded
        taken = payment.amount_charged_back - before.amount_charged_back
        if refunded > NOTHING and payment.provider == GIFT_CARD and tender_id is not None:
            tx.defer(extension(tx, tender_id, self._clock.now()))
        await self._post(tx, REFUND, payment, refund_id, credit(account, refunded, subject_id=tender_id))
        await self._post(tx, CHARGEBACK, payment, chargeback_id, credit(account, taken, subject_id=tender_id))

    async def _post(self, tx: Tx, kind: str, payment: Payment, source_id: UUID | None, money: NewLine) -> None:
        if not money.amount or source_id is None:
            return
        receivable = NewLine(chart.RECEIVABLE, money.side, money.amount).reversed()
        source = Source("payment_transaction", source_id)
        entry = NewEntry(
            kind=kind,
            source=source,
            currency=payment.currency,
            lines=[money, receivable],
            order_id=payment.order_id,
        )
        await self._ledger.post(tx, entry)
