-- E-mails about address books are sent by the subscription "account.notices". An event that was handled under the earlier
-- name, and is delivered again, must not be handled twice.
insert into "inbox_entries" ("event_id", "handler", "processed_at")
select i."event_id", 'account.notices', i."processed_at"
from "inbox_entries" i
join "outbox_events" e on e."id" = i."event_id" and e."topic" = 'user.address_changed_by_staff'
where i."handler" = 'auth.notices'
on conflict do nothing;
