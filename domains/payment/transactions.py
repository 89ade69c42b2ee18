"""Transactions of payments: what moved at the provider, or was reserved there. Rows are only added."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Sql
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.errors import PaymentNotFound
from domains.payment.fragments import transaction_sums
from domains.payment.models import NOTHING, Payment, PaymentTransaction, Refund, TransactionType
from domains.payment.postings import Postings
from domains.payment.providers.results import ProviderTransaction

NUMBER_OF_VALUES: Final = 8


def insertion(payment: str, values: Sequence[str]) -> str:
    """SQL that adds the transactions of `posting`, whose values it is given, to the payment that is selected.

    The provider of a refund is that of the account to which it goes, so that no other one is to report it; see
    `postings.account_of_refunds`. A provider names a refund only if it was sent there.

    The same transaction with the same status is known already: answers and webhooks repeat each other. A reference
    that the provider returns may have been written there by somebody else.
    """
    now, ids, types, statuses, provider_ids, amounts, times, references = values
    return f"""
insert into payment_transactions (id, company_id, payment_id, refund_id, provider, type, status,
  provider_transaction_id, amount, currency, processed_at, created_at)
select t.id, p.company_id, p.id, r.id, case when r.destination <> 'ORIGINAL_PAYMENT' then r.destination::text
    when p.provider = 'EXCHANGE' and t.type = 'REFUND' then 'MANUAL' else p.provider end,
  t.type::payment_transaction_type, t.status::payment_transaction_status, t.provider_id, t.amount, p.currency,
  t.processed_at, {now}
from {payment}
cross join unnest({ids}::uuid[], {types}::text[], {statuses}::text[], {provider_ids}::text[], {amounts}::numeric[],
  {times}::timestamptz[], {references}::uuid[])
  as t (id, type, status, provider_id, amount, processed_at, refund_id)
left join refunds r on r.company_id = p.company_id and r.id = t.refund_id and r.payment_id = p.id
  and (r.destination = 'ORIGINAL_PAYMENT' or r.provider_refund_id = t.provider_id)
on conflict do nothing
"""  # noqa: S608 - the numbers of parameters


POST: Final = insertion(
    "(select * from payments where company_id = {0} and id = {1}) p",
    [f"{{{number}}}" for number in range(2, 2 + NUMBER_OF_VALUES)],
)


COUNT: Final = f"""
update payments p set amount_captured = t.captured, amount_refunded = t.refunded,
  amount_charged_back = t.charged_back, updated_at = $3
from ({transaction_sums("$1", "$2")}) t,
  (select amount_captured as was_captured, amount_refunded as was_refunded, amount_charged_back as was_charged_back
   from payments where company_id = $1 and id = $2) b
where p.company_id = $1 and p.id = $2
returning {data.payment.columns("p")}, b.*
"""  # noqa: S608 - a fragment


@dataclass(frozen=True, slots=True)
class AddedTransactions:
    """The last of the transactions that were added: of a charge or a capture, of a refund, and of a chargeback.

    `refund` is the one whose transaction was added, if that is ours and not what the provider told.
    """

    capture_id: UUID | None = None
    refund_id: UUID | None = None
    chargeback_id: UUID | None = None
    refund: Refund | None = None


def posting(
    now: datetime, transactions: Sequence[ProviderTransaction], ids: Sequence[UUID] | None = None
) -> tuple[object, ...]:
    """The values of an `insertion`. A transaction without an amount, such as a dispute of nothing, is left out."""
    transactions = [each for each in transactions if each.amount.amount]
    return (
        now,
        ids or [new_id() for _ in transactions],
        [each.type.value for each in transactions],
        [each.status.value for each in transactions],
        [each.id for each in transactions],
        [each.amount.amount for each in transactions],
        [each.occurred_at for each in transactions],
        [each.reference for each in transactions],
    )


class Transactions:
    """What moved at the providers, from which the amounts of payments and the entries of the ledger follow."""

    def __init__(self, ledger: LedgerService, clock: Clock) -> None:
        self.postings = Postings(ledger, clock)

    async def of_payments(self, db: Reader, payment_ids: Collection[UUID]) -> list[PaymentTransaction]:
        """The transactions of payments, oldest first. One statement."""
        where: data.PaymentTransactionWhere = {"payment_id": {"in": list(payment_ids)}}
        order: list[data.PaymentTransactionOrder] = [{"processed_at": "asc"}, {"id": "asc"}]
        return await data.payment_transaction.find_many(db, where=where, order_by=order)

    async def post(
        self, tx: Tx, payment_id: UUID, transactions: Sequence[ProviderTransaction], refund: Refund | None = None
    ) -> Payment:
        """Add transactions of a payment, those that are known left out; the payment, whose amounts follow.

        A `refund` of ours has the one transaction that is given. `tx` has locked the payment. Two statements.
        """
        args: list[object] = []
        moved = [each for each in transactions if each.amount.amount]
        ids = [new_id() for _ in moved]
        values = (tx.company_id, payment_id, *posting(tx.clock.now(), moved, ids))
        await tx.execute(Sql(POST, values).sql(args), *args)
        of_type = dict(zip((each.type for each in moved), ids, strict=True))
        added = AddedTransactions(
            of_type.get(TransactionType.CAPTURE) or of_type.get(TransactionType.CHARGE),
            of_type.get(TransactionType.REFUND),
            of_type.get(TransactionType.CHARGEBACK),
            refund,
        )
        return await self.count(tx, payment_id, added)

    async def record_captured(self, tx: Tx, payment: Payment, charge: ProviderTransaction) -> None:
        """Add the charge of a new payment, whose amounts are right already, with the last statement of `tx`."""
        charge_id = new_id()
        tx.defer(Sql(POST, (tx.company_id, payment.id, *posting(tx.clock.now(), [charge], [charge_id]))))
        before = data.payment.from_record.changed(payment, {"amount_captured": NOTHING})
        await self.postings.captured(tx, payment, charge_id, before)

    async def count(
        self, tx: Tx, payment_id: UUID, added: AddedTransactions, captured: Decimal | None = None
    ) -> Payment:
        """The payment, whose amounts are the sums of its transactions; `tx` has locked it. One statement.

        The changes of the amounts are posted to the ledger, for those that were added, with the last statement of
        `tx`; that of the captured amount from `captured`, where the payment has more than was posted.
        """
        row = await tx.fetch_row(COUNT, tx.company_id, payment_id, tx.clock.now())
        if row is None:
            raise PaymentNotFound
        payment = data.payment.from_record(row)
        amounts = {f"amount_{name}": row[f"was_{name}"] for name in ("captured", "refunded", "charged_back")}
        if captured is not None:
            amounts["amount_captured"] = captured
        before = data.payment.from_record.changed(payment, amounts)
        await self.postings.captured(tx, payment, added.capture_id, before)
        await self.postings.reversed(tx, payment, added.refund_id, added.chargeback_id, before, added.refund)
        return payment
