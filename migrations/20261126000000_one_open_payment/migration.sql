-- Of one order at most one payment is under way: who begins another while its outcome is open is refused.

create unique index payments_one_open on payments (company_id, order_id) where status in ('PENDING', 'UNKNOWN');
