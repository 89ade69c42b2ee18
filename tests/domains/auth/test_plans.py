"""Query plans of the actor and the first page of users with the gateway's role, in a company of thousands."""

from typing import Any

from domains.auth import sql
from domains.auth.models import UserFilter, UserSort
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.auth.conftest import Shop

FILL = """
with people as (
    insert into users (id, email, last_name, role_id, created_at, updated_at)
    select gen_random_uuid(), $1 || n || '@example.com', 'Name ' || n % 100, roles.id, now(), now()
    from generate_series(1, 5000) as n, roles where roles.code = 'CUSTOMER' and roles.company_id is null
    returning id, role_id
)
insert into memberships (id, company_id, user_id, role_id, created_at, updated_at)
select gen_random_uuid(), $2, id, role_id, now() - interval '1 second' * (random() * 100000)::int, now() from people
"""


async def plan(shop: Shop, statement: str, *args: object) -> str:
    rows = await shop.db.reader(shop.company_id).fetch(f"explain {statement}", *args)
    return "\n".join(row[0] for row in rows)


async def test_users_and_actors_are_found_by_index(shop: Shop, owner: Any) -> None:
    await owner.execute(FILL, f"{new_id().hex}-", shop.company_id)
    await owner.execute("analyze users, memberships, roles, user_sessions")
    reader, members = shop.db.reader(shop.company_id), shop.auth.members
    with counting() as count:
        page = await members.find(reader, PageArgs(), filter=UserFilter(), sort=UserSort.CREATED_AT)
    assert (len(page.items), page.has_next) == (20, True)
    found = await plan(shop, count.texts[0], shop.company_id)
    assert "memberships_company_id_created_at_id_idx" in found
    assert "Seq Scan on users" not in found
    assert "Seq Scan on memberships" not in found
    actor = await shop.logged_in((await shop.account()).email)
    now = shop.clock.now()
    found = await plan(shop, sql._ACTOR, shop.company_id, actor.session_id, actor.user_id, now, now)
    assert "Seq Scan on users" not in found
    assert "Seq Scan on memberships" not in found
