-- Webhooks: endpoints of integrators, and the deliveries of events to them.

CREATE TYPE "webhook_disabled_reason" AS ENUM ('FAILING', 'GONE', 'BY_STAFF');

CREATE TYPE "webhook_delivery_status" AS ENUM ('PENDING', 'SUCCEEDED', 'FAILED');

CREATE TABLE "webhook_endpoints" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "topics" TEXT[],
    "api_version" TEXT NOT NULL,
    "encrypted_secrets" TEXT NOT NULL,
    "previous_until" TIMESTAMPTZ(6),
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "listening_since" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failing_since" TIMESTAMPTZ(6),
    "disabled_at" TIMESTAMPTZ(6),
    "disabled_reason" "webhook_disabled_reason",
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_slots" (
    "company_id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "claimed_until" TIMESTAMPTZ(6) NOT NULL,
    "claimed_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "webhook_slots_pkey" PRIMARY KEY ("company_id","endpoint_id","number")
);

CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "aggregate_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "payload" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL,
    "status" "webhook_delivery_status" NOT NULL DEFAULT 'PENDING',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "response_status" INTEGER,
    "duration_ms" INTEGER,
    "response" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_attempts" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "delivery_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "response_status" INTEGER,
    "duration_ms" INTEGER NOT NULL,
    "response" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_positions" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "snapshot" TEXT NOT NULL,
    "advanced_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "webhook_positions_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "webhook_endpoints_company_id_created_at_id_idx" ON "webhook_endpoints"("company_id", "created_at", "id");

CREATE UNIQUE INDEX "webhook_endpoints_company_id_id_key" ON "webhook_endpoints"("company_id", "id");

CREATE INDEX "webhook_deliveries_company_id_created_at_id_idx" ON "webhook_deliveries"("company_id", "created_at", "id");

CREATE INDEX "webhook_deliveries_company_id_endpoint_id_created_at_id_idx" ON "webhook_deliveries"("company_id", "endpoint_id", "created_at", "id");

CREATE UNIQUE INDEX "webhook_deliveries_company_id_id_key" ON "webhook_deliveries"("company_id", "id");

CREATE UNIQUE INDEX "webhook_deliveries_company_id_endpoint_id_event_id_key" ON "webhook_deliveries"("company_id", "endpoint_id", "event_id");

CREATE INDEX "webhook_attempts_company_id_delivery_id_id_idx" ON "webhook_attempts"("company_id", "delivery_id", "id");

ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "webhook_slots" ADD CONSTRAINT "webhook_slots_company_id_endpoint_id_fkey" FOREIGN KEY ("company_id", "endpoint_id") REFERENCES "webhook_endpoints"("company_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_company_id_endpoint_id_fkey" FOREIGN KEY ("company_id", "endpoint_id") REFERENCES "webhook_endpoints"("company_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_company_id_delivery_id_fkey" FOREIGN KEY ("company_id", "delivery_id") REFERENCES "webhook_deliveries"("company_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;


grant select, insert, update, delete on webhook_endpoints, webhook_slots, webhook_deliveries, webhook_attempts, webhook_positions to commerce_gateway;

create index webhook_deliveries_pending on webhook_deliveries (endpoint_id, next_attempt_at) where status = 'PENDING';

alter table webhook_endpoints
    add constraint webhook_endpoints_topics_listed check (cardinality(topics) between 1 and 200),
    add constraint webhook_endpoints_disabled_at_a_time check (is_active = (disabled_at is null)),
    add constraint webhook_endpoints_disabled_for_a_reason check ((disabled_at is null) = (disabled_reason is null));
alter table webhook_slots
    add constraint webhook_slots_two check (number in (1, 2));
alter table webhook_deliveries
    add constraint webhook_deliveries_ended_at_a_time check ((status = 'PENDING') = (ended_at is null)),
    add constraint webhook_deliveries_attempts_counted check (attempts >= 0),
    add constraint webhook_deliveries_response_bounded check (length(response) <= 1000),
    add constraint webhook_deliveries_payload_is_object check (jsonb_typeof(payload) = 'object');
alter table webhook_attempts
    add constraint webhook_attempts_numbered check (number > 0),
    add constraint webhook_attempts_response_bounded check (length(response) <= 1000);
alter table webhook_positions
    add constraint webhook_positions_one check (id = 1);

alter table webhook_endpoints enable row level security;
create policy of_the_company on webhook_endpoints to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy read_by_the_relay on webhook_endpoints for select to commerce_relay using (true);
alter table webhook_slots enable row level security;
create policy of_the_company on webhook_slots to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy claimed on webhook_slots to commerce_relay using (true);
alter table webhook_deliveries enable row level security;
create policy of_the_company on webhook_deliveries to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
create policy carried on webhook_deliveries to commerce_relay using (true);
alter table webhook_attempts enable row level security;
create policy of_the_company on webhook_attempts to commerce_gateway
    using (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

grant select, insert, update, delete on webhook_endpoints, webhook_deliveries, webhook_attempts to commerce_gateway;
grant insert on webhook_slots to commerce_gateway;
grant select on webhook_endpoints to commerce_relay;
grant select, update on webhook_slots to commerce_relay;
grant select, insert, update on webhook_deliveries to commerce_relay;
grant select, update on webhook_positions to commerce_relay;

insert into webhook_positions (id, snapshot, advanced_at) values (1, pg_current_snapshot()::text, now());
