-- CreateTable
CREATE TABLE "queued_mails" (
    "id" UUID NOT NULL,
    "content" BYTEA NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "queued_mails_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "queued_mails_next_attempt_at_idx" ON "queued_mails"("next_attempt_at");

alter table queued_mails add constraint queued_mails_attempts_counted check (attempts >= 0);

-- The gateway queues mail and cannot read it; the relay delivers it.
revoke all on queued_mails from commerce_gateway;
grant insert on queued_mails to commerce_gateway;
grant select, update, delete on queued_mails to commerce_relay;
