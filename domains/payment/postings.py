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
from domains.payment.models import NOTHING, Payment, Refund, RefundDestination
from domains.payment.providers.recorded_provider import EXCHANGE, GIFT_CARD, MANUAL, STORE_CREDIT

PAYMENT: Final = "PAYMENT"
REFUND: Final = "REFUND"
CHARGEBACK: Final = "CHARGEBACK"
# Providers whose money is not held by an outside service.
ACCOUNTS: Final = {
    MANUAL: chart.UNDEPOSITED,
    GIFT_CARD: chart.GIFT_CARDS,
    STORE_CREDIT: chart.STORE_CREDIT,
    EXCHANGE: chart.EXCHANGES,
}


def account_of(provider: str) -> Account:
    """The account from which a provider's payments come: its clearing account, or that of a tender."""
    return ACCOUNTS.get(provider) or chart.clearing(provider)


def account_of_refunds(payment: Payment, refund: Refund | None) -> Account:
    """The account to which a refund goes. The value of an exchange is not paid twice: staff pay it by hand."""
    if refund is not None and refund.store_credit_id is not None:
        return chart.STORE_CREDIT
    if refund is not None and refund.exchange_payment_id is not None:
        return chart.EXCHANGES
    return account_of(MANUAL if payment.provider == EXCHANGE else payment.provider)


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
        self,
        tx: Tx,
        payment: Payment,
        refund_id: UUID | None,
        chargeback_id: UUID | None,
        before: Payment,
        refund: Refund | None = None,
    ) -> None:
        """Post the changes of the refunded and charged-back amounts; the ids are those of transactions.

        The amount of a `refund` of ours goes to its destination. A gift card that gets it can be spent for 90 days
        more at least.
        """
        account, tender_id = account_of_refunds(payment, refund), payment.tender_id
        if refund is not None and refund.destination is not RefundDestination.ORIGINAL_PAYMENT:
            tender_id = refund.store_credit_id
        refunded = payment.amount_refunded - before.amount_refunded
        taken = payment.amount_charged_back - before.amount_charged_back
        if refunded > NOTHING and account is chart.GIFT_CARDS and tender_id is not None:
            tx.defer(extension(tx, tender_id, self._clock.now()))
        await self._post(tx, REFUND, payment, refund_id, credit(account, refunded, subject_id=tender_id))
        lost = credit(account_of(payment.provider), taken, subject_id=payment.tender_id)
        await self._post(tx, CHARGEBACK, payment, chargeback_id, lost)

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
