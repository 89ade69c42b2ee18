-- The trace context (W3C) in which an event was emitted; earlier events have none. Reads outbox_events once.

-- AlterTable
ALTER TABLE "outbox_events" ADD COLUMN "traceparent" TEXT;

alter table outbox_events add constraint outbox_events_traceparent_format
    check (traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
