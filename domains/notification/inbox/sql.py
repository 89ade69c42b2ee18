"""SQL over the notifications that a user has in the shop; the company is always its first parameter."""

from typing import Final

from domains.notification import data

UNREAD: Final = """
select count(*) from notifications
where company_id = $1 and user_id = $2 and type = 'IN_APP' and status = 'DELIVERED' and read_at is null
"""
READ: Final = f"""
update notifications as read set read_at = $3, updated_at = $3
where read.company_id = $1 and read.user_id = $2 and read.id = $4
  and read.type = 'IN_APP' and read.status = 'DELIVERED' and read.read_at is null
returning {data.notification.columns("read")}
"""
# The rows are locked in one order, so that two commands at once do not wait for each other.
READ_ALL: Final = """
with unread as (
    select id from notifications
    where company_id = $1 and user_id = $2 and type = 'IN_APP' and status = 'DELIVERED' and read_at is null
      and sent_at <= $4
    order by id limit $5 for update
)
update notifications set read_at = $3, updated_at = $3
where company_id = $1 and id in (select id from unread)
"""
