"""Store credit of a person: exported with its balance, kept by the company on erasure, moved on a merge."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.ledger import chart
from domains.ledger.models import NOTHING, NewEntry, NewLine, Source, credit, debit
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.audit import log
from domains.payment.models import PaymentAuditEvent, RefundStatus
from domains.payment.store_credit.models import StoreCredit
from domains.payment.store_credit.store_credits import subject_of

FORFEIT: Final = "STORE_CREDIT_FORFEIT"
TRANSFER: Final = "STORE_CREDIT_TRANSFER"


class StoreCreditOwners:
    """What becomes of store credit when its customer is exported, erased, or merged with another one."""

    def __init__(self, ledger: LedgerService) -> None:
        self._ledger = ledger

    async def export(self, db: Reader, person: Person) -> list[Mapping[str, Any]]:
        """The store credit of the user, with its balance."""
        where: data.StoreCreditWhere = {"user_id": {"in": person.user_ids}}
        rows = await data.store_credit.find_many(db, where=where, order_by=[{"id": "asc"}])
        balances = await self._ledger.balances.of(db, chart.STORE_CREDIT, [row.id for row in rows]) if rows else {}
        return [{**each, "balance": f"{balances[row.id]:f}"} for each, row in zip(exported(rows), rows, strict=True)]

    async def erase(self, tx: Tx, erasure: Erasure) -> int:
        """Book what is left as income of the company, and replace the user. Without store credit one statement."""
        erased = 0
        for row in await _locked(tx, erasure.person.user_ids):
            balance = (await self._ledger.balances.lock(tx, chart.STORE_CREDIT, [row.id]))[row.id]
            await self._move(tx, FORFEIT, row, credit(chart.BREAKAGE, balance))
            if row.user_id != erasure.erased_id:
                await data.store_credit.update(tx, id=row.id, data={"user_id": erasure.erased_id})
            erased += bool(balance) or row.user_id != erasure.erased_id
        return erased

    async def merge(self, tx: Tx, person: Person, user_id: UUID) -> int:
        """Give the store credit of the user to another one. Without store credit one statement.

        When both have some, the balance is moved, and payments with it are refunded to the other one from now on.
        """
        own = await _locked(tx, (*person.user_ids, user_id))
        targets = {row.currency: row for row in own if row.user_id == user_id}
        sources = [row for row in own if row.user_id != user_id]
        for row in sources:
            target = targets.get(row.currency)
            if target is None:
                await data.store_credit.update(tx, id=row.id, data={"user_id": user_id})
                continue
            balances = await self._ledger.balances.lock(tx, chart.STORE_CREDIT, [row.id, target.id])
            balance = balances[row.id]
            await self._move(tx, TRANSFER, row, credit(chart.STORE_CREDIT, balance, subject_id=target.id))
            paid: data.PaymentWhere = {"tender_id": row.id}
            await data.payment.update_many(tx, where=paid, data={"tender_id": target.id})
            due: data.RefundWhere = {"store_credit_id": row.id, "status": RefundStatus.PENDING}
            await data.refund.update_many(tx, where=due, data={"store_credit_id": target.id})
        return len(sources)

    async def _move(self, tx: Tx, kind: str, row: StoreCredit, to: NewLine) -> None:
        """Post what is left to another account or subject; nothing is posted of an empty one."""
        if to.amount <= NOTHING:
            return
        subject = subject_of(row, -to.amount)
        (entry_id,) = log.record_all(tx, PaymentAuditEvent.STORE_CREDIT_ADJUSTED, [subject])
        taken = debit(chart.STORE_CREDIT, to.amount, subject_id=row.id)
        source = Source("payment_audit_log", entry_id)
        await self._ledger.post(tx, NewEntry(kind=kind, source=source, currency=row.currency, lines=[taken, to]))


async def _locked(tx: Tx, user_ids: Collection[UUID]) -> list[StoreCredit]:
    """The store credit of users, locked by id."""
    where: data.StoreCreditWhere = {"user_id": {"in": list(user_ids)}}
    return await data.store_credit.find_many(tx, where=where, order_by=[{"id": "asc"}], lock=True)
