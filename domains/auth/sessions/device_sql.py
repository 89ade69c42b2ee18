"""SQL about the networks of sessions."""

from datetime import datetime
from typing import Final

from domains.kernel.database import Reader

MAX_NETWORKS: Final = 200
# Sessions that were ended for another reason than a logout may have been an attacker's, and so may those that ended
# with the last change of the password.
_NETWORKS: Final = f"""
select s.ip_address
from user_sessions s
join users u on u.id = s.user_id
where u.email = $1 and s.ip_address is not null and s.last_activity > $2
  and (s.ended_at is null or s.end_reason = 'LOGOUT')
  and coalesce(s.ended_at, 'infinity') > coalesce(u.password_set_at, '-infinity')
group by s.ip_address
order by max(s.last_activity) desc
limit {MAX_NETWORKS}
"""


async def networks(db: Reader, email: str, *, since: datetime) -> list[str]:
    """The IP addresses that an account's sessions were last used from; none, by the same statement, without one."""
    return [row[0] for row in await db.fetch(_NETWORKS, email, since)]
