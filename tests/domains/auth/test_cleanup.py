"""Expired sessions, codes and tokens are deleted, and nothing else."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.auth import cleanup
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.ids import new_id

LATELY, LONG_AGO, LATER = timedelta(days=-29), timedelta(days=-31), timedelta(days=1)
SESSION = """
insert into user_sessions (id, user_id, refresh_token, expires_at, ended_at, end_reason)
values ($1, $2, $3, now() + $4, now() + $5, case when $5 is not null then 'LOGOUT' end)
"""
HASH = "insert into {} (id, user_id, {}, expires_at) values ($1, $2, $3, now() + $4)"


@pytest.fixture
async def user(owner: Any) -> UUID:
    made = new_id()
    await owner.execute(
        "insert into users (id, email, role_id, updated_at) "
        "select $1, $2, id, now() from roles where code = 'CUSTOMER' and company_id is null",
        made,
        f"{made.hex}@example.com",
    )
    return made


async def clean_up(database: Database, actor: Actor) -> int:
    return await database.run(cleanup.delete_expired, actor, platform=True)


async def test_expired_sessions_are_deleted_with_their_used_tokens(
    database: Database, owner: Any, actor: Actor, user: UUID
) -> None:
    sessions = []
    for expires, ended in ((LATER, None), (LATELY, None), (LATER, LATELY), (LONG_AGO, None), (LATER, LONG_AGO)):
        sessions.append(new_id())
        await owner.execute(SESSION, sessions[-1], user, sessions[-1].hex * 2, expires, ended)
        spent = "insert into spent_refresh_tokens (token_hash, session_id) values ($1, $2)"
        await owner.execute(spent, new_id().hex * 2, sessions[-1])
    await clean_up(database, actor)
    kept = await owner.fetch("select id from user_sessions where user_id = $1", user)
    assert {row["id"] for row in kept} == set(sessions[:3])
    spent = await owner.fetchval("select count(*) from spent_refresh_tokens where session_id = any($1)", sessions)
    assert spent == 3


@pytest.mark.parametrize(
    ("table", "columns", "value"),
    [
        ("verification_codes", "type, target, code", "'EMAIL', 'a@b.c', $3"),
        ("password_reset_tokens", "token_hash", "$3"),
    ],
)
async def test_expired_codes_and_tokens_are_deleted(
    database: Database, owner: Any, actor: Actor, user: UUID, table: str, columns: str, value: str
) -> None:
    await clean_up(database, actor)  # what other tests left
    insert = HASH.format(table, columns).replace("$3", value)
    for expires in (LATER, LATELY, LONG_AGO):
        await owner.execute(insert, new_id(), user, new_id().hex * 2, expires)
    assert await clean_up(database, actor) == 1
    assert await owner.fetchval(f"select count(*) from {table} where user_id = $1", user) == 2  # noqa: S608 - ours
    assert await clean_up(database, actor) == 0


async def test_unconfirmed_registrations_are_deleted_after_a_week(
    database: Database, owner: Any, actor: Actor
) -> None:
    email = f"{new_id().hex}@example.com"
    for expires in (timedelta(days=1), timedelta(days=-6), timedelta(days=-8)):
        await owner.execute(
            "insert into registrations"
            " (id, email, ticket_hash, password_hash, first_name, last_name, code, expires_at)"
            " values ($1, $2, $3, '', '', '', $3, now() + $4)",
            new_id(), email, new_id().hex * 2, expires,
        )  # fmt: skip
    await clean_up(database, actor)
    assert await owner.fetchval("select count(*) from registrations where email = $1", email) == 2
