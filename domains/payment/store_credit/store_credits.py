"""Store credit: issued to customers by staff, deducted, and found. The balances are kept by the ledger."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.company.service import CompanyService
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, require_text
from domains.kernel.validation import collect_errors
from domains.ledger import chart
from domains.ledger.models import Movement, NewEntry, Source, credit, debit
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.amounts import require_balance, require_positive
from domains.payment.audit import log
from domains.payment.models import NOTHING, PaymentAuditEvent
from domains.payment.providers.recorded_provider import STORE_CREDIT
from domains.payment.store_credit.events import StoreCreditAdjusted
from domains.payment.store_credit.models import StoreCredit

ADJUSTMENT: Final = "STORE_CREDIT_ADJUSTMENT"
MOST_MOVEMENTS: Final = 100


class StoreCredits:
    """The store credit of the customers of a company. A customer's row is locked before its balance."""

    def __init__(self, ledger: LedgerService, company: CompanyService) -> None:
        self._ledger = ledger
        self._company = company

    async def of_users(self, db: Reader, user_ids: Collection[UUID]) -> list[StoreCredit]:
        """The store credit of those customers who have ever had any. One statement."""
        return await data.store_credit.find_many(db, where={"user_id": {"in": list(user_ids)}})

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[StoreCredit]:
        """The store credit with these ids, in no order. One statement."""
        return await data.store_credit.find_many(db, where={"id": {"in": list(ids)}})

    async def balances(self, db: Reader, ids: Collection[UUID]) -> dict[UUID, Decimal]:
        """The balance of each, in its currency. One statement."""
        return await self._ledger.balances.of(db, chart.STORE_CREDIT, ids)

    async def movements(self, db: Reader, ids: Collection[UUID]) -> list[Movement]:
        """The last hundred changes of the balance of each, newest first. One statement."""
        return await self._ledger.movements.of(db, chart.STORE_CREDIT, ids, MOST_MOVEMENTS)

    async def issue(self, tx: Tx, user_id: UUID, amount: Decimal, reason: str) -> StoreCredit:
        """Give store credit to a customer; the caller has checked that there is such a customer.

        It is in the company's currency, and an expense of the company. Three statements. Raises OutOfRange,
        TooManyDecimals, Required and TooLong for the reason. Emits StoreCreditAdjusted.
        """
        return await self._adjust(tx, user_id, amount, reason)

    async def deduct(self, tx: Tx, user_id: UUID, amount: Decimal, reason: str) -> StoreCredit:
        """Take store credit from a customer, as `issue`. Raises BalanceTooLow too."""
        return await self._adjust(tx, user_id, amount, reason, is_deduction=True)

    async def opened(self, tx: Tx, user_id: UUID, currency: str) -> StoreCredit:
        """The store credit of a customer, which is empty when it is new; locked until `tx` ends. One statement."""
        changed_at: data.StoreCreditUpdate = {"updated_at": tx.clock.now()}
        return await data.store_credit.upsert(
            tx,
            where={"user_id": user_id, "currency": currency},
            create={"id": new_id(), "user_id": user_id, "currency": currency},
            update=changed_at,
        )

    async def _adjust(
        self, tx: Tx, user_id: UUID, amount: Decimal, reason: str, *, is_deduction: bool = False
    ) -> StoreCredit:
        currency = await self._company.currency(tx)
        with collect_errors() as each:
            with each:
                exact = require_positive(amount, currency)
            with each:
                why = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
        row = await self.opened(tx, user_id, currency)
        balance = (await self._ledger.balances.lock(tx, chart.STORE_CREDIT, [row.id]))[row.id]
        change = -exact if is_deduction else exact
        require_balance(balance + change)
        await self._post(tx, row, change, why)
        return row

    async def _post(self, tx: Tx, row: StoreCredit, change: Decimal, reason: str) -> None:
        (entry_id,) = log.record_all(tx, PaymentAuditEvent.STORE_CREDIT_ADJUSTED, [subject_of(row, change)])
        entry = NewEntry(
            kind=ADJUSTMENT,
            source=Source("payment_audit_log", entry_id),
            currency=row.currency,
            lines=[debit(chart.PROMOTIONAL_CREDIT, change), credit(chart.STORE_CREDIT, change, subject_id=row.id)],
            reason=reason,
            performed_by=tx.actor.user_id,
        )
        await self._ledger.post(tx, entry)
        tx.emit(
            StoreCreditAdjusted(store_credit_id=row.id, user_id=row.user_id, amount=change, currency=row.currency)
        )


def subject_of(row: StoreCredit, amount: Decimal = NOTHING) -> log.Subject:
    """Store credit in the audit log, with the amount that was acted on."""
    return log.Subject(provider=STORE_CREDIT, amount=amount, currency=row.currency, details=f"store credit {row.id}")
