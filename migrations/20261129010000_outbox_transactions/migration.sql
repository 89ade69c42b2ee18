-- The transaction of each event, by which caches find what has been committed since they last looked. Earlier events
-- get that of the migration. Rewrites outbox_events.

-- AlterTable
ALTER TABLE "outbox_events" ADD COLUMN "transaction_id" xid8 NOT NULL DEFAULT pg_current_xact_id();

-- CreateIndex
CREATE INDEX "outbox_events_transaction_id_idx" ON "outbox_events"("transaction_id");
