"""Sessions: rotated, listed, ended, expired; a reused refresh token ends its family (ASVS §7, 10.4.5)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.auth import data
from domains.auth.errors import InvalidToken, SessionNotFound, SessionRevoked
from domains.auth.events import SessionFamilyEnded
from domains.auth.models import AuthResponse, Origin, Session, SessionEndReason
from domains.auth.sessions.sessions import SessionLimits
from domains.kernel.actor import Actor
from domains.kernel.database import Database
from domains.kernel.errors import DomainError, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.role.models import SystemRole
from tests.domains.auth.conftest import ELSEWHERE, HOME, PASSWORD, Shop

TOPIC = "select count(*) from outbox_events where topic = $1 and aggregate_id = $2"


async def is_ended(shop: Shop, token: str) -> bool:
    try:
        await shop.actor_of(token)
    except Unauthenticated:
        return True
    return False


async def live(shop: Shop, actor: Actor) -> list[Session]:
    return list((await shop.auth.sessions.find(shop.db.reader(shop.company_id), actor, PageArgs())).items)


async def stored(shop: Shop, session_id: UUID | None) -> data.UserSessionRow:
    assert session_id is not None
    row = await data.user_session.find_unique(shop.db.reader(None), id=session_id)
    assert row is not None
    return row


async def log_in(shop: Shop) -> AuthResponse:
    return await shop.login((await shop.account()).email)


# ASVS 10.4.5
async def test_a_refresh_rotates_the_token_within_the_session(shop: Shop) -> None:
    first = await log_in(shop)
    shop.clock.advance(timedelta(minutes=20))
    assert await is_ended(shop, first.access_token)
    second = await shop.refresh(first.refresh_token, ELSEWHERE)
    assert second.refresh_token != first.refresh_token
    assert second.session_expires_at == first.session_expires_at
    actor = await shop.actor_of(second.access_token)
    (session,) = await live(shop, actor)
    assert (session.ip_address, session.user_agent) == (ELSEWHERE.ip, ELSEWHERE.user_agent)
    assert (session.last_activity, session.is_current) == (shop.clock.now(), True)


# ASVS 10.4.5; RFC 9700 §4.14.2
async def test_a_reused_refresh_token_revokes_its_family(shop: Shop, owner: Any) -> None:
    first = await log_in(shop)
    other = await shop.login(first.user.email)
    second = await shop.refresh(first.refresh_token)
    third = await shop.refresh(second.refresh_token)
    with pytest.raises(SessionRevoked) as refused:
        await shop.refresh(first.refresh_token, ELSEWHERE)
    assert refused.value.code == "SESSION_REVOKED"
    assert await is_ended(shop, third.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(third.refresh_token)
    assert not await is_ended(shop, other.access_token)
    with pytest.raises(SessionRevoked):
        await shop.refresh(second.refresh_token)
    event_count = await owner.fetchval(TOPIC, SessionFamilyEnded.topic, first.user.id)
    assert event_count == 1


async def test_the_reason_for_ending_a_session_is_stored(shop: Shop) -> None:
    first = await log_in(shop)
    actor = await shop.actor_of(first.access_token)
    await shop.refresh(first.refresh_token)
    shop.clock.advance(timedelta(seconds=5))
    with pytest.raises(SessionRevoked):
        await shop.refresh(first.refresh_token)
    row = await stored(shop, actor.session_id)
    assert (row.end_reason, row.ended_at) == (SessionEndReason.REFRESH_TOKEN_REUSED.value, shop.clock.now())


# ASVS 10.4.5
@pytest.mark.parametrize("_round", range(3))
async def test_at_most_one_of_twenty_parallel_refreshes_succeeds(shop: Shop, _round: int) -> None:
    first = await log_in(shop)
    results = await asyncio.gather(*(shop.refresh(first.refresh_token) for _ in range(20)), return_exceptions=True)
    won = [result for result in results if isinstance(result, AuthResponse)]
    lost = {type(result) for result in results if not isinstance(result, AuthResponse)}
    assert (len(won), lost) == (1, {SessionRevoked})
    assert await is_ended(shop, won[0].access_token)


async def test_neither_refresh_nor_access_token_is_stored(shop: Shop, owner: Any) -> None:
    first = await log_in(shop)
    second = await shop.refresh(first.refresh_token)
    rows = await owner.fetch("select s::text from user_sessions s where user_id = $1", first.user.id)
    spent = await owner.fetch("select t::text from spent_refresh_tokens t order by spent_at desc limit 5")
    text = f"{rows}{spent}"
    for secret in (first.refresh_token, second.refresh_token, second.access_token):
        assert secret not in text


# ASVS 9.2.2: one kind of token is not another.
async def test_access_and_refresh_tokens_are_not_interchangeable(shop: Shop) -> None:
    response = await log_in(shop)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.access_token)
    assert await is_ended(shop, response.refresh_token)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "x" * 100_000])
async def test_a_malformed_refresh_token_is_refused(shop: Shop, token: str) -> None:
    with pytest.raises(InvalidToken):
        await shop.refresh(token)


# ASVS 7.4.1
async def test_logout_ends_the_access_token(shop: Shop) -> None:
    response = await log_in(shop)
    other = await shop.login(response.user.email)
    actor = await shop.actor_of(response.access_token)
    assert await shop.run(shop.auth.logout, actor) == 1
    assert await is_ended(shop, response.access_token)
    assert not await is_ended(shop, other.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.refresh_token)
    assert (await stored(shop, actor.session_id)).end_reason == SessionEndReason.LOGOUT.value


async def test_opened_and_ended_sessions_are_emitted(shop: Shop, owner: Any) -> None:
    tokens = [await log_in(shop)]
    user = tokens[0].user
    tokens += [await shop.login(user.email) for _ in range(2)]
    first, second, third = [await shop.actor_of(each.access_token) for each in tokens]
    await shop.run(shop.auth.sessions.end, first, second.session_id)
    for _ in range(2):
        await shop.run(shop.auth.sessions.end_others, first)
    await shop.run(shop.auth.logout, first)
    rows = await owner.fetch(
        "select topic, payload->>'session_id' as session, payload->>'end_reason' as reason from outbox_events "
        "where aggregate_id = $1 and topic in ('user.logged_in', 'user.session_ended') order by sequence",
        user.id,
    )
    opened = [("user.logged_in", str(each.session_id), None) for each in (first, second, third)]
    ended = [(str(second.session_id), "ENDED_BY_USER"), (None, "ENDED_BY_USER"), (str(first.session_id), "LOGOUT")]
    assert [tuple(row) for row in rows] == [*opened, *(("user.session_ended", *each) for each in ended)]


async def test_logout_everywhere_ends_all_sessions_of_the_user_only(shop: Shop) -> None:
    response, stranger = await log_in(shop), await log_in(shop)
    other = await shop.login(response.user.email)
    actor = await shop.actor_of(response.access_token)
    assert await shop.run(shop.auth.logout, actor, everywhere=True) == 2
    assert [await is_ended(shop, each.access_token) for each in (response, other, stranger)] == [True, True, False]


# ASVS 7.5.2
async def test_only_the_users_own_sessions_are_listed(shop: Shop) -> None:
    mine, stranger = await log_in(shop), await log_in(shop)
    later = await shop.login(mine.user.email, origin=ELSEWHERE)
    actor, other = await shop.actor_of(mine.access_token), await shop.actor_of(later.access_token)
    sessions = await live(shop, actor)
    assert [(each.id, each.is_current, each.ip_address) for each in sessions] == [
        (other.session_id, False, ELSEWHERE.ip),
        (actor.session_id, True, HOME.ip),
    ]
    assert {each.user_id for each in sessions} == {mine.user.id} != {stranger.user.id}


# ASVS 7.5.2
async def test_a_user_ends_one_of_their_own_sessions_only(shop: Shop) -> None:
    mine, stranger = await log_in(shop), await log_in(shop)
    lost = await shop.login(mine.user.email)
    actor = await shop.actor_of(mine.access_token)
    lost_id = (await shop.actor_of(lost.access_token)).session_id
    strange_id = (await shop.actor_of(stranger.access_token)).session_id
    ended = await shop.run(shop.auth.sessions.end, actor, lost_id)
    assert ended.id == lost_id
    assert await is_ended(shop, lost.access_token)
    for session_id in (strange_id, lost_id, UUID(int=7)):
        with pytest.raises(SessionNotFound):
            await shop.run(shop.auth.sessions.end, actor, session_id)
    assert not await is_ended(shop, stranger.access_token)


async def test_a_user_ends_all_their_other_sessions(shop: Shop) -> None:
    mine = await log_in(shop)
    others = [await shop.login(mine.user.email) for _ in range(3)]
    actor = await shop.actor_of(mine.access_token)
    assert await shop.run(shop.auth.sessions.end_others, actor) == 3
    assert not await is_ended(shop, mine.access_token)
    assert [await is_ended(shop, other.access_token) for other in others] == [True] * 3


# ASVS 7.3.1
async def test_an_idle_session_times_out(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(sessions=SessionLimits(idle=timedelta(minutes=10)))
    response = await log_in(shop)
    shop.clock.advance(timedelta(minutes=10))
    assert await is_ended(shop, response.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.refresh_token)


async def test_activity_keeps_a_session_alive(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(sessions=SessionLimits(idle=timedelta(minutes=5)))
    response = await log_in(shop)
    for _ in range(3):
        shop.clock.advance(timedelta(minutes=4))
        await shop.actor_of(response.access_token)
        await shop.auth.sessions.close()
    assert not await is_ended(shop, response.access_token)


# ASVS 7.3.2, 10.4.8
async def test_a_session_has_an_absolute_lifetime_despite_refreshes(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop(sessions=SessionLimits(idle=timedelta(days=2), absolute=timedelta(days=5)))
    response = await log_in(shop)
    for _ in range(4):
        shop.clock.advance(timedelta(days=1))
        response = await shop.refresh(response.refresh_token)
    shop.clock.advance(timedelta(days=1) - timedelta(minutes=1))
    response = await shop.refresh(response.refresh_token)
    assert not await is_ended(shop, response.access_token)
    shop.clock.advance(timedelta(minutes=1))
    assert await is_ended(shop, response.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.refresh_token)


# ASVS 7.4.2
@pytest.mark.parametrize("everywhere", [True, False])
async def test_disabling_a_user_takes_effect_at_the_next_request(shop: Shop, everywhere: bool) -> None:
    response = await log_in(shop)
    disable, enable = shop.auth.members.disable, shop.auth.members.enable
    await shop.run(disable, shop.system, response.user.id, everywhere=everywhere)
    assert await is_ended(shop, response.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.refresh_token)
    with pytest.raises(DomainError):
        await shop.login(response.user.email)
    await shop.run(enable, shop.system, response.user.id, everywhere=everywhere)
    assert (await shop.login(response.user.email)).user.is_active


async def test_a_user_disabled_directly_in_the_database_is_refused(shop: Shop, owner: Any) -> None:
    response = await log_in(shop)
    await owner.execute("update users set is_active = false where id = $1", response.user.id)
    assert await is_ended(shop, response.access_token)
    with pytest.raises(InvalidToken):
        await shop.refresh(response.refresh_token)


async def test_a_user_disabled_in_one_company_stays_active_in_another(
    shop: Shop, other_company: UUID, make_shop: Callable[..., Shop]
) -> None:
    other = make_shop(other_company)
    response = await log_in(shop)
    await other.login(response.user.email)
    await shop.run(shop.auth.members.disable, shop.system, response.user.id)
    assert await is_ended(shop, response.access_token)
    assert (await other.actor_of(response.access_token)).user_id == response.user.id


async def test_a_refresh_in_a_company_without_the_user_does_not_use_the_token(
    shop: Shop, other_company: UUID, make_shop: Callable[..., Shop]
) -> None:
    response = await log_in(shop)
    other = make_shop(other_company)
    await other.login(response.user.email)
    await other.run(other.auth.members.disable, other.system, response.user.id)
    with pytest.raises(InvalidToken):
        await other.refresh(response.refresh_token)
    assert (await shop.refresh(response.refresh_token)).user.id == response.user.id


async def test_a_change_of_role_takes_effect_at_the_next_request(shop: Shop) -> None:
    response = await log_in(shop)
    role = await shop.auth._roles.system_role(shop.db.reader(shop.company_id), SystemRole.SUPPORT)
    await shop.run(shop.auth.assign_role, shop.system, response.user.id, role.id)
    actor = await shop.actor_of(response.access_token)
    assert actor.role is not None
    assert (actor.role.code, len(actor.grants)) == ("SUPPORT", 12)


async def test_the_last_activity_is_recorded_once_a_minute_in_the_background(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = await log_in(shop)
    session_id = (await shop.actor_of(response.access_token)).session_id
    began, writes, may_write = shop.clock.now(), 0, asyncio.Event()
    run = Database.run

    async def wait_then_run(*args: Any, **more: Any) -> Any:
        nonlocal writes
        writes += 1
        await may_write.wait()
        return await run(*args, **more)

    monkeypatch.setattr(Database, "run", wait_then_run)
    shop.clock.advance(timedelta(seconds=59))
    await shop.actor_of(response.access_token)
    assert shop.auth.sessions._activity_tasks == {}
    shop.clock.advance(timedelta(seconds=1))
    with counting() as count:
        await asyncio.gather(*(shop.actor_of(response.access_token) for _ in range(5)))
        may_write.set()
        await shop.auth.sessions.close()
    assert (writes, count.data, count.control) == (1, 5, 0)
    assert (await stored(shop, session_id)).last_activity == began + timedelta(minutes=1)


async def test_a_failure_to_record_activity_fails_no_request(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    response = await log_in(shop)
    shop.clock.advance(timedelta(minutes=2))

    async def fail(*_args: object, **_more: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(Database, "run", fail)
    assert (await shop.actor_of(response.access_token)).user_id == response.user.id
    await shop.auth.sessions.close()


async def test_old_sessions_are_deleted_at_the_next_login(shop: Shop) -> None:
    response = await log_in(shop)
    actor = await shop.actor_of(response.access_token)
    await shop.refresh(response.refresh_token)
    shop.clock.advance(timedelta(days=91))
    again = await shop.logged_in(response.user.email)
    sessions = await data.user_session.find_many(shop.db.reader(None), where={"user_id": response.user.id})
    assert [row.id for row in sessions] == [again.session_id] != [actor.session_id]


@pytest.mark.parametrize("agent", ["x" * 10_000, "nul\0", "lone \ud800", "", None])
async def test_a_user_agent_of_any_content_can_log_in(shop: Shop, agent: str | None) -> None:
    user = await shop.account()
    response = await shop.login(user.email, PASSWORD, Origin("192.0.2.1", agent))
    (session,) = await live(shop, await shop.actor_of(response.access_token))
    assert len(session.user_agent or "") <= 255


async def test_a_refresh_executes_three_statements(shop: Shop) -> None:
    response = await log_in(shop)
    with counting() as count:
        await shop.refresh(response.refresh_token)
    assert (count.data, count.control) == (3, 2)
