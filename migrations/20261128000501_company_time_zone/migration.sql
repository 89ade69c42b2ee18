-- The shop's days: in its order numbers, and of moments that are given without an offset. Until now they were UTC's.

alter table "companies" add column "time_zone" text not null default 'UTC';
