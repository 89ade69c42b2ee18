alter table notifications
    add column url text,
    add column order_id uuid generated always as ((metadata ->> 'order_id')::uuid) stored;

-- A notification in the list of a user is delivered as soon as it is there.
update notifications set status = 'DELIVERED', delivered_at = sent_at where type = 'IN_APP' and status = 'SENT';

drop index notifications_unread;
create index notifications_inbox on notifications (company_id, user_id, sent_at, id)
    where type = 'IN_APP' and status = 'DELIVERED';
create index notifications_unread on notifications (company_id, user_id, sent_at, id)
    where type = 'IN_APP' and status = 'DELIVERED' and read_at is null;
create index notifications_company_id_order_id_idx on notifications (company_id, order_id);
