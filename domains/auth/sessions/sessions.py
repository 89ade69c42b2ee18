"""Sessions: opened by a login, extended by single-use refresh tokens, ended by the owner or on token reuse."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from domains.auth import data, sql
from domains.auth.data import UserSessionRow, UserSessionUpdate
from domains.auth.errors import InvalidCredentials, InvalidToken, SessionNotFound, SessionRevoked
from domains.auth.events import LoggedIn, SessionEnded, SessionFamilyEnded
from domains.auth.models import AuthResponse, Origin, Session, SessionEndReason
from domains.auth.policy import require_user_id
from domains.auth.sessions.devices import Devices
from domains.auth.sessions.tokens import AccessTokens, digest, new_secret
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import Unauthenticated
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.role.service import RoleService

log = structlog.get_logger("auth")
ACTIVITY_INTERVAL = timedelta(minutes=1)
ENDED_RETENTION = timedelta(days=30)
CLOSE_SECONDS = 5.0
AGENT_LENGTH = 255
NEWEST_FIRST = Sort("id", UUID, "desc")


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """The lifetimes of a session: without activity, and in all (ASVS 7.3.1, 7.3.2, 10.4.8)."""

    idle: timedelta = timedelta(days=14)
    absolute: timedelta = timedelta(days=90)


class Sessions:
    """Opens, extends, lists and ends the sessions of users, and authenticates access tokens."""

    def __init__(
        self, roles: RoleService, tokens: AccessTokens, devices: Devices, clock: Clock, limits: SessionLimits
    ) -> None:
        self._roles = roles
        self._tokens = tokens
        self._devices = devices
        self._clock = clock
        self._limits = limits
        self._activity_tasks: dict[UUID, asyncio.Task[None]] = {}

    async def open(self, tx: Tx, user_id: UUID, password_hash: str | None, origin: Origin) -> AuthResponse:
        """Open a session for a user whose password was just checked, and make them a customer of the company.

        Raises InvalidCredentials when the user was disabled or the password changed since then. Emits user.logged_in.
        """
        now = self._clock.now()
        refresh_token = new_secret()
        session = await sql.open_session(
            tx,
            user_id,
            password_hash,
            digest(refresh_token),
            truncate_user_agent(origin),
            now=now,
            expires_at=now + self._limits.absolute,
        )
        if session is None:
            raise InvalidCredentials(user_id)
        await self._delete_old(tx, user_id, now)
        await sql.join_company(tx, user_id)
        response = await self._response(tx, session, refresh_token)
        if response is None:
            raise InvalidCredentials(user_id)
        tx.emit(LoggedIn(user_id=user_id, session_id=session.id))
        return replace(response, device_token=self._devices.issue(response.user.email, origin.device_token))

    async def refresh(self, tx: Tx, refresh_token: str, origin: Origin) -> AuthResponse:
        """Exchange a refresh token, which is then used up, for the next tokens. Of concurrent requests one succeeds.

        Reuse of a token ends its session: raises SessionRevoked, which commits, and emits user.session_family_ended.
        Raises InvalidToken for other invalid tokens, and for users without access to the company.
        """
        now = self._clock.now()
        used_hash, new_token = digest(refresh_token), new_secret()
        idle_since = now - self._limits.idle
        session = await sql.rotate(
            tx, used_hash, digest(new_token), truncate_user_agent(origin), now=now, idle_since=idle_since
        )
        if session is None:
            await self._end_if_reused(tx, used_hash)
            raise InvalidToken("This refresh token is invalid or has expired. Log in again.", field=_REFRESH)
        await data.spent_refresh_token.create_many(
            tx, [{"token_hash": used_hash, "session_id": session.id, "spent_at": now}]
        )
        response = await self._response(tx, session, new_token)
        if response is None:
            raise InvalidToken("You have no access to this company. Log in again.", field=_REFRESH)
        return response

    async def authenticate(self, db: Database, token: str, company_id: UUID) -> Actor:
        """The actor of an access token in a company, by the present state of its session. One statement.

        Raises Unauthenticated for an invalid token, an ended session, and a user who is disabled or not a member of
        the company. Activity is recorded at most once a minute, in the background.
        """
        claims = self._tokens.read(token)
        now = self._clock.now()
        reader = db.reader(company_id)
        found = await sql.actor(
            reader, claims.session_id, claims.user_id, now=now, idle_since=now - self._limits.idle
        )
        if found is None:
            raise Unauthenticated("The session has ended or has no access to this company. Log in again.")
        effective_role, last_activity = found
        if now - last_activity >= ACTIVITY_INTERVAL:
            self._record_activity(db, claims.session_id, company_id, now)
        grants = await self._roles.grants.get(reader, effective_role.role.id, effective_role.version)
        return Actor(ActorKind.USER, company_id, claims.user_id, claims.session_id, effective_role.role, grants)

    def seconds_left(self, token: str) -> float:
        """For how long an access token is still accepted. Raises Unauthenticated for one that is not valid."""
        return (self._tokens.read(token).valid_until - self._clock.now()).total_seconds()

    async def find(self, db: Reader, actor: Actor, page: PageArgs) -> Page[Session]:
        """A page of the actor's active sessions, newest first. Raises Unauthenticated."""
        rows = await fetch_page(data.user_session, db, page, sort=NEWEST_FIRST, where=self._active(actor))
        return rows.map(lambda row: _session(row, actor))

    async def find_by_id(self, db: Reader, actor: Actor, ids: Sequence[UUID]) -> list[Session]:
        """The actor's active sessions of these ids, in no order. One statement. Raises Unauthenticated."""
        rows = await data.user_session.find_many(db, where={**self._active(actor), "id": {"in": ids}})
        return [_session(row, actor) for row in rows]

    async def find_unended(self, db: Reader, user_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
        """Those of a user's sessions that nobody ended, though they may have expired. One statement."""
        where: data.UserSessionWhere = {"user_id": user_id, "id": {"in": ids}, "ended_at": None}
        return {row.id for row in await data.user_session.find_many(db, where=where)}

    def _active(self, actor: Actor) -> data.UserSessionWhere:
        """The condition of the actor's sessions that are neither ended nor expired."""
        now = self._clock.now()
        return {
            "user_id": require_user_id(actor),
            "ended_at": None,
            "expires_at": {"gt": now},
            "last_activity": {"gt": now - self._limits.idle},
        }

    async def end(self, tx: Tx, actor: Actor, session_id: UUID) -> Session:
        """End one of the actor's sessions and its access token. Raises SessionNotFound. Emits user.session_ended."""
        where: data.UserSessionWhere = {"id": session_id, "user_id": require_user_id(actor), "ended_at": None}
        row = await data.user_session.find_first(tx, where=where, lock=True)
        if row is None:
            raise SessionNotFound(session_id)
        reason = SessionEndReason.LOGOUT if session_id == actor.session_id else SessionEndReason.ENDED_BY_USER
        ended = await data.user_session.update(tx, id=row.id, data=self._end_data(reason))
        tx.emit(SessionEnded(user_id=row.user_id, session_id=row.id, end_reason=reason.value))
        return _session(ended, actor)

    async def end_others(self, tx: Tx, actor: Actor) -> int:
        """End all of the actor's sessions except the current one; how many ended. Emits as `end_all`."""
        return await self.end_all(
            tx, require_user_id(actor), SessionEndReason.ENDED_BY_USER, except_id=actor.session_id
        )

    async def end_all(self, tx: Tx, user_id: UUID, reason: SessionEndReason, *, except_id: UUID | None = None) -> int:
        """End all of a user's sessions, except the one of `except_id`; how many ended.

        Emits user.session_ended when any ended.
        """
        where: data.UserSessionWhere = {"user_id": user_id, "ended_at": None}
        if except_id is not None:
            where["NOT"] = {"id": except_id}
        count = await data.user_session.update_many(tx, where=where, data=self._end_data(reason))
        if count:
            tx.emit(SessionEnded(user_id=user_id, session_id=None, end_reason=reason.value))
        return count

    async def close(self) -> None:
        """Wait until all activity is recorded, a few seconds at most. For the end of the process."""
        if self._activity_tasks:
            await asyncio.wait(self._activity_tasks.values(), timeout=CLOSE_SECONDS)

    async def _response(self, tx: Tx, session: UserSessionRow, refresh_token: str) -> AuthResponse | None:
        user = next(iter(await sql.users_by_id(tx, [session.user_id])), None)
        if user is None or not user.is_active:
            return None
        access = self._tokens.issue(user.id, session.id)
        return AuthResponse(access.text, access.expires_at, refresh_token, session.expires_at, user)

    async def _end_if_reused(self, tx: Tx, used_hash: str) -> None:
        family = await sql.family(tx, used_hash)
        if family is None:
            return
        session_id, user_id, email = family
        where: data.UserSessionWhere = {"id": session_id, "ended_at": None}
        if await data.user_session.update_many(
            tx, where=where, data=self._end_data(SessionEndReason.REFRESH_TOKEN_REUSED)
        ):
            tx.emit(SessionFamilyEnded(user_id=user_id, session_id=session_id, email=email))
        raise SessionRevoked(user_id)

    async def _delete_old(self, tx: Tx, user_id: UUID, now: datetime) -> None:
        """Delete the user's sessions that expired, or ended 30 days ago."""
        stale: list[data.UserSessionWhere] = [
            {"expires_at": {"lt": now}},
            {"ended_at": {"lt": now - ENDED_RETENTION}},
        ]
        await data.user_session.delete_many(tx, where={"user_id": user_id, "OR": stale})

    def _end_data(self, reason: SessionEndReason) -> UserSessionUpdate:
        return {"ended_at": self._clock.now(), "end_reason": reason.value}

    def _record_activity(self, db: Database, session_id: UUID, company_id: UUID, now: datetime) -> None:
        if session_id in self._activity_tasks:
            return

        async def write(tx: Tx) -> None:
            where: data.UserSessionWhere = {"id": session_id, "last_activity": {"lt": now}}
            await data.user_session.update_many(tx, where=where, data={"last_activity": now})

        async def record() -> None:
            try:
                await db.run(write, Actor.system(company_id))
            except Exception:
                log.exception("session activity was not recorded", session_id=str(session_id))
            finally:
                self._activity_tasks.pop(session_id, None)

        # A context of its own, so that the write does not count as a statement of the request.
        self._activity_tasks[session_id] = asyncio.create_task(record(), context=Context())


_REFRESH = ("refresh_token",)


def truncate_user_agent(origin: Origin) -> Origin:
    """The origin with a user agent of at most 255 characters, without characters that PostgreSQL cannot store."""
    agent = (origin.user_agent or "").replace("\x00", "").encode("utf-8", "ignore").decode()
    return Origin(origin.ip, agent[:AGENT_LENGTH] or None)


def _session(row: UserSessionRow, actor: Actor) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_activity=row.last_activity,
        expires_at=row.expires_at,
        is_current=row.id == actor.session_id,
    )
