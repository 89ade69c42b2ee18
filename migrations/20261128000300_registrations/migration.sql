-- Unconfirmed accounts stand side by side, so that nobody who registers an address voids what another began.

CREATE TABLE "registrations" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "ticket_hash" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "first_name" TEXT NOT NULL,
    "last_name" TEXT NOT NULL,
    "phone" TEXT,
    "code" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "registrations_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "registrations_ticket_hash_key" ON "registrations"("ticket_hash");
CREATE INDEX "registrations_email_idx" ON "registrations"("email");
CREATE INDEX "registrations_expires_at_idx" ON "registrations"("expires_at");

alter table "registrations"
    add constraint "registrations_hashed" check (code ~ '^[0-9a-f]{64}$' and ticket_hash ~ '^[0-9a-f]{64}$'),
    add constraint "registrations_attempts_counted" check (attempts >= 0);

grant select, insert, update, delete on "registrations" to commerce_gateway;
