"""Transactions of payments: what moved at the provider, or was reserved there. Rows are only added."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.kernel.prisma.statements import Sql
from domains.payment import data
from domains.payment.models import PaymentTransaction
from domains.payment.providers.results import ProviderTransaction

# The same transaction with the same status is known already: answers and webhooks repeat each other. A reference that
# the provider returns may have been written there by somebody else.
POST = """
insert into payment_transactions (id, company_id, payment_id, refund_id, provider, type, status,
  provider_transaction_id, amount, currency, processed_at, created_at)
select t.id, p.company_id, p.id, r.id, p.provider, t.type::payment_transaction_type,
  t.status::payment_transaction_status, t.provider_id, t.amount, p.currency, t.processed_at, {2}
from payments p
cross join unnest({3}::uuid[], {4}::text[], {5}::text[], {6}::text[], {7}::numeric[], {8}::timestamptz[], {9}::uuid[])
  as t (id, type, status, provider_id, amount, processed_at, refund_id)
left join refunds r on r.company_id = p.company_id and r.id = t.refund_id and r.payment_id = p.id
where p.company_id = {0} and p.id = {1}
on conflict do nothing
"""


class Transactions:
    """The ledger of payments at their providers, from which balances follow."""

    async def of_payments(self, db: Reader, payment_ids: Collection[UUID]) -> list[PaymentTransaction]:
        """The transactions of payments, oldest first. One statement."""
        where: data.PaymentTransactionWhere = {"payment_id": {"in": list(payment_ids)}}
        order: list[data.PaymentTransactionOrder] = [{"processed_at": "asc"}, {"id": "asc"}]
        return await data.payment_transaction.find_many(db, where=where, order_by=order)

    def post(self, tx: Tx, payment_id: UUID, transactions: Sequence[ProviderTransaction]) -> None:
        """Add transactions of a payment, with the last statement of `tx`. Those that are known are skipped."""
        if not transactions:
            return
        columns = (
            [new_id() for _ in transactions],
            [each.type.value for each in transactions],
            [each.status.value for each in transactions],
            [each.id for each in transactions],
            [each.amount.amount for each in transactions],
            [each.occurred_at for each in transactions],
            [each.reference for each in transactions],
        )
        tx.defer(Sql(POST, (tx.company_id, payment_id, tx.clock.now(), *columns)))
