-- Each row says which version of the code wrote its digest and its outcome. Rows that exist were written by version 1:
-- its digests hold the paths of modules and cannot be compared, its outcomes are still read for the day that they last.
alter table "idempotency_keys" add column "version" integer not null default 1;
alter table "idempotency_keys" alter column "version" drop default;
