-- When companies capture the payments of their orders, what is captured of one, and when its authorization ends.

create type capture_mode as enum ('AUTOMATIC', 'MANUAL', 'ON_SHIPMENT');
alter table payment_settings add column capture_mode capture_mode not null default 'AUTOMATIC';

alter table payments
    add column capture_amount decimal(19, 4),
    add column authorized_until timestamptz(6);
update payments set capture_amount = amount where capture_requested_at is not null;
alter table payments add constraint payments_capture_has_amount
    check ((capture_requested_at is null) = (capture_amount is null) and capture_amount > 0 and capture_amount <= amount);
create index payments_authorized on payments (company_id, authorized_until) where status = 'AUTHORIZED';
