-- A key's row says when its work was last begun, so that what was broken off can be taken up.

alter table "idempotency_keys" add column "claimed_at" timestamptz(6) not null default now();
alter table "idempotency_keys" alter column "claimed_at" drop default;
