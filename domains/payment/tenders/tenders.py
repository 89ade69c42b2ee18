"""Tenders: gift cards and store credit pay an order in the transaction that creates it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.ledger import chart
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.audit import log
from domains.payment.events import PaymentCaptured
from domains.payment.models import (
    NOTHING,
    Payment,
    PaymentAuditEvent,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundDestination,
    TransactionStatus,
    TransactionType,
)
from domains.payment.postings import Postings
from domains.payment.providers.recorded_provider import transaction_id
from domains.payment.tenders.models import Tender, TenderSpend

ACCOUNTS: Final = {PaymentMethod.GIFT_CARD: chart.GIFT_CARDS, PaymentMethod.STORE_CREDIT: chart.STORE_CREDIT}
# Each card is locked before it is known whether it can be spent: a change that was waited for counts.
LOCK: Final = """
with cards as (
  select id, last_characters, currency, expires_at, disabled_at from gift_cards
  where company_id = $1 and id = any($2::uuid[]) order by id for no key update
)
select 'GIFT_CARD' as kind, id, currency, last_characters as label from cards
where disabled_at is null and (expires_at is null or expires_at > $4)
union all
select 'STORE_CREDIT', id, currency, '' from store_credits where company_id = $1 and user_id = $3
"""


class Tenders:
    """Spends gift cards and store credit under the locks of their balances: two spends never exceed one."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._postings = Postings(ledger, clock)

    async def lock(self, tx: Tx, gift_card_ids: Sequence[UUID], user_id: UUID | None = None) -> list[Tender]:
        """The tenders that can be spent, with their balances locked until `tx` ends.

        They are the cards in the given order of their ids, and then the store credit of the user.
        A card that is unknown, disabled, expired or empty is left out. The cards are locked by id, and then the
        balances, after the order and its payments and before stock. Two statements, none without cards and user.
        """
        if not gift_card_ids and user_id is None:
            return []
        rows = await tx.fetch(LOCK, tx.company_id, list(gift_card_ids), user_id, self._clock.now())
        if not rows:
            return []
        kinds = {row["id"]: PaymentMethod(row["kind"]) for row in rows}
        balances = await self._ledger.balances.lock_all(tx, {key: ACCOUNTS[kind] for key, kind in kinds.items()})
        places = {card_id: place for place, card_id in enumerate(gift_card_ids)}
        tenders = [
            Tender(kinds[row["id"]], row["id"], balances[row["id"]], row["currency"], row["label"]) for row in rows
        ]
        usable = [tender for tender in tenders if tender.balance > NOTHING]
        return sorted(usable, key=lambda tender: places.get(tender.id, len(places)))

    async def lock_refunded(self, tx: Tx, payment: Payment, refund: Refund) -> None:
        """Lock the balance that a refund will change, before its order releases stock.

        Orders lock a card before its balance, so the card is enough. One statement, none for a refund of money.
        """
        if refund.store_credit_id is not None:
            await self._ledger.balances.lock(tx, chart.STORE_CREDIT, [refund.store_credit_id])
        if payment.tender_id is None or refund.destination is not RefundDestination.ORIGINAL_PAYMENT:
            return
        if payment.method == PaymentMethod.GIFT_CARD.value:
            await data.gift_card.find_unique(tx, id=payment.tender_id, lock=True)
        else:
            await self._ledger.balances.lock(tx, chart.STORE_CREDIT, [payment.tender_id])

    @staticmethod
    def spends(due: Decimal, tenders: Sequence[Tender]) -> list[TenderSpend]:
        """What each tender pays of an amount in their currency, in their order, until nothing is due."""
        spends: list[TenderSpend] = []
        for tender in tenders:
            amount = min(due, tender.balance)
            if amount > NOTHING:
                spends.append(TenderSpend(tender, amount))
                due -= amount
        return spends

    async def capture(self, tx: Tx, order_id: UUID, spends: Sequence[TenderSpend]) -> list[Payment]:
        """Pay an order with tenders that `lock` has returned in this transaction: a SUCCEEDED payment for each.

        The payments, their transactions, the audit log and the ledger are written by the last statement of `tx`; no
        statement of its own. Emits PaymentCaptured.
        """
        if not spends:
            return []
        now = self._clock.now()
        rows = [_row(now, order_id, spend) for spend in spends]
        payments, charges = [_payment(tx, row) for row in rows], [_charge(now, row) for row in rows]
        tx.defer(data.payment.insertion(tx, rows))
        tx.defer(data.payment_transaction.insertion(tx, charges))
        for payment, charge in zip(payments, charges, strict=True):
            before = data.payment.from_record.changed(payment, {"amount_captured": NOTHING})
            await self._postings.captured(tx, payment, charge["id"], before)
            tx.emit(PaymentCaptured.of(payment))
        log.record_all(tx, PaymentAuditEvent.PAYMENT_SUCCEEDED, [log.Subject.payment(each) for each in payments])
        return payments


def _row(now: datetime, order_id: UUID, spend: TenderSpend) -> data.PaymentCreate:
    """The payment of an order by a tender, captured now."""
    payment_id, kind = new_id(), spend.tender.kind.value
    return {
        "id": payment_id,
        "order_id": order_id,
        "provider": kind,
        "method": kind,
        "status": PaymentStatus.SUCCEEDED,
        "amount": spend.amount,
        "amount_captured": spend.amount,
        "currency": spend.tender.currency,
        "provider_transaction_id": transaction_id(kind, payment_id),
        "tender_id": spend.tender.id,
        "settled_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _payment(tx: Tx, row: data.PaymentCreate) -> Payment:
    """The payment as the row stores it."""
    values: dict[str, Any] = {**data.payment.constants(), **row, "company_id": tx.company_id}
    return data.payment.row(**values)


def _charge(now: datetime, row: data.PaymentCreate) -> data.PaymentTransactionCreate:
    """The transaction of a payment that captured it."""
    return {
        "id": new_id(),
        "payment_id": row["id"],
        "provider": row["provider"],
        "type": TransactionType.CHARGE,
        "status": TransactionStatus.SUCCEEDED,
        "provider_transaction_id": transaction_id(row["provider"], row["id"]),
        "amount": row["amount"],
        "currency": row["currency"],
        "processed_at": now,
        "created_at": now,
    }
