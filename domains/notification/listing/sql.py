"""SQL of lists of notifications; the company is always its first parameter."""

from typing import Final

from domains.notification import data

OF_ORDERS: Final = f"""
select {data.notification.columns("n")}
from unnest($2::uuid[]) as parent (id)
cross join lateral (
    select * from notifications where company_id = $1 and order_id = parent.id order by id desc limit $3
) as n
"""
LOGS: Final = f"""
select {data.notification_log.columns("log")}
from unnest($2::uuid[]) as parent (id)
cross join lateral (
    select * from notification_logs where company_id = $1 and notification_id = parent.id order by id desc limit $3
) as log
"""
