"""Processing of the webhooks of payment providers: the payment is looked up anew, and its outcome recorded."""

from uuid import UUID

import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.order.payments.outcomes import PaymentOutcomes
from domains.payment.models import PaymentWebhook
from domains.payment.service import PaymentService

log = structlog.get_logger("commerce.payments")
BATCH = 200


class Webhooks:
    """Applies webhooks by the rules of the synchronous path, so that their order and number do not matter.

    A webhook says only which payment changed. An attempt that is interrupted, or that the provider does not answer,
    is repeated; in between nothing is lost, since payments are reconciled as well.
    """

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._outcomes = outcomes

    async def process(self, db: Database, actor: Actor, webhook_id: UUID) -> PaymentWebhook | None:
        """Process a webhook that is due; None when it is not, or another worker has it. At most seven statements.

        Emits as `PaymentOutcomes.conclude`.
        """
        claimed = await self._payment.webhooks.claim(db, actor, webhook_id)
        return await self._attempt(db, actor, claimed) if claimed else None

    async def process_due(self, db: Database, actor: Actor) -> int:
        """Process the due webhooks of the actor's company, at most 200; how many. Emits as `process`."""
        for count in range(BATCH):
            claimed = await self._payment.webhooks.claim(db, actor)
            if claimed is None:
                return count
            await self._attempt(db, actor, claimed)
        return BATCH

    async def replay(self, db: Database, actor: Actor, webhook_id: UUID) -> PaymentWebhook:
        """Process a webhook anew, whatever became of it; it then has the result.

        What changes is recorded as the system's doing, the replay as the actor's. Raises WebhookNotFound. Emits
        as `process`.
        """
        webhook = await db.run(lambda tx: self._payment.webhooks.replay(tx, webhook_id), actor)
        return await self._attempt(db, Actor.system(actor.company_id), webhook)

    async def _attempt(self, db: Database, actor: Actor, webhook: PaymentWebhook) -> PaymentWebhook:
        if self._payment.webhooks.is_exhausted(webhook):
            return await self._payment.webhooks.postpone(db, actor, webhook, "Each attempt was interrupted.")
        try:
            return await self._apply(db, actor, webhook)
        except Exception as error:
            raise_if_cancelled()
            log.exception("webhook not processed", webhook=str(webhook.id), provider=webhook.provider)
            # The message of an error may contain what a provider or a database said.
            return await self._payment.webhooks.postpone(db, actor, webhook, f"{type(error).__name__}: see the log.")

    async def _apply(self, db: Database, actor: Actor, webhook: PaymentWebhook) -> PaymentWebhook:
        webhooks, reader = self._payment.webhooks, db.reader(actor.company_id)
        payment = await webhooks.payment_of(reader, webhook)
        if payment is None:
            return await webhooks.unknown(db, actor, webhook)
        state = await self._payment.reconciliation.look_up(reader, payment)
        reach("payment.webhook_fetched")
        if state is None:
            return await webhooks.postpone(db, actor, webhook, "The provider did not answer.", payment.id)
        await self._outcomes.conclude(Attempt(db), actor, payment, state)
        return await webhooks.processed(db, actor, webhook, payment.id)
