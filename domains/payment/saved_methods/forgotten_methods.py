"""Deletes removed payment methods at their providers, and then here."""

import asyncio
from datetime import timedelta
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.payment import data
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.data import SavedPaymentMethodRow
from domains.payment.providers.operations import ANSWER_TIME
from domains.payment.providers.registry import Providers
from domains.payment.saved_methods import sql
from domains.payment.saved_methods.kept_methods import token_of

RETRY_AFTER: Final = timedelta(minutes=10)
BATCH: Final = 100


class ForgottenMethods:
    """Carries out removals. A removal that is interrupted, or that the provider does not answer, is repeated."""

    def __init__(self, accounts: PaymentAccounts, providers: Providers, clock: Clock) -> None:
        self._accounts = accounts
        self._providers = providers
        self._clock = clock

    async def forget_due(self, db: Database, actor: Actor) -> int:
        """Delete the removed methods of the actor's company, at most 100; returns their number.

        A failure does not stop the others, and is repeated after ten minutes. All failures are raised together at
        the end as an ExceptionGroup, each with a note that names the method.
        """
        reader = db.reader(actor.company_id)
        due = await sql.to_forget(reader, self._clock.now(), BATCH)
        failures: list[Exception] = []
        for row in due:
            try:
                await self._forget(db, actor, reader, row)
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                raise_if_cancelled()
                error.add_note(f"payment method {row.id}")
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some payment methods could not be deleted at their providers.", failures)
        return len(due)

    async def _forget(self, db: Database, actor: Actor, reader: Reader, row: SavedPaymentMethodRow) -> None:
        if not await db.run_statement(lambda tx: self._begin(tx, row), actor):
            return
        provider = await self._accounts.opened(reader, row.provider)
        async with asyncio.timeout(ANSWER_TIME.total_seconds()):
            await provider.forget_method(token_of(row, self._providers.encryption))
        reach("payment.method_forgotten")
        await db.run_statement(lambda tx: data.saved_payment_method.delete_many(tx, where={"id": row.id}), actor)

    async def _begin(self, tx: Tx, row: SavedPaymentMethodRow) -> int:
        """Put the next attempt off; 0 when another process does it now."""
        where: data.SavedPaymentMethodWhere = {"id": row.id, "forget_at": row.forget_at}
        later: data.SavedPaymentMethodUpdate = {"forget_at": self._clock.now() + RETRY_AFTER}
        return await data.saved_payment_method.update_many(tx, where=where, data=later)
