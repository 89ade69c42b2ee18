"""Balances of subjects, such as gift cards, which the lines of the ledger change."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.ledger import data
from domains.ledger.models import NOTHING, Account


class Balances:
    """Reads and locks the balances of subjects. An amount is on the side on which the account grows."""

    async def of(self, db: Reader, account: Account, subject_ids: Collection[UUID]) -> dict[UUID, Decimal]:
        """The balance of each subject; zero for one without an entry. One statement."""
        where: data.LedgerBalanceWhere = {"account": account.code, "subject_id": {"in": list(subject_ids)}}
        found = {row.subject_id: row.balance for row in await data.ledger_balance.find_many(db, where=where)}
        return {subject_id: found.get(subject_id, NOTHING) for subject_id in subject_ids}

    async def lock(self, tx: Tx, account: Account, subject_ids: Collection[UUID]) -> dict[UUID, Decimal]:
        """As `of`, with the balances locked until the transaction ends, in the order of their subjects' ids.

        Locks follow those of the order and its payments, and precede those of stock. One statement.
        """
        return await self.lock_all(tx, dict.fromkeys(subject_ids, account))

    async def lock_all(self, tx: Tx, accounts: Mapping[UUID, Account]) -> dict[UUID, Decimal]:
        """As `lock`, of subjects of several accounts: by account, and then by the id of the subject."""
        rows = await tx.fetch(
            """
            select subject_id, balance from ledger_balances
            where company_id = $1 and (account, subject_id) in (select * from unnest($2::text[], $3::uuid[]))
            order by account, subject_id for no key update
            """,
            tx.company_id,
            [account.code for account in accounts.values()],
            list(accounts),
        )
        found = {row["subject_id"]: row["balance"] for row in rows}
        return {subject_id: found.get(subject_id, NOTHING) for subject_id in accounts}
