-- A category that is deleted leaves the promotions that are over. One that is left without anything it is for would be
-- for everything, were it to begin again: it is marked, and must be told first.
alter table promotions add column targets_deleted boolean not null default false;
